"""Measures whether modules import each other in circles, and whether the contracts on imports hold."""

from __future__ import annotations

from typing import ClassVar

from harness.evidence import Evidence, Finding, Measurement
from harness.probes.imports.command import Contracts, Cycle, Imports
from harness.probes.imports.options import ImportsOptions
from harness.probes.probe import Options, Probe
from harness.probes.world import World


class ImportsProbe(Probe[ImportsOptions]):
    """Builds the import graph with Grimp and checks the contracts with import-linter; nothing is imported for that."""

    name = "imports"
    title = "finds import cycles and broken import contracts"
    measures: ClassVar[dict[str, str]] = {
        "modules": "modules there are",
        "imports": "imports between them",
        "import cycles": "groups of modules that import each other, directly or around corners",
        "modules in cycles": "modules that belong to such a group",
        "contracts": "contracts that were checked",
        "broken contracts": "contracts that an import breaks",
    }
    uses_database = False
    options: ClassVar[type[Options]] = ImportsOptions

    def measure(self, world: World, options: ImportsOptions) -> Evidence:
        """Measure; raises ProbeError where a module is not seen or the contracts cannot be checked."""
        imports = Imports(world, options)
        files = imports.modules()
        graph = imports.graph()
        contracts = imports.contracts() if options.contracts else None
        broken = len(contracts.broken) if contracts else 0
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=f"{len(graph.modules)} modules, {len(graph.cycles)} import cycles, {broken} broken contracts",
            measurements=[
                Measurement(name="modules", value=len(graph.modules)),
                Measurement(name="imports", value=graph.imports),
                Measurement(name="import cycles", value=len(graph.cycles)),
                Measurement(name="modules in cycles", value=sum(len(each.modules) for each in graph.cycles)),
                *(_of_contracts(contracts) if contracts else ()),
            ],
            findings=[
                *(_cycle(each, files) for each in graph.cycles),
                *(_contract(name, why, options) for name, why in (contracts.broken if contracts else {}).items()),
            ],
        )


def _of_contracts(contracts: Contracts) -> list[Measurement]:
    return [
        Measurement(name="contracts", value=contracts.kept + len(contracts.broken)),
        Measurement(name="broken contracts", value=len(contracts.broken)),
    ]


def _cycle(cycle: Cycle, files: dict[str, str]) -> Finding:
    others = len(cycle.modules) - len(set(cycle.chain))
    return Finding(
        code="import-cycle",
        severity="high",
        about=cycle.chain[0],
        why=" -> ".join(cycle.chain) + (f", and {others} more modules are entangled" if others else ""),
        remedy="Move what both sides need into a module that imports neither.",
        file=files.get(cycle.chain[0], ""),
        line=cycle.line,
    )


def _contract(name: str, why: str, options: ImportsOptions) -> Finding:
    return Finding(
        code="broken-contract",
        severity="high",
        about=name,
        why=why,
        remedy="Turn the import around; to change the contract is a decision on the design.",
        file=options.contracts,
    )
