"""Backup and restore with PostgreSQL's own programs; passwords go through the environment, never through arguments."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import conninfo

from harness.databases.binaries import Binaries
from harness.databases.database import Database
from harness.errors import DatabaseError

JOBS = "2"
ARCHIVE = b"PGDMP"
TAR = b"toc.dat"
OWNER = re.compile(r'^(?:ALTER .* OWNER TO|(?:GRANT|REVOKE) .* (?:TO|FROM)) (?:"([^"]+)"|([a-z_][a-z0-9_$]*));$')
RECREATES = re.compile(r"^(?:\\c(?:onnect)?\s|(?:CREATE|DROP) DATABASE\s)")


@dataclass(frozen=True)
class Dump:
    """A dump and its kind: "archive" for pg_restore, "plain" for psql; `parallel` where several jobs can read it."""

    path: Path
    kind: str
    parallel: bool = False

    def roles(self) -> set[str]:
        """Return the roles that a plain dump names as owners; an archive is restored without owners."""
        if self.kind != "plain":
            return set()
        matches = (OWNER.match(line) for line in self.lines())
        return {match.group(1) or match.group(2) for match in matches if match} - {"PUBLIC", "public"}

    def lines(self) -> Iterator[str]:
        """Read a plain dump's statements, leaving out the rows of its COPY blocks."""
        inside = False
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if not inside:
                    yield line.rstrip("\n")
                    inside = line.startswith("COPY ") and line.rstrip().endswith("FROM stdin;")
                elif line == "\\.\n":
                    inside = False


def recognise(path: Path) -> Dump:
    """Tell a dump's format by its content; raises DatabaseError where it is missing or would touch other databases."""
    if path.is_dir() and (path / "toc.dat").is_file():
        return Dump(path, "archive", parallel=True)
    if not path.is_file():
        raise DatabaseError(f"The dump {path} does not exist; name a file or folder that pg_dump wrote.")
    with path.open("rb") as file:
        start = file.read(len(TAR))
    if start.startswith(ARCHIVE) or start == TAR:
        return Dump(path, "archive", parallel=start != TAR)
    dump = Dump(path, "plain")
    if any(RECREATES.match(line) for line in dump.lines()):
        raise DatabaseError(f"The dump {path} creates or changes databases itself; dump one database without --create.")
    return dump


def backup(tools: Binaries, database: Database, path: Path) -> None:
    """Write a backup in the custom format; raises DatabaseError with what pg_dump said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _run(
        tools,
        "pg_dump",
        database,
        ["--format=custom", "--compress=1", f"--file={path}"],
        f"{database.name} was not backed up",
    )


def restore(tools: Binaries, dump: Dump, database: Database) -> None:
    """Restore a dump into an empty database; raises DatabaseError with what the program said."""
    problem = f"{dump.path} was not restored"
    if dump.kind == "plain":
        _run(
            tools,
            "psql",
            database,
            ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(dump.path)],
            problem,
        )
        return
    jobs = [f"--jobs={JOBS}"] if dump.parallel else []
    arguments = ["--no-owner", "--no-privileges", *jobs, str(dump.path)]
    _run(tools, "pg_restore", database, arguments, problem)


def _run(tools: Binaries, program: str, database: Database, arguments: list[str], problem: str) -> None:
    where = conninfo.make_conninfo("", **database.parameters(with_password=False))
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
    if database.password:
        environment["PGPASSWORD"] = database.password.reveal()
    command = [tools.program(program), f"--dbname={where}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode and not _only_newer_settings(done.stderr):
        raise DatabaseError(f"{problem}: {program} {tools.version} says {_first_complaint(done.stderr)!r}.")


def _only_newer_settings(text: str) -> bool:
    """Tell whether all that went wrong are settings of a newer pg_restore that this server does not have."""
    complaints = [line for line in text.splitlines() if "error: " in line]
    return bool(complaints) and all("unrecognized configuration parameter" in line for line in complaints)


def _first_complaint(text: str) -> str:
    """Return the first error's first line: later ones (DETAIL, CONTEXT) may show rows."""
    lines = [line.strip() for line in text.splitlines() if "error" in line.lower()] or text.strip().splitlines()
    return re.sub(r':\s*"[^"]*"$', "", lines[0]) if lines else "nothing"
