"""Which filters no index of PostgreSQL serves, whatever the number of rows: asked of the planner, nothing is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from harness.agent import statements
from harness.agent.capture import Capture

# Bitmap scans exist for every kind of index: where one serves a filter, it is taken, and no index in the order of the
# result that reads the whole table.
_OFF = ("seqscan", "indexscan", "indexonlyscan", "hashjoin", "mergejoin", "material", "memoize")
_CONDITIONS = ("Index Cond", "Recheck Cond", "TID Cond")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r'"([^"]+)"|\b([a-z_]\w*)\b')
_EXPLAINED = ("SELECT", "UPDATE", "DELETE", "WITH")


def find_unindexed(capture: Capture) -> dict[str, list[dict[str, Any]]] | None:
    """Return the unserved filters ({"table", "columns"}) by the fingerprint of the statement.

    The capture must have kept parameters, and a transaction must be open, which is left as it was. None: the database
    is no PostgreSQL, so nothing is known.
    """
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return None
    groups = [group for group in capture.groups if connections[group.alias].vendor == "postgresql"]
    found: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        key = statements.fingerprint(statements.normalise(group.sql))
        if key not in found and group.sql.lstrip(" (").upper().startswith(_EXPLAINED):
            found[key] = list(_unserved(_plan(group.alias, group.sql, group.params)))
    return {key: filters for key, filters in found.items() if filters}


def _plan(alias: str, sql: str, params: Any) -> dict[str, Any]:
    """Return the plan; the savepoint takes the settings back, and a statement that has no plan returns none."""
    connection = connections[alias]
    try:
        with transaction.atomic(alias), connection.cursor() as cursor:
            for name in _OFF:
                cursor.execute(f"SET LOCAL enable_{name} = off")
            # The statement is the one that Django sent a moment ago, its values go separately.
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)  # nosec B608
            answer = cursor.fetchone()[0]
            transaction.set_rollback(True, alias)
    except DatabaseError:
        return {}
    plan: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan


def _unserved(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the nodes that read a table, filter its rows, and come to them by no index."""
    if "Relation Name" in plan and "Filter" in plan and not any(name in plan for name in _CONDITIONS):
        columns = _columns(plan["Relation Name"], plan["Filter"])
        if columns:
            yield {"table": plan["Relation Name"], "columns": columns}
    for below in plan.get("Plans", []):
        yield from _unserved(below)


def _columns(table: str, condition: str) -> list[str]:
    """Return the columns that a filter names; its values are not looked at."""
    words = {quoted or plain for quoted, plain in _WORD.findall(_LITERAL.sub("", condition))}
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table]
    known = {field.column for model in models for field in model._meta.concrete_fields}
    return sorted(words & known)
