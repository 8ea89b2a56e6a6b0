"""The probe "load"."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import msgspec

from harness.evidence import Evidence, Finding, Measurement
from harness.probes.load.figures import PERCENTILES, Figures
from harness.probes.load.generator import generate
from harness.probes.load.profiles import Profile
from harness.probes.load.stage import LoadOptions, Stage
from harness.probes.probe import Options, Probe
from harness.probes.world import World
from harness.rollout import Release

_MEASURES = {
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
    "rate asked": "requests due per second",
    "rate achieved": "requests sent in time and answered, per second",
    "generator cpu": "the load generator's share of one core, in %",
    "machine cpu": "how busy the whole machine was, in %",
    "server cpu per request": "CPU time of the server's processes per request in ms, without the database's",
}


class Load(Probe[LoadOptions]):
    """Serves the platform after the phase and sends it what users do, at a constant rate."""

    name: ClassVar[str] = "load"
    title: ClassVar[str] = "the served platform under load: response times, errors, soundness of the measurement"
    options: ClassVar[type[Options]] = LoadOptions
    measures: ClassVar[dict[str, str]] = _MEASURES

    def measure(self, world: World, options: LoadOptions) -> Evidence:
        """Run one profile against a copy of the migrated database."""
        stage = Stage(world, options)
        with stage.open() as (plan, served):
            before = served.usage().cpu_seconds
            results, raw = generate(
                plan,
                url=served.url,
                locustfile=stage.locustfile,
                folder=world.rollout.path("."),
                log=world.log("locust"),
                progress=_progress(world, options.profile),
            )
            cpu = served.usage().cpu_seconds - before
            server = served.server
        figures = Figures(results, _asked(plan), stage.profile.least)
        evidence = _evidence(self.name, figures, cpu)
        evidence.details = _details(figures, stage.profile, options.profile, stage.release, server)
        path = world.artifact("load.json")
        path.write_bytes(raw)
        evidence.artifacts = [world.keep(path, "every request of the load run: operation, due, late, service, status")]
        return evidence


def _progress(world: World, name: str) -> Any:
    def progress(gone: float, total: float, done: int, errors: int) -> None:
        world.progress("load", f"{name}: {done} answers, {errors} errors", gone, total)

    return progress


def _asked(plan: dict[str, Any]) -> Counter[str]:
    """Count what is due while measuring, by operation."""
    return Counter(
        plan["requests"][request]["operation"]
        for group in plan["groups"]
        for due, request in group["arrivals"]
        if due >= plan["warmup"]
    )


def _evidence(probe: str, figures: Figures, cpu: float) -> Evidence:
    return Evidence(
        probe=probe,
        outcome="measured",
        summary=_summary(figures),
        unsound=figures.unsound(),
        measurements=_measurements(figures, cpu),
        findings=_findings(figures),
    )


def _summary(figures: Figures) -> str:
    times = figures.percentiles()
    if not times:
        return "no request was answered"
    errors = sum(figures.failures().values())
    return f"p95 {times['p95']:.0f} ms at {figures.rate_achieved:.1f} requests/s, {errors} errors"


def _measurements(figures: Figures, cpu: float) -> list[Measurement]:
    found = [
        Measurement(name="requests", value=figures.requests),
        Measurement(name="rate asked", value=figures.rate_asked, unit="1/s"),
        Measurement(name="rate achieved", value=figures.rate_achieved, unit="1/s"),
        Measurement(name="generator cpu", value=figures.generator_cpu, unit="%"),
        Measurement(name="machine cpu", value=figures.machine_cpu, unit="%"),
    ]
    if not figures.requests:
        return found
    found.append(Measurement(name="error share", value=figures.error_share, unit="%"))
    found.append(Measurement(name="server cpu per request", value=1000 * cpu / len(figures.all), unit="ms"))
    found += [Measurement(name=name, value=value, unit="ms") for name, value in figures.percentiles().items()]
    for operation in sorted({answer.operation for answer in figures.measured}):
        for name, value in figures.percentiles(operation).items():
            found.append(Measurement(name=f"operation {name}", value=value, unit="ms", about=operation))
    return found


def _findings(figures: Figures) -> list[Finding]:
    findings = []
    for (operation, status), count in sorted(figures.failures().items()):
        code = "server-error" if status >= 500 else "unexpected-status" if status else "no-answer"
        said = f"answered {status}" if status else "did not answer"
        findings.append(
            Finding(
                code=code,
                severity="high",
                about=operation,
                why=f"{operation!r} {said} under load",
                remedy=f"Look for it in the log of the server; it happened {count} times in this run.",
            )
        )
    return findings


def _details(figures: Figures, profile: Profile, name: str, release: Release, server: str) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for operation in sorted({answer.operation for answer in figures.measured}):
        answers = [answer for answer in figures.measured if answer.operation == operation]
        times = figures.percentiles(operation)
        errors = sum(not answer.ok for answer in answers)
        rows.append([operation, len(answers), *(round(times[label], 1) for label, _ in PERCENTILES), errors])
    seconds = figures.per_second()
    return {
        "tables": [
            {
                "title": "Response times in ms",
                "columns": ["operation", "requests", *dict(PERCENTILES), "errors"],
                "rows": rows,
            }
        ],
        "charts": [
            {
                "title": "95th percentile over time",
                "kind": "line",
                "unit": "ms",
                "labels": [f"{each[0]:.0f} s" for each in seconds],
                "series": [{"name": "p95", "values": [each[2] for each in seconds]}],
            },
        ],
        "notes": [
            f"Release {release.name!r} on {server}, profile {name!r}: {profile.rate:g} requests per second for "
            f"{profile.seconds:g} s after {profile.warmup:g} s of warm-up that are left out.",
            "Times count from when a request was due, so a stall counts against all that were due meanwhile.",
        ],
        "profile": msgspec.to_builtins(profile),
    }
