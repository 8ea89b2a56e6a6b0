"""Compares the tables of models as they are with the tables that Django would make for these models now."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import Error, connection, models, transaction

_SCHEMA = "harness_drift"
_COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
    FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_KEYS = """
    SELECT CASE WHEN i.indisunique THEN 'unique' ELSE 'index' END,
           regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
    FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisvalid
    UNION ALL
    SELECT CASE c.contype WHEN 'f' THEN 'foreign key' ELSE 'check' END,
           replace(regexp_replace(pg_get_constraintdef(c.oid),
                   ' (ON DELETE|ON UPDATE|DEFERRABLE|NOT VALID).*', ''), %s, '')
    FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype IN ('f', 'c')
"""
Drift = dict[tuple[str, str, str], dict[str, str]]


def drift(chosen: list[type[models.Model]]) -> Drift:
    """Return where tables differ from their models so that code fails or rules are missing; PostgreSQL only.

    Each is {"code", "table", "column", "what"}. What only the database has and nobody trips over (a nullable column, an
    index) is no drift. Everything is made in a schema of its own and rolled back.
    """
    found: Drift = {}
    if connection.vendor != "postgresql":
        return found
    for model in chosen:
        for each in _of_model(model):
            found[each["code"], each["table"], each["what"]] = each
    return found


def _of_model(model: type[models.Model]) -> list[dict[str, str]]:
    table = model._meta.db_table
    if table not in connection.introspection.table_names(include_views=True):
        return [_drift("drift-table-missing", table, "", "the models have it, the database has not")]
    try:
        with transaction.atomic():
            try:
                wanted = _as_django_makes_it(model)
                actual = _read(connection.ops.quote_name(table))
            finally:
                transaction.set_rollback(True)
    except (Error, FieldDoesNotExist, LookupError, ValueError, TypeError):
        return []
    return [*_columns(table, wanted[0], actual[0]), *_rules(table, wanted[1], actual[1])]


def _as_django_makes_it(model: type[models.Model]) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        [path] = cursor.fetchone()
        cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
        cursor.execute("SELECT set_config('search_path', %s, true)", (f"{_SCHEMA}, {path}",))
        with connection.schema_editor(atomic=False) as editor:
            editor.create_model(model)
        made = _read(f"{_SCHEMA}.{connection.ops.quote_name(model._meta.db_table)}")
        cursor.execute("SELECT set_config('search_path', %s, true)", (path,))
    return made


def _read(table: str) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, (table,))
        columns = {name: (kind, required, filled) for name, kind, required, filled in cursor.fetchall()}
        cursor.execute(_KEYS, (table, f"{_SCHEMA}.", table))
        return columns, {(kind, text) for kind, text in cursor.fetchall()}


def _columns(table: str, wanted: dict[str, Any], actual: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for name, (kind, required, filled) in wanted.items():
        if name not in actual:
            found.append(
                _drift("drift-column-missing", table, name, f"the models have column {name}, the table has not")
            )
            continue
        has, is_required, is_filled = actual[name]
        if has != kind:
            found.append(_drift("drift-type", table, name, f"column {name} is {has}, the models say {kind}"))
        if is_required and not required and not is_filled:
            what = f"column {name} is NOT NULL, the models allow NULL"
            found.append(_drift("drift-not-null", table, name, what))
        if required and not is_required:
            found.append(_drift("drift-nullable", table, name, f"column {name} allows NULL, the models do not"))
        if filled and not is_filled:
            what = f"column {name} has no default in the database, the models rely on one"
            found.append(_drift("drift-default", table, name, what))
    for name, (_, required, filled) in actual.items():
        if name not in wanted and required and not filled:
            what = f"column {name} is NOT NULL without default and unknown to the models: they cannot insert"
            found.append(_drift("drift-not-null", table, name, what))
    return found


def _rules(table: str, wanted: set[tuple[str, str]], actual: set[tuple[str, str]]) -> list[dict[str, str]]:
    missing = [_drift(f"drift-{_CODES[kind]}-missing", table, "", f"the models have {kind} {text}, the table has not")
               for kind, text in sorted(wanted - actual)]  # fmt: skip
    stricter = [
        _drift("drift-unique-unknown", table, "", f"the table has {kind} {text}, the models do not know it")
        for kind, text in sorted(actual - wanted)
        if kind == "unique"
    ]
    return [*missing, *stricter]


_CODES = {"unique": "unique", "index": "index", "foreign key": "foreign-key", "check": "check"}


def _drift(code: str, table: str, column: str, what: str) -> dict[str, str]:
    return {"code": code, "table": table, "column": column, "what": what}
