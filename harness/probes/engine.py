"""Runs the probes of a phase in order and turns whatever happens into evidence."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from harness.errors import AgentError, ConfigurationError, HarnessError, Interrupted
from harness.events import Collected, Emit, ProbeStarted
from harness.evidence import Evidence
from harness.probes.probe import Probe, find
from harness.probes.world import World
from harness.provenance import now, redact
from harness.rollout import Phase


def order(names: Iterable[str]) -> list[str]:
    """Order probes so that each follows those it needs, which are added where they are missing.

    Raises UsageError for an unknown probe and ConfigurationError where probes need each other in a circle.
    """
    graph: dict[str, list[str]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in graph:
            graph[name] = list(find(name).needs)
            waiting += graph[name]
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ConfigurationError(f"The probes need each other in a circle: {circle}; remove a need.") from None


def collect(world: World, names: Iterable[str], emit: Emit) -> list[Evidence]:
    """Run the probes and what they need; return and record one evidence each.

    Options that do not fit and a server that cannot be provisioned are raised before any probe starts; after that, all
    errors become evidence with outcome "error". Interruptions are raised.
    """
    probes = [find(name) for name in order(names)]
    options = {probe.name: _read_options(probe, world.phase) for probe in probes}
    for probe in probes:
        probe.check(world, options[probe.name])
    if any(probe.uses_database for probe in probes):
        _ = world.server
    collected = []
    for probe in probes:
        emit(ProbeStarted(probe.name))
        evidence = _record(world, _run(world, probe, options[probe.name]))
        emit(Collected(evidence))
        collected.append(evidence)
    return collected


def _read_options(probe: Probe[Any], phase: Phase) -> Any:
    raw = phase.entry(probe.name).options
    return probe.read_options(raw, f"rollout.toml, phase {phase.number}, options of probe {probe.name!r}")


def _run(world: World, probe: Probe[Any], options: Any) -> Evidence:
    began, clock = now(), time.perf_counter()
    evidence = _blocked(world, probe) or _measure(world, probe, options)
    evidence.probe = probe.name
    evidence.started = began
    evidence.seconds = round(time.perf_counter() - clock, 3)
    return evidence


def _blocked(world: World, probe: Probe[Any]) -> Evidence | None:
    for need in probe.needs:
        before = world.evidence[need]
        if before.outcome != "measured":
            state = "failed" if before.outcome == "error" else "was skipped"
            reason = f"It needs {need!r}, which {state}: {before.reason}"
            return Evidence(probe=probe.name, outcome="skipped", reason=reason)
    return None


def _measure(world: World, probe: Probe[Any], options: Any) -> Evidence:
    try:
        return _checked(probe.measure(world, options))
    except (Interrupted, KeyboardInterrupt):
        raise
    except HarnessError as error:
        _log(world, probe, error)
        return Evidence(probe=probe.name, outcome="error", reason=redact(str(error)))
    except Exception as error:  # noqa: BLE001  a crashed probe is evidence too: the gate holds on it
        path = _log(world, probe, error)
        reason = f"The probe broke off with an unexpected {type(error).__name__}; its traceback is in {path}."
        return Evidence(probe=probe.name, outcome="error", reason=reason)


def _checked(evidence: Evidence) -> Evidence:
    """Drop numbers that are none, so that their criteria miss them, and refuse what cannot be written as JSON."""
    for each in [each for each in evidence.measurements if not math.isfinite(each.value)]:
        evidence.measurements.remove(each)
        subject = f" of {each.about}" if each.about else ""
        evidence.unsound.append(f"{each.name}{subject} is not a number")
    msgspec.json.encode(evidence)
    return evidence


def _log(world: World, probe: Probe[Any], error: Exception) -> str:
    """Write the traceback to the probe's log; return its path relative to the run's folder."""
    path = world.log(probe.name.replace(" ", "-"))
    path.parent.mkdir(parents=True, exist_ok=True)
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, AgentError):
        trace += f"\nIn the release:\n{error.trace}"
    with path.open("a", encoding="utf-8") as file:
        file.write(redact(trace))
    return path.relative_to(world.run.folder).as_posix()


def _record(world: World, evidence: Evidence) -> Evidence:
    world.evidence[evidence.probe] = evidence
    world.run.append(evidence)
    return evidence
