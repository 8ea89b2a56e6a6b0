"""The evidence that a person accepted: ``reports/baselines/phase-<n>.json``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import msgspec

from harness.errors import ConfigurationError
from harness.evidence import Evidence, Finding, Measurement, Provenance

_TIME_UNITS = {"s", "ms", "us", "µs", "ns", "min", "h", "second", "seconds", "milliseconds", "rps"}
_MACHINE = ("cpu", "cores", "memory_gib", "architecture")


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted evidence: without details and artifacts, with who accepted it, when, and from which run."""

    schema: Literal[1] = 1
    phase: int
    run: str
    accepted_by: str
    accepted: str
    despite: str = ""
    provenance: Provenance
    evidence: list[Evidence]

    def of(self, probe: str) -> Evidence | None:
        """Return the accepted evidence of that probe."""
        return next((each for each in self.evidence if each.probe == probe and each.outcome == "measured"), None)

    def numbers(self, probe: str, measure: str) -> dict[str, Measurement]:
        """Return the accepted measurements of that name by subject."""
        evidence = self.of(probe)
        return {each.about: each for each in evidence.select(measure)} if evidence else {}

    def known(self, probe: str) -> Counter[str]:
        """Count the accepted findings of that probe by fingerprint."""
        evidence = self.of(probe)
        return Counter(finding.fingerprint for finding in evidence.findings) if evidence else Counter()


def baseline_path(folder: Path, phase: int) -> Path:
    """Return where the baseline of a phase lies in a project's folder."""
    return folder / "reports" / "baselines" / f"phase-{phase}.json"


def read_baseline(path: Path) -> Baseline | None:
    """Read a baseline; None where there is none. Raises ConfigurationError where it is broken."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Baseline)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; restore it, or accept a run again.") from None


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline as indented JSON, so that its changes can be reviewed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n")


def same_machine(one: Provenance, other: Provenance) -> bool:
    """Tell whether two runs ran on machines whose timings may be compared: same processor, cores and memory."""
    return all(one.machine.get(key) == other.machine.get(key) for key in _MACHINE)


def depends_on_machine(unit: str) -> bool:
    """Tell whether a number in that unit is another one on another machine: durations and rates are."""
    return unit in _TIME_UNITS or unit.endswith("/s")


def compare_findings(now: list[Finding], known: Counter[str]) -> tuple[list[Finding], list[Finding]]:
    """Split findings into new and still there; of equal ones as many are new as there are more than before."""
    left = known.copy()
    new, still = [], []
    for finding in now:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
            still.append(finding)
        else:
            new.append(finding)
    return new, still
