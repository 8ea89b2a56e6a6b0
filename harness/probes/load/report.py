"""Turns a run under load into evidence: measurements, findings, doubts, tables and charts."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from harness.evidence import Evidence, Finding, Measurement
from harness.probes.load.failures import failures
from harness.probes.load.figures import PERCENTILES, Figures
from harness.probes.load.plan import Plan, mean_think
from harness.probes.load.profiles import FREE, Profile
from harness.probes.load.results import Results
from harness.probes.load.server import Watch
from harness.probes.load.soundness import believed, doubts
from harness.probes.load.thresholds import Reading, read_thresholds

MEASURES = {
    "p50": "median response time in ms, counted from when a request was due",
    "p95": "95th percentile of the response time in ms",
    "p99": "99th percentile of the response time in ms",
    "max": "longest response time in ms",
    "operation p50": "median response time of each operation in ms",
    "operation p95": "95th percentile of the response time of each operation in ms",
    "operation p99": "99th percentile of the response time of each operation in ms",
    "operation max": "longest response time of each operation in ms",
    "requests": "measured requests",
    "error share": "requests with an unexpected status or without an answer, in %",
    "broken thresholds": "limits of the profile that were not kept",
    "rate asked": "requests due per second; only where the profile has a rate",
    "rate achieved": "requests sent in time and answered, per second",
    "generator cpu": "the load generator's share of one core, in %",
    "machine cpu": "how busy the whole machine was, in %",
    "server cpu": "the share of one core that the server's processes used, in %, without the database's",
    "server cpu per request": "CPU time of the server's processes per request in ms, without the database's",
    "queries per request": "queries that the server sent per request",
    "operation queries": "queries that the server sent per request of each operation",
    "database time per request": "time that the server waited for the database per request, in ms",
    "operation database time": "time that the server waited for the database per request of each operation, in ms",
    "memory": "largest memory of the server's processes in MiB",
    "memory growth": "growth of that memory from the first third of the run to the last, in %; only for 6 s and longer",
    "connections": "most connections to the database at once; only with PostgreSQL",
    "waiting for locks": "most connections that waited for a lock at once; only with PostgreSQL",
    "rolled back": "transactions that the database rolled back meanwhile; only with PostgreSQL",
    "deadlocks": "deadlocks that the database counted meanwhile; only with PostgreSQL",
}


class Told(NamedTuple):
    """One run: what was asked, what came, and what the server did meanwhile."""

    plan: Plan
    profile: Profile
    name: str
    results: Results
    server: Watch
    software: str
    release: str

    def figures(self) -> Figures:
        """Return the figures against what the plan asked; a run that was ended early was asked less."""
        until = self.results.ended if self.results.stopped else float("inf")
        plan = msgspec.structs.replace(self.plan, operations=self.plan.of(self.results.people))
        think = mean_think(plan.operations, plan.think) if not self.profile.is_open else 0.0
        return Figures(self.results, plan.asked(self.profile, until), think=think)


def evidence_of(told: Told) -> Evidence:
    """Return the evidence of one run."""
    figures = told.figures()
    growth = told.server.memory_growth(told.profile.warmup)
    readings = believed(read_thresholds(told.profile.thresholds, figures, growth), told.results)
    unsound = doubts(figures, told.profile, told.plan.build)
    unsound += [f"the server ended: {told.server.gone}"] if told.server.gone else []
    unsound += [f"{each.words}" for each in readings if each.state == "no data" and figures.requests]
    return Evidence(
        probe="load",
        outcome="measured",
        summary=_summary(figures),
        unsound=unsound,
        measurements=_measurements(figures, told.server, growth, readings),
        findings=[*failures(figures, told.plan), *_broken(readings)],
        details=_details(figures, told, readings),
    )


def _summary(figures: Figures) -> str:
    times = figures.percentiles()
    if not times:
        return "no request was answered"
    errors = sum(figures.failures().values())
    return f"p95 {times['p95']:.0f} ms at {figures.rate_achieved():.1f} requests/s, {errors} errors"


def _measurements(figures: Figures, server: Watch, growth: float | None, readings: list[Reading]) -> list[Measurement]:
    found = [
        Measurement(name="requests", value=figures.requests),
        Measurement(name="broken thresholds", value=sum(each.state == "broken" for each in readings)),
        Measurement(name="rate achieved", value=figures.rate_achieved(), unit="1/s"),
        Measurement(name="generator cpu", value=figures.generator_cpu, unit="%"),
        Measurement(name="machine cpu", value=figures.machine_cpu, unit="%"),
        *_server(server, growth),
    ]
    if figures.rate_asked:
        found.append(Measurement(name="rate asked", value=figures.rate_asked, unit="1/s"))
    if not figures.requests:
        return found
    found.append(Measurement(name="error share", value=figures.error_share(), unit="%"))
    if server.samples:
        cpu = 1000 * server.cpu_seconds / len(figures.all)
        found.append(Measurement(name="server cpu per request", value=cpu, unit="ms"))
    found += [Measurement(name=name, value=value, unit="ms") for name, value in figures.percentiles().items()]
    found += _costs(figures, "", "queries per request", "database time per request")
    for operation in figures.by_operation:
        for name, value in figures.percentiles(operation).items():
            found.append(Measurement(name=f"operation {name}", value=value, unit="ms", about=operation))
        found += _costs(figures, operation, "operation queries", "operation database time")
    return found


def _server(server: Watch, growth: float | None) -> list[Measurement]:
    if not server.samples:
        return []
    found = [
        Measurement(name="server cpu", value=server.cpu_share, unit="%"),
        Measurement(name="memory", value=max(each.memory for each in server.samples) / 2**20, unit="MiB"),
    ]
    if growth is not None:
        found.append(Measurement(name="memory growth", value=growth, unit="%"))
    if any(each.connections for each in server.samples):
        found.append(Measurement(name="connections", value=max(each.connections for each in server.samples)))
        found.append(Measurement(name="waiting for locks", value=max(each.waiting for each in server.samples)))
    totals = server.totals()
    found += [Measurement(name=name, value=totals[name]) for name in ("rolled back", "deadlocks") if name in totals]
    return found


def _costs(figures: Figures, operation: str, queries: str, time: str) -> list[Measurement]:
    found = []
    for name, column, unit in ((queries, "queries", ""), (time, "database", "ms")):
        value = figures.mean(column, operation)
        if value is not None:
            found.append(Measurement(name=name, value=value, unit=unit, about=operation))
    return found


def _broken(readings: list[Reading]) -> list[Finding]:
    return [
        Finding(
            code="threshold-broken",
            severity="high",
            about=each.about or each.measure,
            why=each.words.partition(";")[0] + ", and is not",
            remedy=f"Make it faster or cheaper, or change the threshold in the profile: {each.words}.",
        )
        for each in readings
        if each.state == "broken"
    ]


def _details(figures: Figures, told: Told, readings: list[Reading]) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for operation, answers in figures.by_operation.items():
        times = figures.percentiles(operation)
        errors = sum(not answer.ok for answer in answers)
        costs = [figures.mean(column, operation) for column in ("queries", "database", "cpu")]
        known = ["-" if cost is None else round(cost, 1) for cost in costs]
        rows.append([operation, len(answers), *(round(times[label], 1) for label, _ in PERCENTILES), *known, errors])
    columns = ["operation", "requests", *dict(PERCENTILES), "queries", "database", "CPU", "errors"]
    tables: list[dict[str, Any]] = [
        {"title": "Response times in ms, and cost per request", "columns": columns, "rows": rows}
    ]
    if readings:
        limits = [[each.words, each.state] for each in readings]
        tables.append({"title": "Limits of the profile", "columns": ["limit", "state"], "rows": limits})
    if totals := told.server.totals():
        rows = [[name, count, round(count / max(1, len(figures.all)), 2)] for name, count in totals.items()]
        columns = ["counted by the database", "in all", "for each request"]
        tables.append({"title": "The database's own statistics", "columns": columns, "rows": rows})
    if statements := told.server.statements():
        columns = ["statement", "calls", "mean ms"]
        tables.append({"title": "Statements that took the most time", "columns": columns, "rows": statements})
    return {
        "tables": tables,
        "charts": _charts(figures, told.server),
        "notes": _notes(told),
        "profile": msgspec.to_builtins(told.profile),
    }


def _charts(figures: Figures, server: Watch) -> list[dict[str, Any]]:
    seconds = figures.per_second()
    charts = [
        {
            "title": "95th percentile over time",
            "kind": "line",
            "unit": "ms",
            "labels": [f"{each[0]:.0f} s" for each in seconds],
            "series": [{"name": "p95", "values": [each[2] for each in seconds]}],
        }
    ]
    if len(server.samples) > 1:
        memory = [round(each.memory / 2**20, 1) for each in server.samples]
        charts.append(
            {
                "title": "Memory of the server's processes",
                "kind": "line",
                "unit": "MiB",
                "labels": [f"{each.seconds:.0f} s" for each in server.samples],
                "series": [{"name": "memory", "values": memory}],
            }
        )
    return charts


def _notes(told: Told) -> list[str]:
    profile = told.profile
    unchecked = "The certificate of the host was not checked (--insecure)."
    return [
        f"Release {told.release!r} on {told.software}, profile {told.name!r}: {levels(profile)} "
        f"after {profile.warmup:g} s of warm-up that are left out.",
        "Times count from when a request was due, so a stall counts against all that were due meanwhile."
        if profile.is_open
        else "People wait for their answers; what they did not send meanwhile is added, as HdrHistogram corrects it.",
        *([unchecked] if told.plan.trust.insecure else []),
    ]


def levels(profile: Profile) -> str:
    """Return what a profile asks in words."""
    if profile is FREE:
        return "people until somebody stopped them"
    unit = "requests per second" if profile.is_open else "people"
    parts = [
        f"{'up or down to ' if each.ramp else ''}{each.rate or each.people:g} {unit} for {each.seconds:g} s"
        for each in profile.steps
    ]
    return ", then ".join(parts)
