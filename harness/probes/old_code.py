"""The probe "old code": the release of before on the schema of after, with its operations and with boundary values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.evidence import Evidence, Finding, Measurement
from harness.operations import Operation
from harness.probes.binding import Binder, Bound, bind
from harness.probes.migrations import remedies
from harness.probes.probe import Options, Probe
from harness.probes.world import World
from harness.releases import Agent
from harness.rollout import Release
from harness.words import number

Try = tuple[str, str, str, str]
_ANSWERS = "Keep what old code reads as it was until that release is gone; change it in a later phase."


@dataclass
class Schema:
    """How the old release fares on one schema; `problems` names what could not be tried."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    bound: dict[str, Bound] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    tried: int = 0
    refused: dict[Try, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def works(self, name: str) -> bool:
        """Tell whether an operation answered as it should."""
        return bool(self.answers[name]["status"] in self.operations[name].expect)


class OldCode(Probe[Options]):
    """Runs the release that users still have on the migrated database; what worked before and fails there counts."""

    name: ClassVar[str] = "old code"
    title: ClassVar[str] = "the release of before on the schema of after: its operations, and boundary values"
    measures: ClassVar[dict[str, str]] = {
        "operations": "operations of the catalog that the old release was asked for",
        "failures": "operations and boundary writes that worked on the old schema and fail on the new one",
        "different answers": "reads that answer something else on the new schema",
        "tries": "reads, inserts and updates through the old release's models",
    }

    def measure(self, world: World, options: Options) -> Evidence:  # noqa: ARG002 - it has none
        """Try everything on a copy of the database before the phase, and on one after it."""
        release = world.served
        operations = [each for each in world.catalog.operation if not each.releases or release.name in each.releases]
        before = self._use(world, release, world.before(), operations, "before")
        after = self._use(world, release, world.after(), operations, "after")
        problems = [*before.problems, *after.problems, *_broken_before(before, release)]
        return Evidence(
            probe=self.name,
            outcome="error" if problems else "measured",
            reason=" ".join(problems),
            summary=_summary(release, before, after),
            measurements=_measurements(before, after),
            findings=[*_operations(before, after, release), *_differences(before, after), *_tries(before, after)],
            details={"tables": [_table(before, after)]},
        )

    def _use(
        self, world: World, release: Release, database: Database, operations: list[Operation], label: str
    ) -> Schema:
        """Send every operation once, rolled back, and let the models try boundary values."""
        schema = Schema()
        copy = world.copy(database, f"old code {label}")
        try:
            with world.agent(release, copy) as agent:
                progress = self._progress(world, label)
                _send(schema, world, agent, copy, operations, progress)
                tried = agent.call("try_old_code", progress=progress)
        finally:
            world.server.drop(copy)
        schema.tried = tried["tried"]
        schema.refused = {
            (each["model"], each["verb"], each["column"], each["case"]): each for each in tried["failures"]
        }
        return schema

    def _progress(self, world: World, label: str) -> Callable[[str, float, float], None]:
        def tell(message: str, done: float, total: float) -> None:
            world.progress(self.name, f"{label}: {message}", done, total)

        return tell


def _send(
    schema: Schema,
    world: World,
    agent: Agent,
    copy: Database,
    operations: list[Operation],
    progress: Callable[[str, float, float], None],
) -> None:
    def open_sessions(users: list[Any]) -> list[str]:
        cookies: list[str] = agent.call("open_sessions", users=users)
        return cookies

    with bind(world.catalog, copy, open_sessions=open_sessions) as binder:
        for operation in operations:
            _bind(schema, binder, operation)
        requests = [each.as_request() for each in schema.bound.values()]
        answers = agent.call("request", requests=requests, capture=False, rollback=True, progress=progress)
    schema.answers = dict(zip(schema.bound, answers, strict=True))


def _bind(schema: Schema, binder: Binder, operation: Operation) -> None:
    try:
        schema.bound[operation.name] = binder.first(operation)
        schema.operations[operation.name] = operation
    except (ProbeError, ConfigurationError) as error:
        schema.problems.append(str(error))


def _broken_before(before: Schema, release: Release) -> list[str]:
    """Name the operations that do not even work on the old schema: nothing can be said about them."""
    return [
        f"Operation {name!r} {_describe(before, name, release)} already before the phase."
        for name in before.answers
        if not before.works(name)
    ]


def _failing(before: Schema, after: Schema) -> list[str]:
    return [name for name in after.answers if not after.works(name) and name in before.answers and before.works(name)]


def _changed(before: Schema, after: Schema) -> list[str]:
    """Return the reads of the same path by the same person that answer something else."""
    same = [name for name in after.answers if name in before.answers and not after.operations[name].writes]
    same = [name for name in same if before.bound[name].path == after.bound[name].path]
    good = [name for name in same if before.works(name) and after.works(name)]
    return [name for name in good if before.answers[name]["sha256"] != after.answers[name]["sha256"]]


def _new(before: Schema, after: Schema) -> list[dict[str, Any]]:
    """Return the refusals that the old schema did not know, one for each model, verb and cause."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for key, each in after.refused.items():
        if key not in before.refused:
            cause = (each["model"], each["verb"], each["sqlstate"], each["constraint"] or each["column"])
            found.setdefault(cause, each)
    return list(found.values())


def _operations(before: Schema, after: Schema, release: Release) -> list[Finding]:
    return [
        Finding(
            code="old-code-operation-fails",
            severity="high",
            about=name,
            why=f"it {_describe(after, name, release)}; on the old schema it works",
            remedy=remedies.for_old_code("insert", after.answers[name]["database_error"].get("code", "")),
        )
        for name in _failing(before, after)
    ]


def _differences(before: Schema, after: Schema) -> list[Finding]:
    why = "the same request by the same person gets another answer from the old release than on the old schema"
    return [
        Finding(code="old-code-answers-differently", severity="medium", about=name, why=why, remedy=_ANSWERS)
        for name in _changed(before, after)
    ]


def _tries(before: Schema, after: Schema) -> list[Finding]:
    return [
        Finding(
            code=f"old-code-cannot-{each['verb']}",
            severity="high",
            about=f"{each['table']}.{each['column']}" if each["column"] else each["table"],
            why=f"{each['model']} cannot {each['verb']} ({each['case']}): {each['reason']}",
            remedy=remedies.for_old_code(each["verb"], each["sqlstate"]),
        )
        for each in _new(before, after)
    ]


def _describe(schema: Schema, name: str, release: Release) -> str:
    """Say what an operation answered instead of what it should, with names of the database but no rows."""
    answer, operation = schema.answers[name], schema.operations[name]
    place, objection = answer["culprit"], answer["database_error"]
    at = f" at {release.path}/{place['file']}:{place['line']}" if place else ""
    named = ", ".join(f"{key} {value}" for key, value in objection.items())
    error = f" ({answer['exception']}{at}{': ' if named else ''}{named})" if answer["exception"] else ""
    expected = " or ".join(map(str, operation.expect))
    return f"answers {answer['status']}{error} in release {release.name!r} instead of {expected}"


def _measurements(before: Schema, after: Schema) -> list[Measurement]:
    failures = len(_failing(before, after)) + len(_new(before, after))
    return [
        Measurement(name="operations", value=len(after.answers), unit="operations"),
        Measurement(name="failures", value=failures),
        Measurement(name="different answers", value=len(_changed(before, after)), unit="operations"),
        Measurement(name="tries", value=after.tried),
    ]


def _summary(release: Release, before: Schema, after: Schema) -> str:
    failing, refused = _failing(before, after), _new(before, after)
    count = len(after.answers) - len(failing)
    text = f"{release.name} release: {number(count, 'operation works', 'operations work')} on the new schema"
    if failing:
        text += f", {len(failing)} fail: {', '.join(failing[:3])}"
    if refused:
        text += f", {len(refused)} boundary writes fail: {refused[0]['table']} {refused[0]['column']}".rstrip()
    return text


def _table(before: Schema, after: Schema) -> dict[str, Any]:
    rows = [
        [name, before.answers[name]["status"] if name in before.answers else None, answer["status"]]
        for name, answer in after.answers.items()
    ]
    return {"title": "The old release's operations", "columns": ["operation", "before", "after"], "rows": rows}
