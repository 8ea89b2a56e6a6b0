"""The probe "way back"."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from harness.evidence import Evidence
from harness.probes.probe import Options, Probe
from harness.probes.way_back.drill import Drill
from harness.probes.way_back.report import Report
from harness.probes.world import World


class WayBackOptions(Options, frozen=True, kw_only=True):
    """`late_writes_per_model` rows are written per model of the new release before going back."""

    late_writes_per_model: Annotated[int, msgspec.Meta(ge=1)] = 10


class WayBack(Probe[WayBackOptions]):
    """Goes back in both ways, after the new release has written, and compares every column."""

    name: ClassVar[str] = "way back"
    title: ClassVar[str] = "backward after late writes, forward again, and the backup restored; compared row by row"
    options: ClassVar[type[Options]] = WayBackOptions
    measures: ClassVar[dict[str, str]] = {
        "migrations": "migrations that the phase applied and the drill unapplied",
        "refused migrations": "migrations that could not be unapplied",
        "backward seconds": "time for unapplying all of them",
        "lost or altered rows": "rows from before that going backward lost or altered",
        "late writes": "rows that the new release wrote, changed or deleted, in tables that the old one knows",
        "late writes lost or altered": "late writes that going backward lost or altered",
        "rows left over": "rows that were not there before and that nobody wrote",
        "schema left over": "objects of the schema that are not as they were before the phase",
        "operations after going back": "operations of the earlier releases that were tried after going back",
        "failures after going back": "operations of the earlier releases that do not work after going back",
        "late reads": "requests by which the new release shows late writes, and that the old release was asked, too",
        "late reads that differ": "those of them that the old release answers otherwise, per operation; one 0 if none",
        "late rows read": "late writes that the models of the old release loaded",
        "late writes unreadable": "late writes that those models cannot load, or whose values they do not know",
        "forward again seconds": "time for applying the phase a second time",
        "forward again differences": "rows and objects of the schema that differ from the first time",
        "backup seconds": "time for backing the database up as it was before the phase",
        "restore seconds": "time for restoring that backup",
        "restore differences": "rows and objects of the schema in which the restored backup differs",
    }

    def measure(self, world: World, options: WayBackOptions) -> Evidence:
        """Rehearse both ways back; raises ProbeError when the new release cannot write."""
        return Report(world, Drill(world, options.late_writes_per_model).run()).evidence()
