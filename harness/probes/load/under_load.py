"""The probe "migrations under load": nothing shows better whether a migration is safe."""

from __future__ import annotations

import threading
import time
from typing import Any, ClassVar

from harness.errors import HarnessError
from harness.evidence import Evidence, Finding, Measurement
from harness.probes.load.figures import percentile
from harness.probes.load.generator import generate
from harness.probes.load.probe import keep_rows, tell
from harness.probes.load.results import Answer, Results
from harness.probes.load.soundness import busy, unmeasured
from harness.probes.load.stage import LoadOptions, Stage
from harness.probes.probe import Options, Probe
from harness.probes.world import World
from harness.releases import Agent

STEADY = 1.0
FEWEST = 5
OVERLOADED = 1000.0


class UnderLoadOptions(LoadOptions, frozen=True, kw_only=True):
    """The options of the load, with a profile of their own."""

    profile: str = "migrating"


class UnderLoad(Probe[UnderLoadOptions]):
    """Applies the phase's migrations while users work with the release that served before."""

    name: ClassVar[str] = "migrations under load"
    title: ClassVar[str] = "the phase's migrations while users work: errors, the longest stall, p99 of each operation"
    options: ClassVar[type[Options]] = UnderLoadOptions
    measures: ClassVar[dict[str, str]] = {
        "errors": "requests with an unexpected status or without an answer, in the whole run",
        "longest stall": "longest response time of a request that met a migration, in ms",
        "operation p99": "99th percentile of the requests that met a migration's operation, in ms",
        "p99 before": "99th percentile of the requests that met no migration, in ms",
        "requests": "requests that met a migration",
        "seconds": "how long the migrations took under load",
        "operations": "operations of the migrations that were applied",
    }

    def measure(self, world: World, options: UnderLoadOptions) -> Evidence:
        """Serve, load, migrate meanwhile, and look at the requests that met a migration."""
        if not world.phase.migrations:
            return Evidence(probe=self.name, outcome="skipped", reason="The phase has no migrations.")
        stage = Stage(world, options)
        release = world.rollout.find_release(options.release) if options.release else world.served
        with (
            stage.stand(release, world.before()) as (served, database),
            world.agent(world.candidate, database) as agent,
        ):
            plan = stage.plan(database, served, {options.profile: stage.profile})
            migration = Migration(agent, world.phase.migrations, stage.profile.warmup + STEADY)
            progress = tell(world, options.profile)

            def follow(gone: float, total: float, done: int, errors: int) -> None:
                migration.start_after(gone)
                progress(gone, total, done, errors)

            results, raw = generate(
                plan,
                url=served.url,
                locustfile=stage.locustfile,
                folder=world.rollout.path("."),
                log=world.log("locust"),
                workers=options.workers,
                progress=follow,
                partly=keep_rows(world),
            )
            migration.wait()
        evidence = evidence_of(results, migration, stage.profile.least)
        path = world.artifact("load-during-migrations.json")
        path.write_bytes(raw)
        evidence.artifacts = [world.keep(path, "every request of the load run during the migrations")]
        return evidence


class Migration:
    """Migrates in a thread of its own, once the load is steady; `timed` are the operations with their times."""

    def __init__(self, agent: Agent, targets: list[str], after: float) -> None:
        self.timed: list[dict[str, Any]] = []
        self.failed = ""
        self.ended = 0.0
        self._after = after
        self._thread = threading.Thread(target=self._migrate, args=(agent, targets), daemon=True)

    def start_after(self, gone: float) -> None:
        """Start when so much of the run is gone; later calls change nothing."""
        if gone >= self._after and not self._thread.ident:
            self._thread.start()

    def wait(self) -> None:
        """Wait until it is done, if it was started."""
        if self._thread.ident:
            self._thread.join()

    def _migrate(self, agent: Agent, targets: list[str]) -> None:
        try:
            self.timed = agent.call("migrate_timed", targets=targets)
        except HarnessError as error:
            self.failed = str(error)
        self.ended = time.time()


def evidence_of(results: Results, migration: Migration, least: int) -> Evidence:
    """Return the evidence of a run during which migrations were applied."""
    answers = [answer for answer in results.answers() if answer.due >= results.warmup]
    met = {number: _met(answers, each, results.began) for number, each in enumerate(migration.timed)}
    touched = [answer for answer in answers if any(answer in each for each in met.values())]
    bad = [answer for answer in answers if not answer.ok]
    return Evidence(
        probe=UnderLoad.name,
        outcome="measured",
        summary=_summary(migration, touched, bad),
        unsound=_doubts(results, migration, answers, touched, least),
        measurements=_measurements(migration, answers, touched, met, bad),
        findings=_findings(migration, bad),
        details={"tables": [_table(migration, met)], "notes": ["An operation lasts until its migration is committed."]},
    )


def _met(answers: list[Answer], operation: dict[str, Any], start: float) -> list[Answer]:
    """Return the requests that were under way, or waited to be sent, at any moment of an operation."""
    began, ended = operation["began"] - start, operation["ended"] - start
    return [answer for answer in answers if answer.due <= ended and answer.due + answer.seconds >= began]


def _p99(answers: list[Answer]) -> float:
    return 1000 * percentile(sorted(answer.seconds for answer in answers), 0.99)


def _summary(migration: Migration, touched: list[Answer], bad: list[Answer]) -> str:
    if not touched:
        return "no request met a migration"
    stall = 1000 * max(answer.seconds for answer in touched)
    return f"{len(migration.timed)} operations, longest stall {stall:.0f} ms, {len(bad)} errors"


def _doubts(
    results: Results, migration: Migration, answers: list[Answer], touched: list[Answer], least: int
) -> list[str]:
    reasons = []
    if not migration.ended:
        reasons.append("the load ended before the migrations began")
    elif migration.ended - results.began > results.warmup + results.seconds:
        reasons.append("the migrations went on when the load was over: take a longer profile")
    if not migration.failed and len(touched) < FEWEST:
        reasons.append(f"only {len(touched)} requests met a migration, {FEWEST} are needed: take a higher rate")
    if len(answers) < least:
        reasons.append(f"only {len(answers)} requests were measured, the profile wants at least {least}")
    untouched = [answer for answer in answers if answer not in touched]
    if untouched and _p99(untouched) > OVERLOADED:
        said = f"the 99th percentile without any migration was {_p99(untouched):.0f} ms"
        reasons.append(f"the release was overloaded anyway: {said}; take a lower rate")
    if results.stopped:
        reasons.append(f"it was ended early: {results.stopped}")
    return [*reasons, *unmeasured(results), *busy(results)]


def _measurements(
    migration: Migration,
    answers: list[Answer],
    touched: list[Answer],
    met: dict[int, list[Answer]],
    bad: list[Answer],
) -> list[Measurement]:
    found = [
        Measurement(name="errors", value=len(bad)),
        Measurement(name="requests", value=len(touched)),
        Measurement(name="operations", value=len(migration.timed)),
    ]
    if migration.timed:
        took = migration.timed[-1]["ended"] - migration.timed[0]["began"]
        found.append(Measurement(name="seconds", value=took, unit="s"))
    if touched:
        stall = 1000 * max(answer.seconds for answer in touched)
        found.append(Measurement(name="longest stall", value=stall, unit="ms"))
    untouched = [answer for answer in answers if answer not in touched]
    if untouched:
        found.append(Measurement(name="p99 before", value=_p99(untouched), unit="ms"))
    for number, requests in met.items():
        if requests:
            each = migration.timed[number]
            about = f"{each['migration']} {number + 1}: {each['operation']}"
            found.append(Measurement(name="operation p99", value=_p99(requests), unit="ms", about=about))
    return found


def _findings(migration: Migration, bad: list[Answer]) -> list[Finding]:
    found = []
    if migration.failed:
        why = f"the migrations fail under load: {migration.failed}"
        found.append(Finding(code="migration-failed", severity="high", about="migrations", why=why))
    for operation in sorted({answer.operation for answer in bad}):
        statuses = sorted({answer.status for answer in bad if answer.operation == operation})
        said = ", ".join(str(status) if status else "no answer" for status in statuses)
        why = f"{operation!r} failed for users while the migrations ran: {said}"
        remedy = "Look at the facts of the migrations: what blocks it, or what does its query no longer find?"
        found.append(Finding(code="error-during-migration", severity="high", about=operation, why=why, remedy=remedy))
    return found


def _table(migration: Migration, met: dict[int, list[Answer]]) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for number, each in enumerate(migration.timed):
        requests = met[number]
        took = round(1000 * (each["ended"] - each["began"]))
        stall = round(1000 * max(answer.seconds for answer in requests)) if requests else "-"
        p99 = round(_p99(requests)) if requests else "-"
        errors = sum(not answer.ok for answer in requests)
        rows.append([each["migration"], each["operation"], took, len(requests), p99, stall, errors])
    columns = ["migration", "operation", "ms until committed", "requests", "p99 ms", "longest ms", "errors"]
    return {"title": "Operations under load", "columns": columns, "rows": rows}
