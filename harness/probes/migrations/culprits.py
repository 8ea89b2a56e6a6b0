"""Finds the operation of a migration that a table, a column or a constraint points at."""

from __future__ import annotations

import re

from harness.probes.migrations.facts import Migration, Step

_FIELDS = ("AddField", "RemoveField", "RenameField")
_MODELS = ("CreateModel", "DeleteModel", "RenameModel", "AlterModelTable")


def find(migration: Migration, table: str, *names: str) -> Step | None:
    """Return the operation that names most of these words in its statements or arguments, None where none does.

    A migration of one operation needs no search.
    """
    if len(migration.operations) == 1:
        return migration.operations[0]
    scored = [(_score(step, table, names), _weight(step.kind, names), -step.index) for step in migration.operations]
    best = max(scored, default=(0, 0, 0))
    return migration.operations[-best[2]] if best[0] else None


def _weight(kind: str, names: tuple[str, ...]) -> int:
    """Where several operations are named equally, what makes or removes a column, or a table, weighs most."""
    first, second = (_FIELDS, _MODELS) if any(names) else (_MODELS, _FIELDS)
    return 2 if kind in first else int(kind in second)


def _score(step: Step, table: str, names: tuple[str, ...]) -> int:
    text = " ".join([*step.details.values(), *(each.sql for each in (step.facts.statements if step.facts else []))])
    words = set(re.findall(r"\w+", text.lower()))
    bare = table.rpartition(".")[2].strip('"').lower()
    model = bare.partition("_")[2]
    at_table = bool({bare, model} & words)
    named = sum(bool({each.lower(), each.lower().removesuffix("_id")} & words) for each in names if each)
    return named * 2 + at_table if at_table or named else 0
