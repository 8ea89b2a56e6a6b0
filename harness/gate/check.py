"""Finds what cannot work in the plan of a phase before anything starts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from harness.errors import ConfigurationError
from harness.gate.criteria import FINDINGS, parse
from harness.operations import Catalog
from harness.probes.probe import registry
from harness.rollout import Criterion, Phase, ProbeEntry, Rollout, Waiver


def check(rollout: Rollout, phase: Phase) -> None:
    """Check probes, options, criteria and waivers of a phase; raises ConfigurationError for the first that is wrong."""
    for name in phase.probes:
        if phase.probes.count(name) > 1:
            raise ConfigurationError(f"{_at(phase)}: probe {name!r} is listed twice; merge its entries.")
    for entry in phase.probe:
        _check_entry(phase, entry)
    for waiver in rollout.waiver:
        _check_waiver(waiver)


def check_operations(rollout: Rollout, catalog: Catalog) -> None:
    """Check that the operations name releases of the rollout; raises ConfigurationError."""
    known = [release.name for release in rollout.release]
    for operation in catalog.operation:
        for name in operation.releases:
            if name not in known:
                where = f"{rollout.operations}: operation {operation.name!r}"
                raise ConfigurationError(f"{where} names release {name!r}; {_nearest(name, known)}")


def _check_entry(phase: Phase, entry: ProbeEntry) -> None:
    probes = registry()
    if entry.name not in probes:
        raise ConfigurationError(f"{_at(phase)}: there is no probe {entry.name!r}; {_nearest(entry.name, probes)}")
    probe = probes[entry.name]
    probe.read_options(entry.options, f"{_at(phase)}, options of probe {entry.name!r}")
    for need in probe.needs:
        if need not in phase.probes:
            raise ConfigurationError(f"{_at(phase)}: probe {entry.name!r} needs {need!r}, which is not listed; add it.")
    for criterion in entry.criteria:
        _check_criterion(phase, entry.name, criterion, probe.measures)


def _check_criterion(phase: Phase, probe: str, criterion: Criterion, measures: Iterable[str]) -> None:
    parse(criterion, probe, phase)
    if criterion.measure != FINDINGS and criterion.measure not in measures:
        near = _nearest(criterion.measure, [FINDINGS, *measures])
        raise ConfigurationError(f"{_at(phase)}: probe {probe!r} does not measure {criterion.measure!r}; {near}")


def _check_waiver(waiver: Waiver) -> None:
    where = f"rollout.toml, waiver of {waiver.owner!r} for probe {waiver.probe!r}"
    if waiver.probe not in registry():
        raise ConfigurationError(f"{where}: there is no such probe; {_nearest(waiver.probe, registry())}")
    if not waiver.measure and not waiver.code:
        raise ConfigurationError(f"{where}: it covers nothing; name a measure or a finding's code.")
    for key in ("owner", "reason"):
        if not getattr(waiver, key).strip():
            raise ConfigurationError(
                f"{where}: its {key} is empty; a waiver needs somebody who answers for it, and why."
            )


def _at(phase: Phase) -> str:
    return f"rollout.toml, phase {phase.number}"


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}."
