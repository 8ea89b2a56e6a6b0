"""Finds the migrations that change nothing but Django's own picture of the models, before they run."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations import AlterField, AlterModelManagers, AlterModelOptions, Migration
from django.db.migrations.state import ProjectState

# Exactly these: what derives from them, or runs code, may do what its SQL does not tell.
_KINDS = (AlterField, AlterModelManagers, AlterModelOptions)


def is_silent(migration: Migration, state: ProjectState) -> bool:
    """Tell whether a migration runs no SQL, there and back, by letting Django's schema editor only collect it."""
    if not all(type(each) in _KINDS for each in migration.operations):
        return False
    if all(isinstance(each, AlterModelManagers | AlterModelOptions) for each in migration.operations):
        return True
    return not _sql(migration, state, backwards=False) and not _sql(migration, state, backwards=True)


def _sql(migration: Migration, state: ProjectState, *, backwards: bool) -> list[str]:
    """Return the statements that a direction would run."""
    run = migration.unapply if backwards else migration.apply
    with connections[DEFAULT_DB_ALIAS].schema_editor(collect_sql=True, atomic=bool(migration.atomic)) as editor:
        run(state.clone(), editor, collect_sql=True)
    return [line for line in editor.collected_sql or [] if not line.startswith("--")]
