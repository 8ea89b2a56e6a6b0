"""The probe "load"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from harness.evidence import Evidence
from harness.probes.load.generator import generate
from harness.probes.load.report import MEASURES, Told, evidence_of
from harness.probes.load.results import Results
from harness.probes.load.server import watch
from harness.probes.load.stage import LoadOptions, Stage
from harness.probes.probe import Options, Probe
from harness.probes.world import World

Progress = Callable[[float, float, int, int], None]


class Load(Probe[LoadOptions]):
    """Serves the platform after the phase and sends it what users do, as a profile asks."""

    name: ClassVar[str] = "load"
    title: ClassVar[str] = "the served platform under load: response times, errors, soundness of the measurement"
    options: ClassVar[type[Options]] = LoadOptions
    measures: ClassVar[dict[str, str]] = MEASURES

    def measure(self, world: World, options: LoadOptions) -> Evidence:
        """Run one profile against a copy of the migrated database."""
        stage = Stage(world, options)
        progress = tell(world, options.profile)
        with stage.open() as (plan, served, database), watch(served, database) as server:

            def look(gone: float, total: float, done: int, errors: int) -> None:
                server.look()
                progress(gone, total, done, errors)

            def told(results: Results) -> Told:
                server.look()
                name = served.release.name
                return Told(plan, stage.profile, options.profile, results, server, served.server, name)

            results, raw = generate(
                plan,
                url=served.url,
                locustfile=stage.locustfile,
                folder=world.rollout.path("."),
                log=world.log("locust"),
                workers=options.workers,
                progress=look,
                partly=lambda results, raw: keep_partly(world, told(results), raw),
            )
            return evidence_with(world, told(results), raw)


def tell(world: World, name: str) -> Progress:
    """Return what tells the world how far a run of a profile is."""

    def progress(gone: float, total: float, done: int, errors: int) -> None:
        world.progress("load", f"{name}: {done} answers, {errors} errors", gone, total)

    return progress


def evidence_with(world: World, told: Told, raw: bytes, name: str = "load.json") -> Evidence:
    """Return the evidence of a run, with all its requests as an artifact of that name."""
    evidence = evidence_of(told)
    path = world.artifact(name)
    path.write_bytes(raw)
    evidence.artifacts = [world.keep(path, "every request of the load run: operation, due, late, service, status")]
    evidence.started = datetime.fromtimestamp(told.results.began, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    evidence.seconds = round(told.results.ended, 3)
    return evidence


def keep_partly(world: World, told: Told, raw: bytes) -> None:
    """Add the evidence of an interrupted run to the run's folder: it says that it was ended early."""
    world.run.append(evidence_with(world, told, raw, "load-interrupted.json"))


def keep_rows(world: World) -> Callable[[Results, bytes], None]:
    """Return what keeps the requests of an interrupted run, under a name that says so."""

    def keep(_results: Results, raw: bytes) -> None:
        world.artifact("load-interrupted.json").write_bytes(raw)

    return keep
