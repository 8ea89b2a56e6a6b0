"""Runs Grimp and import-linter in processes of their own, where the packages are found."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import msgspec

from harness import subprocesses
from harness.errors import ProbeError
from harness.probes.imports.options import ImportsOptions
from harness.probes.sources import expected, require_tool
from harness.probes.world import World
from harness.temporary import temporary_folder

KEPT = re.compile(r"^Contracts: (?P<kept>\d+) kept, (?P<broken>\d+) broken\.")
BROKEN = re.compile(r"^(?P<name>\S.*) BROKEN(?: |$)")
SCRIPT = Path(__file__).with_name("graph.py")
LINT = "from importlinter.cli import lint_imports_command as run; run()"
SECONDS = 300.0


class Cycle(msgspec.Struct, frozen=True):
    """Modules that import each other, the shortest way around, and the line where it begins."""

    modules: list[str]
    chain: list[str]
    line: int


class Graph(msgspec.Struct, frozen=True):
    """What Grimp saw."""

    modules: list[str]
    imports: int
    cycles: list[Cycle]


class Contracts(msgspec.Struct, frozen=True):
    """How many contracts hold, and for each that does not what import-linter says of it."""

    kept: int
    broken: dict[str, str]


class Imports:
    """The import graph of the packages of a rollout."""

    def __init__(self, world: World, options: ImportsOptions) -> None:
        require_tool("grimp")
        self.options = options
        self.folder = Path(world.rollout.folder)
        self.log = world.log("imports")
        roots = os.pathsep.join(str(self.folder / root) for root in options.roots)
        self.environment = subprocesses.clean_environment({"PYTHONPATH": roots, "NO_COLOR": "1", "COLUMNS": "1000"})

    def modules(self) -> dict[str, str]:
        """Return the file of each module that there is; raises ProbeError where a package has none."""
        found: dict[str, str] = {}
        for package in self.options.packages:
            roots = [root for root in self.options.roots if (self.folder / root / package).is_dir()]
            if not roots:
                raise ProbeError(f"There is no package {package!r} in {', '.join(self.options.roots)}; mend 'roots'.")
            base = os.path.normpath(roots[0])
            files = expected(self.folder, [os.path.join(base, package)], self.options.leave_out)
            found |= {_module(os.path.relpath(file, base)): file for file in files}
        if not found:
            raise ProbeError("No package holds a Python file; mend 'packages'.")
        return found

    def graph(self) -> Graph:
        """Build the graph; raises ProbeError where Grimp breaks off or did not see every module."""
        which = "all" if self.options.type_checking else "runtime"
        with temporary_folder("imports") as scratch:
            output = Path(scratch, "graph.json")
            # -P: the script's own folder must not hide a package of the project.
            command = [sys.executable, "-P", str(SCRIPT), str(output), which, *self.options.packages]
            code = self._run(command)
            if code != 0 or not output.is_file():
                raise ProbeError(f"Grimp could not build the graph: {subprocesses.last_words(self.log)}")
            graph = msgspec.json.decode(output.read_bytes(), type=Graph)
        unseen = sorted({*self.modules()} - {*graph.modules})
        if unseen:
            file = self.modules()[unseen[0]]
            raise ProbeError(f"Grimp did not see {file} ({len(unseen)} such files); is an __init__.py missing?")
        return graph

    def contracts(self) -> Contracts:
        """Check the contracts; raises ProbeError where import-linter did not come to a result."""
        require_tool("importlinter")
        said: list[str] = []
        switches = ["--config", self.options.contracts, "--no-cache"]
        code = self._run([sys.executable, "-P", "-c", LINT, *switches], said)
        total = next((found for line in said if (found := KEPT.match(line))), None)
        broken = {found["name"]: _explanation(said, found["name"]) for line in said if (found := BROKEN.match(line))}
        if code not in (0, 1) or not total or int(total["broken"]) != len(broken):
            raise ProbeError(f"import-linter came to no result: {subprocesses.last_words(self.log)}")
        return Contracts(int(total["kept"]), broken)

    def _run(self, command: list[str], said: list[str] | None = None) -> int:
        return subprocesses.run(
            command,
            folder=self.folder,
            log=self.log,
            environment=self.environment,
            seconds=SECONDS,
            on_line=said.append if said is not None else None,
        )


def _module(file: str) -> str:
    return file.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")


def _explanation(said: list[str], name: str) -> str:
    """Return the first lines that import-linter writes below the contract's name, as one line."""
    starts = [number for number, line in enumerate(said) if line == name]
    if not starts:
        return "import-linter names no import"
    following = [line.strip() for line in said[starts[0] + 2 : starts[0] + 12]]
    return " ".join([line for line in following if line][:3]).rstrip(".:")
