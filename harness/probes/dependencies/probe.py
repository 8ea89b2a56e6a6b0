"""Measures whether dependencies are declared, used and pinned; the network is not asked."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from harness.evidence import Evidence, Measurement
from harness.probes.dependencies.options import DependenciesOptions
from harness.probes.probe import Options, Probe
from harness.probes.sources import read_sources, require_tool
from harness.probes.world import World


class DependenciesProbe(Probe[DependenciesOptions]):
    """Compares four lists: declared, imported, pinned, and needed by what is installed where the release runs."""

    name = "dependencies"
    title = "compares what is declared, imported and pinned"
    measures: ClassVar[dict[str, str]] = {
        "declared": "dependencies that are declared",
        "unused dependencies": "declared ones that nothing imports",
        "undeclared imports": "imports of packages that are not declared",
        "pinned": "requirements that are pinned to one version",
        "not pinned": "needed ones that are not, at whatever depth",
        "misfitting pins": "pins to a version that the declaration does not allow",
        "superfluous pins": "pins that nothing declared needs",
        "pins without hash": "pins that do not say what the file must hash to",
    }
    uses_database = False
    options: ClassVar[type[Options]] = DependenciesOptions

    def measure(self, world: World, options: DependenciesOptions) -> Evidence:
        """Measure; raises ProbeError where a list cannot be read or something declared is not installed."""
        for tool in ("packaging", "deptry"):
            require_tool(tool)
        from harness.probes.dependencies import declared as declarations
        from harness.probes.dependencies import pins
        from harness.probes.dependencies.environment import read_environment
        from harness.probes.dependencies.usage import usage

        folder = Path(world.rollout.folder)
        sources = read_sources(folder, options)
        declared = declarations.declared(folder, options)
        lines = pins.read_lines(folder, options.requirements)
        environment = read_environment(world)
        unused, undeclared = usage(world, options, sources, declared, environment)
        found = {
            "unused dependencies": unused,
            "undeclared imports": undeclared,
            **pins.check(lines, declared, environment, options.requirements),
        }
        pinned = [line for line in lines if line.version]
        numbers = {
            "declared": len(declared),
            "pinned": len(pinned),
            "pins without hash": sum(not line.hashed for line in pinned),
            **{name: len(findings) for name, findings in found.items()},
        }
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=", ".join(f"{numbers[name]} {name}" for name in ("declared", "pinned", *found)),
            measurements=[Measurement(name=name, value=value) for name, value in numbers.items()],
            findings=[each for findings in found.values() for each in findings],
        )
