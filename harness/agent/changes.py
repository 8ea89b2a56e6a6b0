"""What a migration changes between two states of a project."""

from __future__ import annotations

from django.db.migrations.state import ProjectState

from harness.agent.samples.tries import is_here

Key = tuple[str, str]


def changed_tables(before: ProjectState, after: ProjectState) -> set[str]:
    """Return the tables of the models that differ between two states, with or without a statement."""
    tables = set()
    for key in _changed(before, after):
        for state in (before, after):
            if key in state.models:
                model = state.apps.get_model(*key)
                tables.add(model._meta.db_table)
                tables |= {field.m2m_db_table() for field in model._meta.local_many_to_many}
    return tables


def _changed(before: ProjectState, after: ProjectState) -> list[Key]:
    """Return the models that differ between two states, or that only one of them has."""
    both = set(before.models) & set(after.models)
    return sorted((set(before.models) ^ set(after.models)) | {k for k in both if before.models[k] != after.models[k]})


def elsewhere(before: ProjectState, after: ProjectState) -> list[str]:
    """Return the tables of the models that differ between two states and that routers keep for another database."""
    found = [(after if key in after.models else before).apps.get_model(*key) for key in _changed(before, after)]
    chosen = [each for each in found if each._meta.managed and not each._meta.proxy and not is_here(each)]
    return sorted(each._meta.db_table for each in chosen)
