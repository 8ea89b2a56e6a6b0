"""Measures what can be removed: unused code (Vulture), unused imports (Ruff), deprecated code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from harness.evidence import Evidence, Finding, Measurement
from harness.probes import ruff
from harness.probes.dead_code.deprecated import deprecated
from harness.probes.dead_code.options import DeadCodeOptions
from harness.probes.dead_code.unused import unused
from harness.probes.probe import Options, Probe
from harness.probes.sources import Source, SourceOptions, read_sources
from harness.probes.world import World

IMPORTS = ["F401", "F811"]
OUTDATED = ["UP005", "UP019", "UP023", "UP026", "UP035"]
NOQA = re.compile(r"#\s*noqa:\s*(?P<codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)")


class DeadCodeProbe(Probe[DeadCodeOptions]):
    """Looks for what nothing uses; each kind of finding has a measurement of its own."""

    name = "dead code"
    title = "finds unused code, unused imports and deprecated code"
    measures: ClassVar[dict[str, str]] = {
        "files": "Python files that were read",
        "unused code": "functions, classes, methods and lines that nothing reaches",
        "unused imports": "imports whose name nothing uses",
        "deprecated code": "code that is marked as deprecated, and imports from where they have left",
    }
    uses_database = False
    options: ClassVar[type[Options]] = DeadCodeOptions

    def measure(self, world: World, options: DeadCodeOptions) -> Evidence:
        """Measure; raises ProbeError where a file cannot be read."""
        folder = Path(world.rollout.folder)
        sources = read_sources(folder, options)
        users = read_sources(folder, SourceOptions(paths=options.used_in)) if options.used_in else []
        found = ruff.check(world, self.name, sources, [*IMPORTS, *OUTDATED])
        noticed = [_of_ruff(each) for each in found if not _silenced(each, sources)]
        kinds = {
            "unused code": unused(sources, options, users),
            "unused imports": [each for each in noticed if each.code in IMPORTS],
            "deprecated code": [each for each in noticed if each.code in OUTDATED] + deprecated(sources),
        }
        counted = [Measurement(name=name, value=len(findings)) for name, findings in kinds.items()]
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=", ".join(f"{len(findings)} {name}" for name, findings in kinds.items()),
            measurements=[Measurement(name="files", value=len(sources)), *counted],
            findings=[each for findings in kinds.values() for each in findings],
        )


def _silenced(found: ruff.Diagnostic, sources: list[Source]) -> bool:
    """Tell whether the line's own comment names this rule; a comment without a rule silences nothing."""
    text = next(source.text for source in sources if source.file == found.filename)
    comment = NOQA.search(text.splitlines()[found.location.row - 1])
    return comment is not None and found.code in re.findall(r"[A-Z]+\d+", comment["codes"])


def _of_ruff(found: ruff.Diagnostic) -> Finding:
    is_import = found.code in IMPORTS
    return Finding(
        code=found.code or "",
        severity="low" if is_import else "medium",
        about=found.filename,
        why=found.message,
        remedy="Remove the import." if is_import else "Write it in the way that took its place.",
        file=found.filename,
        line=found.location.row,
    )
