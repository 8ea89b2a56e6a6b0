"""What stands in the way of a GO before anything is measured."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator

from harness.gate.baseline import Baseline
from harness.gate.criteria import Bound, parse
from harness.rollout import Phase, Rollout


def unmet_by_rollout(rollout: Rollout, today: datetime.date) -> Iterator[str]:
    """Yield what concerns the whole rollout: interpreters, the dump, expired waivers."""
    for release in rollout.release:
        if release.python and not (shutil.which(release.python) or rollout.path(release.python).is_file()):
            yield f"Release {release.name!r} names the Python {release.python!r}, which is not there."
    if rollout.source.dump and not rollout.path(rollout.source.dump).is_file():
        yield f"The source names the dump {rollout.source.dump!r}, which is not there."
    for waiver in rollout.waiver:
        if waiver.until < today:
            yield f"The waiver of {waiver.owner} for probe {waiver.probe!r} expired on {waiver.until.isoformat()}."


def unmet_by_phase(phase: Phase, baseline: Baseline | None) -> Iterator[str]:
    """Yield what concerns one phase: questions that no criterion asks, comparisons without a baseline."""
    asked = {criterion.answers for entry in phase.probe for criterion in entry.criteria}
    for question, words in (("forward", "one may go forward"), ("way back", "one can come back")):
        if question not in asked and not (question == "way back" and phase.way_back == "nothing"):
            yield f"Phase {phase.number}: no criterion asks whether {words}."
    for entry in phase.probe:
        for criterion in entry.criteria:
            requirement = parse(criterion, entry.name, phase)
            compares = isinstance(requirement, Bound) and requirement.needs_baseline
            if compares and not (baseline and baseline.numbers(entry.name, criterion.measure)):
                yield (
                    f"Phase {phase.number}: {entry.name!r} compares {criterion.measure!r} with a baseline that is not "
                    f"there; run 'harness gate {phase.number}', then 'harness accept latest'."
                )
