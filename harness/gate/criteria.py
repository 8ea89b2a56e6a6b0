"""What a requirement says: ``<= 200``, ``<= 1.10 * baseline``, ``none``, ``none new``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.errors import ConfigurationError
from harness.rollout import Criterion, Phase

FINDINGS = "findings"
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_BOUND = re.compile(
    rf"(?P<operator><=|<|>=|>|==|!=)\s*(?:(?P<value>{_NUMBER})|(?:(?P<factor>{_NUMBER})\s*\*\s*)?(?P<baseline>baseline))"
)
_EXAMPLES = "'<= 200', '> 0', '== 0', '<= baseline', '<= 1.10 * baseline'"


@dataclass(frozen=True)
class Bound:
    """A limit for a number: `value`, or `factor` times what the baseline measured for the same subject."""

    operator: str
    value: float = 0.0
    factor: float | None = None

    @property
    def needs_baseline(self) -> bool:
        """Whether the limit comes from the baseline."""
        return self.factor is not None

    def limit(self, baseline: float | None) -> float | None:
        """Return the number to compare with; None where it needs a baseline that is missing or no number."""
        if self.factor is None:
            return self.value
        if baseline is None or not math.isfinite(baseline):
            return None
        return self.factor * baseline

    def holds(self, observed: float, limit: float) -> bool:
        """Tell whether a number fulfils the requirement; what is not a number never does."""
        return math.isfinite(observed) and _OPERATORS[self.operator](observed, limit)

    def excess(self, observed: float, limit: float) -> float:
        """Tell how bad a number is, so that the worst of several can be named: the larger, the worse."""
        if self.operator in ("<=", "<"):
            return observed - limit
        if self.operator in (">=", ">"):
            return limit - observed
        distance = abs(observed - limit)
        return distance if self.operator == "==" else -distance


@dataclass(frozen=True)
class NoFindings:
    """No finding may be there, or with `new` none that the baseline does not know."""

    new: bool


Requirement = Bound | NoFindings


def parse(criterion: Criterion, probe: str, phase: Phase) -> Requirement:
    """Parse the requirement of a criterion; raises ConfigurationError that names phase, probe and criterion."""
    text = " ".join(criterion.require.split())
    if criterion.measure == FINDINGS:
        if text in ("none", "none new"):
            return NoFindings(new=text == "none new")
        raise _error(criterion, probe, phase, "findings can be required as 'none' or 'none new'")
    found = _BOUND.fullmatch(text)
    if not found:
        raise _error(criterion, probe, phase, f"write it like {_EXAMPLES}")
    if found["baseline"]:
        return Bound(found["operator"], factor=float(found["factor"] or 1))
    return Bound(found["operator"], value=float(found["value"]))


def _error(criterion: Criterion, probe: str, phase: Phase, remedy: str) -> ConfigurationError:
    return ConfigurationError(
        f"rollout.toml, phase {phase.number}, probe {probe!r}, criterion on {criterion.measure!r}: "
        f"the requirement {criterion.require!r} cannot be read; {remedy}."
    )
