"""Migrates forward and backward as Django's own command does, with several targets in one plan."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.exceptions import AmbiguityError, CircularDependencyError, NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState
from django.utils.module_loading import module_has_submodule

from harness.agent.protocol import Failed, Report, clean, procedure

Key = tuple[str, str]
Target = tuple[str, "str | None"]
Plan = list[tuple[Migration, bool]]


class Progress:
    """Tells the harness when a migration begins and when it is done; `total` is the length of the plan."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._done = 0
        self.total = 0

    def __call__(self, action: str, migration: Migration | None = None, fake: bool = False, /) -> None:  # noqa: ARG002
        """Hear what Django's executor is doing."""
        if migration is not None:
            self._done += action in ("apply_success", "unapply_success")
            self._report(f"{migration.app_label}.{migration.name}", self._done, self.total)


@procedure
def migrate(report: Report, targets: list[str] | None = None, plan_only: bool = False) -> dict[str, Any]:
    """Bring the database to the targets: "app" (its newest), "app.0003" (unique prefix), "app.zero"; None: everything.

    Returns the migrations that were applied and unapplied, in order; with `plan_only` those that would be.
    """
    executor = open_executor(report)
    goals = resolve(executor.loader, targets)
    plan = executor.migration_plan(goals)
    return describe(plan) if plan_only else run(executor, goals, plan)


@procedure
def unapply(report: Report, migrations: list[list[str]]) -> dict[str, Any]:
    """Unapply exactly these migrations, in reverse order of dependency; those that are not applied are left alone."""
    executor = open_executor(report)
    plan = backward_plan(executor, {(app, name) for app, name in migrations})
    return run(executor, [], plan)


def open_executor(report: Report | None = None) -> MigrationExecutor:
    """Return Django's executor, checked as Django's command checks it; `report` hears of each migration."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "management"):
            import_module(".management", config.name)
    connection.prepare_database()
    try:
        executor = MigrationExecutor(connection)
    except Exception as error:
        name, broken = _broken() or ("", error)
        raise Failed(f"The migrations do not load: {name and f'{name}, '}{_said(broken)}.") from error
    executor.loader.check_consistent_history(connection)
    conflicts = executor.loader.detect_conflicts()
    if conflicts:
        named = "; ".join(f"{app}: {', '.join(sorted(names))}" for app, names in conflicts.items())
        raise Failed(f"Several migrations claim to be the newest ({named}); merge them with makemigrations --merge.")
    executor.progress_callback = Progress(report) if report else None  # type: ignore[assignment]
    return executor


def _broken() -> tuple[str, BaseException] | None:
    """Import every migration and return the first one that cannot be imported, with the reason."""
    for config in apps.get_app_configs():
        package = MigrationLoader.migrations_module(config.label)[0]
        if not package or not module_has_submodule(config.module, package.rpartition(".")[2]):
            continue
        for found in iter_modules(import_module(package).__path__):
            try:
                import_module(f"{package}.{found.name}")
            except Exception as error:  # noqa: BLE001 - whatever a module raises is the reason
                return f"{config.label}.{found.name}", error
    return None


def _said(error: BaseException) -> str:
    """Return what is wrong with the migrations in words."""
    if isinstance(error, CircularDependencyError):
        return f"they depend on each other in a circle: {error}"
    if isinstance(error, NodeNotFoundError):
        return f"{error.message.rstrip('.')}"
    return f"{type(error).__name__}: {clean(error)}".rstrip(". ")


def resolve(loader: MigrationLoader, targets: list[str] | None) -> list[Target]:
    """Turn targets as people write them into Django's; raises Failed that names the unknown one."""
    if targets is None:
        return list(loader.graph.leaf_nodes())
    return [goal for target in targets for goal in _resolve_one(loader, target)]


def _resolve_one(loader: MigrationLoader, target: str) -> list[Target]:
    app, _, name = target.partition(".")
    if app not in loader.migrated_apps:
        known = ", ".join(sorted(loader.migrated_apps))
        raise Failed(
            f"The migration target {target!r} names an app without migrations; apps with migrations are {known}."
        )
    if not name:
        return [key for key in loader.graph.leaf_nodes() if key[0] == app]
    if name == "zero":
        return [(app, None)]
    return [_find(loader, app, name)]


def _find(loader: MigrationLoader, app: str, name: str) -> Key:
    try:
        key = (app, loader.get_migration_by_prefix(app, name).name)
    except AmbiguityError:
        raise Failed(f"Several migrations of {app!r} begin with {name!r}; write more of the name.") from None
    except KeyError:
        raise Failed(f"The app {app!r} has no migration that begins with {name!r}.") from None
    if key not in loader.graph.nodes and key in loader.replacements:
        return loader.replacements[key].replaces[-1]
    return key


def backward_plan(executor: MigrationExecutor, keys: set[Key]) -> Plan:
    """Plan to unapply exactly these; raises Failed when an applied migration that is not among them depends on one."""
    loader = executor.loader
    wanted = {key for key in keys if key in loader.applied_migrations}
    for key in sorted(wanted):
        if key not in loader.graph.nodes:
            raise Failed(f"The migration {'.'.join(key)} is recorded as applied, but this release does not have it.")
        for child in loader.graph.node_map[key].children:
            if child.key in loader.applied_migrations and child.key not in wanted:
                raise Failed(f"{'.'.join(key)} cannot be unapplied alone: {'.'.join(child.key)} depends on it.")
    everything = executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True)
    return [
        (migration, True) for migration, _ in reversed(everything) if (migration.app_label, migration.name) in wanted
    ]


def run(executor: MigrationExecutor, goals: list[Target], plan: Plan) -> dict[str, Any]:
    """Carry out a plan with the signals that Django's command sends (content types and permissions come from them)."""
    callback: Any = executor.progress_callback
    if isinstance(callback, Progress):
        callback.total = len(plan)
    before = executor._create_project_state(  # type: ignore[attr-defined]
        with_applied_migrations=True
    )
    announce(before, plan)
    after = executor.migrate(goals, plan=plan, state=before.clone())
    emit_post_migrate_signal(0, False, connection.alias, apps=_final_apps(after), plan=plan)
    return describe(plan)


def announce(state: ProjectState, plan: Plan) -> None:
    """Send the signal with which Django's command begins: content types follow models that are renamed."""
    emit_pre_migrate_signal(0, False, connection.alias, apps=state.apps, plan=plan)


def describe(plan: Plan) -> dict[str, Any]:
    """Return a plan in JSON types."""
    return {
        "applied": [[migration.app_label, migration.name] for migration, backward in plan if not backward],
        "unapplied": [[migration.app_label, migration.name] for migration, backward in plan if backward],
    }


def _final_apps(state: ProjectState) -> Any:
    """Render all models of the final state with their relations, as Django's command does before post_migrate."""
    state.clear_delayed_apps_cache()
    final = state.apps
    with final.bulk_update():
        keys = [(model.app_label, model.name_lower) for model in final.real_models]
        for key in keys:
            final.unregister_model(*key)
    final.render_multiple([ModelState.from_model(apps.get_model(*key)) for key in keys])
    return final
