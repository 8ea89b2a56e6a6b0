"""Prints the cycles of an import graph as JSON; a script of its own, run where the packages can be found.

Arguments: a file to write, "all" or "runtime" (without imports for type checking), and the packages. It imports nothing
from the harness.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import grimp


def tangles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Group the modules that import each other, directly or around corners."""
    needed = {module: graph.find_upstream_modules(module) for module in graph.modules}
    found: dict[str, set[str]] = {}
    for module, others in sorted(needed.items()):
        if module not in found:
            mutual = {other for other in others if module in needed[other]}
            found |= {each: mutual | {module} for each in mutual}
    return [list(group) for group in sorted({tuple(sorted(group)) for group in found.values()})]


def shortest_cycle(graph: grimp.ImportGraph, tangle: list[str]) -> list[str]:
    """Return the shortest way from a module of the tangle back to itself."""
    cycles = []
    for module in tangle:
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if chain := graph.find_shortest_chain(importer=imported, imported=module):
                cycles.append([module, *chain])
    return min(cycles, key=len)


def line_of(graph: grimp.ImportGraph, importer: str, imported: str) -> int:
    """Return the line of an import, 0 where it is not known."""
    details = graph.get_import_details(importer=importer, imported=imported)
    return int(details[0]["line_number"]) if details else 0


def main(target: str, which: str, *packages: str) -> None:
    """Build the graph and write modules, number of imports and cycles."""
    graph = grimp.build_graph(*packages, cache_dir=None, exclude_type_checking_imports=which == "runtime")
    cycles = []
    for tangle in tangles(graph):
        chain = shortest_cycle(graph, tangle)
        cycles.append({"modules": tangle, "chain": chain, "line": line_of(graph, chain[0], chain[1])})
    result = {"modules": sorted(graph.modules), "imports": graph.count_imports(), "cycles": cycles}
    Path(target).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
