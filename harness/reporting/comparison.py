"""What a comparison of two releases says, in lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from harness.evidence import Provenance
from harness.gate.comparison import Compared, Outcome, forward, rule
from harness.probes.load.arms import BASELINE, CANDIDATE, Rounds

WORST_FIRST: tuple[Outcome, ...] = ("slower", "unsound", "undecided", "fine")
NEXT = {
    "GO": "No operation has become slower. Whether the phase may go forward is for 'harness gate' to say.",
    "NO-GO": "Mend what is slower, then compare again; 'harness queries explain' shows what an operation asks for.",
    "HOLD": "Remove what made operations unsound, end other programs, and compare again; without --quick what is "
    "undecided goes on to 64 rounds.",
}


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two releases, by name, what came out and where; `noise` says in words what is known of the machine."""

    baseline: str
    candidate: str
    noise: str
    floor: float
    compared: Sequence[Compared]
    rounds: dict[str, Rounds]
    provenance: Provenance

    @property
    def rule(self) -> str:
        """The rule in words."""
        return rule(self.floor)

    @property
    def forward(self) -> str:
        """GO, NO-GO or HOLD."""
        return forward(self.compared)

    @property
    def most_rounds(self) -> int:
        """The rounds of the operation that was visited longest."""
        return max((each.ratio.rounds for each in self.compared), default=0)

    @property
    def document(self) -> dict[str, Any]:
        """All of it for machines, without the single rounds."""
        told = {"forward": self.forward, "rule": self.rule, "next_action": self.next_action}
        fields = {each: getattr(self, each) for each in ("baseline", "candidate", "noise", "floor", "provenance")}
        return {**told, **fields, "compared": self.worst_first}

    @property
    def worst_first(self) -> list[Compared]:
        """The operations, those first that somebody has to look at."""
        return sorted(self.compared, key=lambda each: WORST_FIRST.index(each.outcome))

    @property
    def counts(self) -> str:
        """Say how many operations had which outcome."""
        outcomes = [each.outcome for each in self.compared]
        return ", ".join(f"{outcomes.count(each)} {each}" for each in WORST_FIRST if each in outcomes)

    @property
    def next_action(self) -> str:
        """Say what to do now."""
        return NEXT[self.forward]

    @property
    def smallest(self) -> str:
        """Say the smallest slowdown that every operation would have shown that was measured soundly."""
        sound = [each.detectable for each in self.compared if each.outcome != "unsound"]
        if not sound:
            return "No operation was measured soundly."
        return f"The smallest slowdown that every operation would have shown: {percent(max(sound))}."


def render(comparison: Comparison) -> str:
    """Render the rule, one line for each operation, and the verdict."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.candidate} against {comparison.baseline}; {comparison.noise}"
    yield comparison.rule
    for each in comparison.worst_first:
        known = "; ".join(filter(None, (each.reason, costs(comparison.rounds[each.operation]), visible(each))))
        yield f"  {each.outcome:<9} {each.operation}: {known}"
    yield comparison.smallest
    yield f"{comparison.forward}: {comparison.counts}. {comparison.next_action}"


def costs(rounds: Rounds) -> str:
    """Say how queries and CPU time changed: they hardly know noise."""
    if min((min(each, default=-1) for each in rounds.queries), default=-1) < 0:
        return ""
    old, new = (sum(each) / len(each) for each in (rounds.queries[BASELINE], rounds.queries[CANDIDATE]))
    before, after = (sum(each) / len(each) for each in (rounds.cpu[BASELINE], rounds.cpu[CANDIDATE]))
    return f"queries {old:.3g} -> {new:.3g}, CPU {before:.1f} -> {after:.1f} ms"


def visible(compared: Compared) -> str:
    """Say the smallest slowdown that these rounds would have shown; "" where they are unsound."""
    if compared.outcome == "unsound":
        return ""
    by_cpu = "" if compared.detectable_cpu is None else f", {percent(compared.detectable_cpu)} of CPU time"
    return f"would have shown {percent(compared.detectable)}{by_cpu}"


def percent(share: float) -> str:
    """Return a share as whole percents."""
    return f"{100 * share:.0f} %"
