"""The safe form of an operation, for every kind of hazard."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INDEX = (
    "Build it with AddIndexConcurrently (django.contrib.postgres.operations) in a migration of its own with "
    "atomic = False."
)
_UNIQUE = (
    "Build a unique index CONCURRENTLY first (RunSQL, atomic = False), then attach it: ALTER TABLE ... ADD "
    "CONSTRAINT ... UNIQUE USING INDEX, with state_operations for the constraint."
)
_COLUMN_WITH_INDEX = (
    "Add the column without unique, index and constraint (db_index=False, db_constraint=False); build the index "
    "with AddIndexConcurrently, and add the foreign key NOT VALID and validate it, in later migrations."
)
_CHECK = "Use AddConstraintNotValid, and ValidateConstraint in a later migration (django.contrib.postgres.operations)."
_NOT_NULL = (
    "Add CHECK (column IS NOT NULL) with AddConstraintNotValid, validate it with ValidateConstraint in a later "
    "migration, then set NOT NULL: PostgreSQL takes the valid check as proof and does not read the table."
)
_FOREIGN_KEY = (
    "Add the constraint NOT VALID (RunSQL: ALTER TABLE ... ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID), and "
    "validate it in a later migration."
)
_CHECK_OF_FIELD = (
    "Add the CHECK of the field NOT VALID (RunSQL: ALTER TABLE ... ADD CONSTRAINT ... CHECK (...) NOT VALID, with "
    "state_operations for the field), and validate it in a later migration."
)
_SAME_KEY = (
    "Change the column alone (RunSQL, with state_operations for the field): Django drops the foreign key and validates "
    "it anew, PostgreSQL needs neither."
)
_COLUMN_WITH_RULE = (
    "Add the column without its CHECK or foreign key; add that NOT VALID, and validate it, in later migrations."
)
_RENAMED = (
    "Rename in the state only (SeparateDatabaseAndState), and let Meta.db_table and db_column keep the old names: "
    "renaming a model renames the columns that point at it and checks their foreign keys again."
)
_NEW_COLUMN = (
    "Add a second column of the new kind (nullable, or with a constant db_default), fill it in batches, let both "
    "releases write both, and switch over in a later phase."
)
_GENERATED = (
    "PostgreSQL computes a stored generated column by writing the table anew: make it an ordinary column that the code "
    "keeps up, filled in batches, or compute it when it is read."
)
_FILLED_LATER = (
    "Add the column as nullable without its default, set the default in the same migration (new rows get it from then "
    "on), fill the old rows in batches, and make it NOT NULL last."
)
_BATCHES = (
    "Fill in batches, each in a transaction of its own: RunPython(..., atomic=False) in a migration with atomic = "
    "False, separate from schema changes."
)
_SPLIT = "Put this operation into a later migration, so that the lock of the one before is released first."
SEPARATE = "Put the data into a migration of its own (atomic = False, in batches), between those that alter the schema."
_VALIDATE_LATER = "Put ValidateConstraint into a later migration: there it blocks neither reads nor writes."
_DEFAULT = (
    "Give the new column a db_default (or null=True) while the old release still writes, and drop it in a later phase."
)
_EXPAND = (
    "Expand first: add the new name beside the old one, let both releases work, and remove or rename in the phase "
    "after the old release is gone."
)
_LOOSER = (
    "Keep the old rule while the old release still writes; tighten it (NOT VALID, then validated) when it is gone."
)
_BY_KIND = {
    "LeftOpen": "Commit what the migration begins, or leave the transaction to Django: atomic = True is the default.",
    "ReachesBeyond": "Leave it out: a migration changes its own database; the server belongs to who runs it.",
}
_REVERSE = "restore"
_IN_FORWARD = (
    "Split the migration so that its reverse does this in the safe form too, or plan the way back for a quiet hour."
)


def for_work(code: str, kind: str, work: str = "rows", sql: Sequence[str] = ()) -> str:
    """Return the safe form of an operation that works under a lock, by the code of its hazard, its kind and its SQL.

    `work` is what it does there; what would block by itself needs its own safe form in the later migration too.
    """
    if code == "slow-work-under-lock":
        return _SPLIT if work == "rows" else f"{_SPLIT} There: {for_work(f'{work}-blocks-reads', kind, sql=sql)}"
    if code == "validated-in-the-same-transaction":
        return _VALIDATE_LATER
    if code == "rows-written-in-one-transaction":
        return _BATCHES
    if code.startswith("rewrite"):
        return _rewrite(kind, "; ".join(sql))
    if code.startswith("scan"):
        return _scan(code, kind, "; ".join(sql))
    return _index(kind, "; ".join(sql))


def _rewrite(kind: str, sql: str) -> str:
    if " GENERATED ALWAYS AS " in sql:
        return _GENERATED
    return _FILLED_LATER if kind == "AddField" and " DEFAULT " in sql else _NEW_COLUMN


def _scan(code: str, kind: str, sql: str) -> str:
    if "Constraint" in kind:
        return _CHECK
    if kind == "AlterField" and "SET NOT NULL" not in sql:
        if validated_anew(sql):
            return _SAME_KEY
        if " CHECK " in sql:
            return _CHECK_OF_FIELD
        if " FOREIGN KEY " in sql:
            return _FOREIGN_KEY
    if kind == "AddField":
        return _COLUMN_WITH_RULE
    if kind == "RenameModel":
        return _RENAMED
    return _NOT_NULL if code == "scan-blocks-reads" else _FOREIGN_KEY


def validated_anew(sql: str) -> bool:
    """Tell whether statements drop a foreign key only to add the same one again."""
    return re.search(r'DROP CONSTRAINT ("[^"]+")(?s:.*)ADD CONSTRAINT \1 FOREIGN KEY', sql) is not None


def _index(kind: str, sql: str) -> str:
    if kind == "AddField":
        return _COLUMN_WITH_INDEX
    is_unique = kind in ("AddConstraint", "AlterUniqueTogether") or re.search(r"ADD CONSTRAINT \S+ UNIQUE ", sql)
    return _UNIQUE if is_unique else _INDEX


def for_old_code(verb: str, sqlstate: str, kind: str = "") -> str:
    """Return how old code keeps working, by the verb that failed, the database's reason, and the kind of operation."""
    if sqlstate in ("42703", "42P01") or verb == "read":
        return _EXPAND
    return _DEFAULT if sqlstate == "23502" and verb == "insert" and kind != "AlterField" else _LOOSER


def for_way_back(irreversible: bool) -> str:
    """Return what makes a way back possible, or quiet."""
    return _REVERSE if irreversible else _IN_FORWARD


def for_failure(kind: str, left: str, invalid: list[str], *, outside: bool) -> str:
    """Return how to get out of a migration that broke off with an exception; `left` says what it left.

    `outside` tells that a statement runs outside a transaction only.
    """
    if outside:
        return "Give the migration atomic = False and leave nothing else in it."
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    cleanup = f" Drop the invalid indexes first: DROP INDEX CONCURRENTLY {', '.join(invalid)}." if invalid else ""
    if "left nothing behind" in left or "changed nothing" in left:
        return f"Correct the operation and migrate again; there is nothing to clean up.{cleanup}"
    return (
        "Correct the operation; before migrating again undo by hand what is named as done, or make it repeatable "
        f"(IF NOT EXISTS).{cleanup}"
    )
