"""The probe "load"."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from harness.evidence import Evidence
from harness.probes.load.generator import generate
from harness.probes.load.report import MEASURES, Told, evidence_of
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

            results, raw = generate(
                plan,
                url=served.url,
                locustfile=stage.locustfile,
                folder=world.rollout.path("."),
                log=world.log("locust"),
                workers=options.workers,
                progress=look,
                partly=keep_partly(world),
            )
            server.look()
            told = Told(plan, stage.profile, options.profile, results, server, served.server, served.release.name)
            evidence = evidence_of(told)
        path = world.artifact("load.json")
        path.write_bytes(raw)
        evidence.artifacts = [world.keep(path, "every request of the load run: operation, due, late, service, status")]
        return evidence


def tell(world: World, name: str) -> Progress:
    """Return what tells the world how far a run of a profile is."""

    def progress(gone: float, total: float, done: int, errors: int) -> None:
        world.progress("load", f"{name}: {done} answers, {errors} errors", gone, total)

    return progress


def keep_partly(world: World) -> Callable[[bytes], None]:
    """Return what keeps the requests of an interrupted run, under a name that says so."""

    def keep(raw: bytes) -> None:
        world.artifact("load-interrupted.json").write_bytes(raw)

    return keep
