"""Measures what Bandit finds in the code, and what it did not look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from harness.evidence import Evidence, Measurement
from harness.probes.probe import Options, Probe
from harness.probes.security import findings, nosec
from harness.probes.security.baseline import Split, split
from harness.probes.security.command import Issue, installed, read, scan
from harness.probes.security.options import BanditOptions
from harness.probes.sources import expected
from harness.probes.world import World


class BanditProbe(Probe[BanditOptions]):
    """Runs Bandit over the files that are to be scanned, and compares with the findings that reviewers accepted."""

    name = "security"
    title = "scans the code with Bandit, and names what was not scanned"
    measures: ClassVar[dict[str, str]] = {
        "files scanned": "Python files that Bandit read to the end",
        "files not scanned": "Python files that it gave up on or passed over",
        "bandit findings": "findings of Bandit, accepted ones included",
        "new findings": "findings of Bandit that the baseline does not accept; about: their severity",
        "accepted findings": "findings of Bandit that the baseline accepts",
        "blanket suppressions": "nosec comments that name no test",
    }
    uses_database = False
    options: ClassVar[type[Options]] = BanditOptions

    def measure(self, world: World, options: BanditOptions) -> Evidence:
        """Scan; raises ProbeError where a path or the baseline does not exist, or Bandit breaks off."""
        if not installed():
            reason = "Bandit is not installed; install rollout-harness[security]."
            return Evidence(probe=self.name, outcome="skipped", reason=reason)
        folder = Path(world.rollout.folder)
        files = expected(folder, options.paths, options.leave_out)
        accepted = read(folder, options.baseline).results if options.baseline else []
        world.progress(self.name, f"{len(files)} files")
        report = scan(folder, files, options.config, world.log(self.name))
        compared = split(report.results, accepted)
        silenced = [each for file in files for each in nosec.suppressions(folder, file)]
        blanket = nosec.blanket(silenced, report.blanket())
        skipped = report.not_scanned(files)
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=_summary(len(compared.new), len(files), len(skipped)),
            measurements=_measurements(len(files), len(skipped), compared, len(blanket)),
            findings=[
                *findings.of_files(skipped),
                *findings.of_issues(compared.new),
                *findings.of_suppressions(blanket),
            ],
            details={"tables": [_accepted(compared), _suppressed(silenced)]},
        )


def _summary(new: int, files: int, skipped: int) -> str:
    return f"Bandit: {new} new findings, {files - skipped} files scanned, {skipped} not scanned"


def _measurements(files: int, skipped: int, compared: Split, blanket: int) -> list[Measurement]:
    values = {
        "files scanned": files - skipped,
        "files not scanned": skipped,
        "bandit findings": len(compared.new) + len(compared.accepted),
        "accepted findings": len(compared.accepted),
        "blanket suppressions": blanket,
    }
    counted = [Measurement(name=name, value=value) for name, value in values.items()]
    for severity, number in findings.by_severity(compared.new).items():
        counted.append(Measurement(name="new findings", value=number, about=severity))
    return counted


def _accepted(compared: Split) -> dict[str, Any]:
    gone = f"; {compared.gone} more accepted ones are gone and can leave the baseline" if compared.gone else ""
    return {
        "title": f"Accepted findings{gone}",
        "columns": ["file", "line", "test", "severity"],
        "rows": [_row(issue) for issue in compared.accepted],
    }


def _row(issue: Issue) -> list[str | int]:
    return [issue.file, issue.line_number, f"{issue.test_id} {issue.test_name}", issue.issue_severity.lower()]


def _suppressed(silenced: list[nosec.Suppression]) -> dict[str, Any]:
    rows = [[each.file, each.line, ", ".join(each.tests) or "everything"] for each in silenced]
    return {"title": "Suppressed in the code", "columns": ["file", "line", "tests"], "rows": rows}
