"""Finds out what becomes of a model's content type when the model moves to another app."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.migrations.state import ProjectState

Model = tuple[str, str]
_TYPES = ("contenttypes", "contenttype")


class Moves:
    """Follows which model owns each table: one that takes over the table of another app's model has moved."""

    def __init__(self) -> None:
        self._owners: dict[str, Model] = {}
        self._moved: dict[Model, tuple[Model, str, str, str]] = {}

    def follow(self, before: ProjectState, after: ProjectState, app: str, migration: str) -> None:
        """Note the models that a migration adds to the state."""
        for key in sorted(set(after.models) - set(before.models)):
            options = after.apps.get_model(*key)._meta
            if options.proxy or not options.managed:
                continue
            owner = self._owners.setdefault(options.db_table, key)
            if owner[0] != key[0]:
                self._moved[key] = (owner, options.db_table, app, migration)

    def make_types(self, state: ProjectState) -> None:
        """Make the content types that ``migrate`` has made by now, but for those of models that have moved."""
        if _TYPES not in state.models:
            return
        types = state.apps.get_model(*_TYPES)._default_manager.using(DEFAULT_DB_ALIAS)
        there = set(types.values_list("app_label", "model"))
        wanted = set(state.models) - there - set(self._moved)
        types.bulk_create([types.model(app_label=app, model=model) for app, model in sorted(wanted)])

    def forget_types(self, state: ProjectState) -> None:
        """Empty the cache of content types: on another database they have other keys."""
        if _TYPES in state.models:
            manager = state.apps.get_model(*_TYPES)._default_manager
            getattr(manager, "clear_cache", lambda: None)()

    def left_behind(self, state: ProjectState) -> list[dict[str, Any]]:
        """Return the moves whose content type was neither renamed nor copied, with what may refer to the old one."""
        if _TYPES not in state.models:
            return []
        types = state.apps.get_model(*_TYPES)._default_manager.using(DEFAULT_DB_ALIAS)
        there = set(types.values_list("app_label", "model"))
        return [
            {
                "app": app,
                "migration": migration,
                "old": ".".join(old),
                "new": ".".join(new),
                "table": table,
                "permissions": ("auth", "permission") in state.models,
                "generic": _generic_tables(state),
            }
            for new, (old, table, app, migration) in self._moved.items()
            if old in there and new not in there
        ]


def _generic_tables(state: ProjectState) -> list[str]:
    """Return the tables that point at content types, so that rows there may name the old label."""
    found = set()
    for model in state.apps.get_models():
        for field in model._meta.concrete_fields:
            target = field.remote_field.model if field.remote_field else None
            if target is not None and target._meta.label_lower == "contenttypes.contenttype":
                found.add(model._meta.db_table)
    return sorted(found - {"auth_permission"})
