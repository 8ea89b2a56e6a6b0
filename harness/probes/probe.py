"""What every probe is, and how the probes are found."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

import harness.probes
from harness import configuration
from harness.errors import UsageError
from harness.evidence import Evidence
from harness.probes.world import World


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of a probe in ``rollout.toml``; a probe that has any declares a subclass."""


Chosen = TypeVar("Chosen", bound=Options)


class Probe(ABC, Generic[Chosen]):
    """Measures one kind of thing and returns evidence; it never decides.

    `name` is its name in the rollout file, `title` one line for ``probe --list``, `needs` the probes whose evidence
    must be
    there first, `measures` every measurement that it can give with its meaning and unit (a criterion on another name
    is a
    configuration error), `uses_database` whether a server is provisioned before anything starts.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    measures: ClassVar[dict[str, str]] = {}
    uses_database: ClassVar[bool] = True
    options: ClassVar[type[Options]] = Options

    @abstractmethod
    def measure(self, world: World, options: Chosen) -> Evidence:
        """Measure and return evidence; raising a HarnessError becomes evidence with outcome "error"."""

    def check(self, world: World, options: Chosen) -> None:
        """Raise UsageError or ConfigurationError where a person must still say something; called before any work."""

    def read_options(self, raw: dict[str, Any], where: str) -> Chosen:
        """Check the options of the rollout file; raises ConfigurationError."""
        read: Any = configuration.convert(raw, self.options, where)
        return read  # type: ignore[no-any-return]


@cache
def registry() -> dict[str, Probe[Any]]:
    """Find all probes by walking the package: every concrete subclass of Probe that a module or folder defines."""
    for module in pkgutil.iter_modules(harness.probes.__path__, "harness.probes."):
        importlib.import_module(module.name)
    found = [kind() for kind in _concrete(Probe)]
    return {probe.name: probe for probe in sorted(found, key=lambda probe: probe.name)}


def find(name: str) -> Probe[Any]:
    """Return the probe of that name; raises UsageError that lists the names there are."""
    probes = registry()
    if name not in probes:
        raise UsageError(f"There is no probe {name!r}; the probes are {', '.join(probes)}.")
    return probes[name]


def _concrete(kind: type[Any]) -> list[type[Any]]:
    below = [each for child in kind.__subclasses__() for each in _concrete(child)]
    return [kind, *below] if "name" in vars(kind) else below
