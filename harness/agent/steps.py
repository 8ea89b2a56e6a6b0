"""One project's migrations, step by step, with its states in memory; the harness copies the database in between."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

from harness.agent import migrate
from harness.agent.aliases import on, point_all_at_the_same, use
from harness.agent.changes import Key, changed_tables, elsewhere
from harness.agent.facts import words
from harness.agent.facts.catalog import table_rows
from harness.agent.facts.catalog_rules import Seen, catalog_rules
from harness.agent.facts.drift import drift
from harness.agent.facts.failure import describe_failure
from harness.agent.facts.moved import Moves
from harness.agent.facts.record import MigrationRecord
from harness.agent.observe import database_of, describe, open_recorder
from harness.agent.old_code import culprit
from harness.agent.protocol import Failed, Report
from harness.agent.rows import Writer, in_order, is_own_app
from harness.agent.samples import content
from harness.agent.samples.builder import Builder
from harness.agent.samples.fill import fill, without
from harness.agent.samples.rules import Rules
from harness.agent.samples.tries import Failure, Tries, distinct, own_models
from harness.agent.silent import is_silent

_FIRST_FILLED, _FIRST_LATE = 50_000_000, 90_000_000


class Steps:
    """The plan, how far it has come, and the states of the project around the last step."""

    def __init__(self) -> None:
        self._executor = migrate.open_executor()
        point_all_at_the_same()
        loader = self._executor.loader
        self.plan: list[Migration] = [
            each for each, backwards in self._executor.migration_plan(loader.graph.leaf_nodes()) if not backwards
        ]
        self.position = 0
        self._state: ProjectState = self._executor._create_project_state(  # type: ignore[attr-defined]
            with_applied_migrations=True
        )
        self._before = self._state
        self._failed: set[Key] = set()
        self._record: MigrationRecord | None = None
        self._catalog: Seen = {}
        self._drift: set[tuple[str, str, str]] = set()
        self._drifted: set[str] = set()
        self._moves = Moves()
        self._touched: set[str] = set()
        self._filled: set[str] = set()
        self._replayed = 0
        self._replayed_state = self._state.clone()
        migrate.announce(self._state, [(each, False) for each in self.plan])

    def describe(self) -> dict[str, Any]:
        """Return the plan in JSON types."""
        return {
            "database": database_of(connections[DEFAULT_DB_ALIAS]),
            "migrations": [_listed(each) for each in self.plan],
            "replaced": {".".join(key): [".".join(old) for old in each.replaces]
                         for key, each in self._executor.loader.replacements.items()},
        }  # fmt: skip

    def name(self) -> str:
        """Name the next migration."""
        migration = self.plan[self.position]
        return f"{migration.app_label}.{migration.name}"

    def pass_over(self, report: Report, position: int) -> dict[str, Any] | None:
        """Apply plainly up to a position."""
        while self.position < position:
            report(self.name(), self.position, len(self.plan))
            failure = self._apply(observed=False)["failure"]
            if failure:
                return failure  # type: ignore[no-any-return]
        self._catalog = catalog_rules()
        return None

    def replay(self, report: Report, database: str) -> dict[str, Any] | None:
        """Bring another database to where the last step began, without any row but those of the migrations."""
        use(database)
        self._executor.recorder._has_table = False  # type: ignore[attr-defined]  # it remembers that of another database
        for migration in self.plan[self._replayed : self.position - 1]:
            self._replayed += 1
            if (migration.app_label, migration.name) in self._failed:
                continue
            report(f"without sample rows: {migration.app_label}.{migration.name}", self._replayed, len(self.plan))
            try:
                self._replayed_state = self._executor.apply_migration(self._replayed_state, migration)
            except Exception as error:  # noqa: BLE001 - whatever a migration raises is what was observed
                return describe_failure(error, [describe(migration)], [(migration, False)])
        return None

    def turn_to(self, database: str) -> None:
        """Take the last step back in memory, and go on with another database."""
        use(database)
        self.position -= 1
        self._failed.discard((self.plan[self.position].app_label, self.plan[self.position].name))
        self._filled.clear()
        self._catalog = catalog_rules()
        self._moves.forget_types(self._state)

    def fill(self, rows: int, also: set[str], left_out: set[str]) -> dict[str, int]:
        """Fill tables of own and other apps, and make the content types that are there in production."""
        labels = also | {each.app_label for each in self.plan if is_own_app(each.app_label)}
        self._moves.make_types(self._state)
        chosen = [each for each in own_models(self._state.apps) if each._meta.app_label in labels]
        chosen = [each for each in without(in_order(chosen), left_out) if each._meta.db_table not in self._filled]
        there = fill(chosen, rows, _FIRST_FILLED + 10_000 * self.position) if rows else {}
        self._filled |= set(there)
        return there

    def is_next_silent(self) -> bool:
        """Tell whether the next migration runs no SQL, there and back."""
        return is_silent(self.plan[self.position], self._state)

    def forward(self) -> dict[str, Any]:
        """Apply the next migration, observed; what cannot run without a failed one is passed over."""
        result = self._apply(observed=True)
        catalog = catalog_rules()
        result["catalog"] = [each for key, each in catalog.items() if key not in self._catalog]
        self._catalog = catalog
        return result

    def examine(self, before: str, *, old_code: bool) -> dict[str, Any]:
        """Try the models of before on the database of now, and compare the tables with the models of now."""
        record = self._last()
        result: dict[str, Any] = {"old_code": None, "drift": []}
        if old_code and not before:
            result["old_code"] = {"tried": 0, "models": [], "failures": []}
        elif old_code:
            with on(before):
                old = self._models(self._before)
                known, rules = _tried(old)[1], Rules.read()
            tried, failures = _tried(old)
            now = Rules.read()
            new = [each for key, each in failures.items() if key not in known and not rules.had(each, now)]
            result["old_code"] = {
                "tried": tried,
                "models": [model._meta.label for model in old],
                "failures": [{**each.to_json(), "index": culprit(record, each)} for each in distinct(new)],
            }
        found = drift(self._models(self._state, existing=False))
        result["drift"] = [each for key, each in found.items() if key not in self._drift]
        self._drift |= set(found)
        self._drifted |= {each["table"] for each in result["drift"]}
        return result

    def remaining(self) -> dict[str, Any]:
        """Return what is still in the catalog, and which tables still drift: a later migration may have mended it."""
        chosen = [each for each in own_models(self._state.apps, existing=False) if each._meta.db_table in self._drifted]
        return {
            "catalog": list(catalog_rules().values()),
            "drift": list(drift(chosen).values()),
            "left_behind": self._moves.left_behind(self._state),
        }

    def back(self, before: str, after: str, late_writes: int) -> dict[str, Any]:
        """Go back on a copy and compare."""
        names = self._tables()
        with on(before):
            old = content.read(names)
        rules = Rules.read()
        with on(after):
            keys = self._write_late(late_writes)
            late = content.read(names)
            record, failure = self._unapply()
            now = content.read(names) if not failure else {}
            return {
                "record": record.to_json(),
                "failure": failure,
                "late_rows": sum(map(len, keys.values())),
                "changes": [] if failure else content.changes(old, now),
                "late_changes": [] if failure else content.late_changes(old, late, now, _by_id(keys, late)),
                "new_code": None if failure else self._new_code(rules),
            }

    def back_silently(self) -> dict[str, Any]:
        """Go back where the line is, and count as applied again; raises Failed where that ran any SQL."""
        forward = self._last()
        record, failure = self._unapply()
        self._record_applied(self.plan[self.position - 1])
        if any(each.facts.statements for each in [*forward.operations, *record.operations]):
            raise Failed(f"{forward.app}.{forward.name} ran SQL that it did not announce.")
        new_code = {"tried": 0, "models": [], "failures": []}
        return {"record": record.to_json(), "failure": failure, "late_rows": 0, "changes": [], "late_changes": [],
                "new_code": new_code}  # fmt: skip

    def _record_applied(self, migration: Migration) -> None:
        # Not by the executor's own method, whose arguments differ between versions of Django.
        for app, name in [*migration.replaces, (migration.app_label, migration.name)]:
            self._executor.recorder.record_applied(app, name)

    def unmigrated(self) -> list[str]:
        """Return the apps whose models differ from the state that their migrations give."""
        from django.db.migrations.autodetector import MigrationAutodetector
        from django.db.migrations.questioner import NonInteractiveMigrationQuestioner

        loader = self._executor.loader
        questioner = NonInteractiveMigrationQuestioner(specified_apps=set(), dry_run=True)
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
        changed = detector.changes(graph=loader.graph)
        own = [app for app in changed if is_own_app(app) and apps.get_app_config(app).models_module]
        return sorted(own)

    def _apply(self, *, observed: bool) -> dict[str, Any]:
        migration = self.plan[self.position]
        self.position += 1
        key = (migration.app_label, migration.name)
        if self._failed & set(migration.dependencies):
            self._failed.add(key)
            return {"skipped": True, "record": None, "failure": None, "elsewhere": []}
        record = self._record = describe(migration)
        connection = connections[DEFAULT_DB_ALIAS]
        is_postgres = connection.vendor == "postgresql"
        tables = table_rows(connection) if observed and is_postgres else {}
        recorder = open_recorder(connection, full=observed)
        self._before = self._state.clone()
        failure = None
        try:
            with recorder.migration(migration, record, backwards=False):
                self._state = self._executor.apply_migration(self._state, migration)
            self._moves.follow(self._before, self._state, *key)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a migration raises is what was observed
            failure = describe_failure(error, [record], [(migration, False)])
            self._state = self._before
            self._failed.add(key)
        finally:
            recorder.close()
        if observed:
            self._touched = _named(record) | changed_tables(self._before, self._state)
            self._filled -= self._touched
        result = {"skipped": False, "record": record.to_json(), "failure": failure, "tables": tables}
        return {**result, "elsewhere": elsewhere(self._before, self._state) if observed else []}

    def _unapply(self) -> tuple[MigrationRecord, dict[str, Any] | None]:
        """Unapply the last migration on the database in use; the states stay as they are."""
        migration = self.plan[self.position - 1]
        record = describe(migration)
        recorder = open_recorder(connections[DEFAULT_DB_ALIAS], full=True)
        state = self._before.clone()
        # A state that came step by step may relate classes of before; Django renders the one that it goes back from.
        state.clear_delayed_apps_cache()
        try:
            with recorder.migration(migration, record, backwards=True):
                self._executor.unapply_migration(state, migration)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a migration raises is what was observed
            return record, describe_failure(error, [record], [(migration, True)])
        finally:
            recorder.close()
        return record, None

    def _write_late(self, rows: int) -> dict[str, set[tuple[str, ...]]]:
        """Write rows through the models of now; returns the hashed keys that were not there before, by table id."""
        if not rows:
            return {}
        chosen = self._models(self._state)
        names = {model._meta.db_table for model in chosen}
        before = content.read(names)
        writer = Writer(Builder(_FIRST_LATE))
        for model in in_order(chosen):
            writer.write(model, rows)
        after = content.read(names)
        return {each: set(table.rows) - set(before[each].rows) for each, table in after.items() if each in before}

    def _new_code(self, rules: Rules) -> dict[str, Any]:
        """Let the models of after the migration try the schema that going back leaves, with ordinary rows.

        What a rule of both schemas (`rules` are those of the new one) refuses is due to the rows that are there.
        """
        tried, failures = _tried(self._models(self._state, existing=False), only_basics=True)
        now = Rules.read()
        found = distinct([each for each in failures.values() if _is_of_schema(each) and not rules.had(each, now)])
        return {"tried": tried, "models": [], "failures": [{**each.to_json(), "index": None} for each in found]}

    def _models(self, state: ProjectState, *, existing: bool = True) -> list[type[models.Model]]:
        """Return the models of a state whose tables the last migration touched."""
        found = own_models(state.apps, existing=existing)
        return [each for each in found if each._meta.db_table in self._touched]

    def _tables(self) -> set[str]:
        """Return the tables that the last migration touched, and all of its app, as they are before and after it."""
        app = self.plan[self.position - 1].app_label
        both = [
            each for state in (self._before, self._state) for each in state.apps.get_models(include_auto_created=True)
        ]
        touched = {each for each in both if each._meta.app_label == app or each._meta.db_table in self._touched}
        return {each._meta.db_table for each in touched}

    def _last(self) -> MigrationRecord:
        if self._record is None:
            raise Failed("There was no step yet.")
        return self._record


_BASICS = {"some rows", "ordinary row", "any row", "the same values"}


def _tried(chosen: list[type[models.Model]], *, only_basics: bool = False) -> tuple[int, dict[Any, Failure]]:
    tried, failures = 0, {}
    for model in chosen:
        tries = Tries(model).run(boundaries=not only_basics)
        tried += tries.tried
        failures.update(tries.failures)
    return tried, failures


def _is_of_schema(failure: Failure) -> bool:
    """Tell whether a failure may come from the schema, not from values that nobody knows."""
    return failure.case in _BASICS and (failure.verb == "read" or bool(failure.sqlstate))


def _named(record: MigrationRecord) -> set[str]:
    """Return every name that the statements of a migration mention."""
    statements = [sql for operation in record.operations for sql in operation.facts.statements]
    return {name for sql in statements for name in words.names(sql)}


def _by_id(keys: dict[str, set[tuple[str, ...]]], late: dict[str, content.Table]) -> dict[str, set[tuple[str, ...]]]:
    return {each: wanted for each, wanted in keys.items() if each in late and wanted}


def _listed(migration: Migration) -> dict[str, Any]:
    record = describe(migration)
    own = is_own_app(migration.app_label)
    return {"app": record.app, "migration": record.name, "file": record.file, "own": own}
