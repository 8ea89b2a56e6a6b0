"""Asks the release's interpreter what it has installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness import subprocesses
from harness.errors import ProbeError
from harness.probes.world import World
from harness.releases.interpreter import python
from harness.temporary import temporary_folder

SCRIPT = Path(__file__).with_name("installed.py")
SECONDS = 120.0


class Distribution(msgspec.Struct, frozen=True):
    """What an installed distribution requires, and the modules that it provides."""

    requires: list[str] = []
    modules: list[str] = []


class Environment(msgspec.Struct, frozen=True):
    """What is installed, by canonical name, and what markers ask."""

    environment: dict[str, str]
    distributions: dict[str, Distribution]

    def applies(self, requirement: Requirement, extras: Iterable[str] = ()) -> bool:
        """Tell whether a requirement holds in this interpreter, for any of the extras."""
        marker = requirement.marker
        return marker is None or any(marker.evaluate({**self.environment, "extra": each}) for each in ("", *extras))

    def distribution(self, name: str) -> Distribution:
        """Return what is known of a distribution; raises ProbeError where it is not installed."""
        if name not in self.distributions:
            raise ProbeError(
                f"{name} is not installed where the release runs, so what it needs is unknown; install it."
            )
        return self.distributions[name]

    def closure(self, declared: Iterable[Requirement]) -> dict[str, str]:
        """Return the name of each distribution that is needed, with the one that needs it ("" if it is declared)."""
        waiting = [(each, "") for each in declared if self.applies(each)]
        needed: dict[str, str] = {}
        seen = set()
        while waiting:
            requirement, by = waiting.pop(0)
            name = canonicalize_name(requirement.name)
            needed.setdefault(name, by)
            if (key := (name, frozenset(requirement.extras))) not in seen:
                seen.add(key)
                inner = map(Requirement, self.distribution(name).requires)
                waiting += [(each, name) for each in inner if self.applies(each, requirement.extras)]
        return needed


def read_environment(world: World) -> Environment:
    """Ask the candidate's interpreter; raises ProbeError where it does not answer."""
    log = world.log("dependencies")
    with temporary_folder("dependencies") as scratch:
        output = Path(scratch, "installed.json")
        code = subprocesses.run(
            [python(world.rollout, world.candidate), str(SCRIPT), str(output)],
            folder=Path(scratch),
            log=log,
            environment=subprocesses.clean_environment(world.candidate.environment),
            seconds=SECONDS,
        )
        if code != 0 or not output.is_file():
            raise ProbeError(f"The release's interpreter does not tell its packages: {subprocesses.last_words(log)}")
        return msgspec.json.decode(output.read_bytes(), type=Environment)
