"""Sets the fingerprint beside other passes over the same table: ``tox -e bench-fingerprint`` writes its table.

The sizes are those of the command line, else one and ten million rows. Everything is measured in turn, so that what the
machine does meanwhile meets all of them.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil

from harness.databases import Database, provision
from harness.databases.binaries import embedded
from harness.databases.fingerprint import take_fingerprint
from tests.harness.migrations.facts_table import replace

PAGE = Path(__file__).resolve().parents[2] / "docs" / "probes" / "integrity.md"
SIZES = (1_000_000, 10_000_000)
ROUNDS = {1_000_000: 3}
TABLE = """
CREATE UNLOGGED TABLE t AS
SELECT i::bigint AS id, (i % 5000)::integer AS person, 'Title ' || i AS title, repeat(md5(i::text), 3) AS body,
       now() - i * interval '1 second' AS written, CASE WHEN i % 3 > 0 THEN now() END AS due,
       (i % 10000 / 100.0)::numeric(6,2) AS score, i % 2 = 0 AS done, gen_random_uuid() AS token
FROM generate_series(1, {rows}) i
"""
HASHTEXT = "SELECT count(*), sum(hashtext(t::text)) FROM t"


@dataclass
class Measured:
    """One size: the seconds of each pass in each round, and the highest memory of a fingerprint (bytes)."""

    rows: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    client: int = 0
    server: int = 0

    def ratio(self, other: str) -> float:
        """Return the median of the fingerprint's time over that of another pass, round by round."""
        pairs = zip(self.seconds["fingerprint"], self.seconds[other], strict=True)
        return median(one / two for one, two in pairs)

    def rate(self, name: str) -> float:
        """Return rows per second, in the median."""
        return self.rows / median(self.seconds[name])


def main(sizes: list[int]) -> None:
    """Measure every size, print rows per second, and write the ratios."""
    with provision() as server:
        measured = [measure(server.create(f"rows {rows}"), rows) for rows in sizes]
    for each in measured:
        rates = ", ".join(f"{name} {each.rate(name):,.0f}" for name in each.seconds)
        print(f"{each.rows:,} rows, rows per second: {rates}")  # noqa: T201
    PAGE.write_text(replace(PAGE.read_text(encoding="utf-8"), "passes", table(measured)), encoding="utf-8")


def measure(database: Database, rows: int) -> Measured:
    """Fill a table and pass over it in three ways, several times."""
    with closing(database.connect()) as connection:
        connection.execute(TABLE.format(rows=rows))
        connection.execute("ALTER TABLE t ADD PRIMARY KEY (id)")
        connection.execute("VACUUM ANALYZE t")
    measured = Measured(rows)
    passes = {
        "fingerprint": lambda: take_fingerprint(database),
        "pg_dump | md5sum": lambda: dump(database),
        "hashtext": lambda: hash_rows(database),
    }
    for _ in range(ROUNDS.get(rows, 1)):
        for name, run in passes.items():
            measured.seconds.setdefault(name, []).append(timed(run))
            print(f"{rows:,} rows, {name}: {measured.seconds[name][-1]:.1f} s", flush=True)  # noqa: T201
    measured.client, measured.server = memory(database)
    return measured


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that a pass takes."""
    start = perf_counter()
    run()
    return perf_counter() - start


def hash_rows(database: Database) -> None:
    """Hash the rows as text, in the server."""
    with closing(database.connect()) as connection:
        connection.execute(HASHTEXT).fetchone()


def dump(database: Database) -> None:
    """Dump the table's rows and hash what comes out."""
    command = [embedded().program("pg_dump"), "--data-only", "--table=t", f"--host={database.host}"]
    command += [f"--port={database.port}", f"--username={database.user}", database.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as dumping:
        subprocess.run(["md5sum"], stdin=dumping.stdout, check=True, stdout=subprocess.DEVNULL)
    assert dumping.returncode == 0


def memory(database: Database) -> tuple[int, int]:
    """Return the highest memory of one more fingerprint: what Python allocates here, and that of the sessions."""
    tracemalloc.start()
    with watching(database) as highest:
        take_fingerprint(database)
    client = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return client, highest[0]


@contextmanager
def watching(database: Database) -> Iterator[list[int]]:
    """Watch the memory that the database's sessions have for themselves (without the shared buffers) in the block."""
    highest, done = [0], threading.Event()

    def watch() -> None:
        with closing(database.connect()) as connection:
            sessions = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            while not done.wait(0.05):
                pids = [pid for (pid,) in connection.execute(sessions)]
                highest[0] = max(highest[0], sum(map(private, pids)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield highest
    finally:
        done.set()
        thread.join()


def private(pid: int) -> int:
    """Return the memory of a process that it shares with nobody (bytes), 0 once it has ended."""
    try:
        info = psutil.Process(pid).memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(info.rss - info.shared)


def table(measured: list[Measured]) -> str:
    """Return the ratios as a Markdown table."""
    first = measured[0]
    lines = [
        "| rows | time, to `pg_dump` \\| `md5sum` | to hashing rows as text | per row, to the first size | "
        "memory here | of the server's sessions |",
        "|---|---|---|---|---|---|",
    ]
    for each in measured:
        linear = first.rate("fingerprint") / each.rate("fingerprint")
        cells = [f"{each.rows:,}", *(f"{each.ratio(name):.2f}" for name in ("pg_dump | md5sum", "hashtext"))]
        cells += [f"{linear:.2f}", *(f"{size / 1e6:.1f} MB" for size in (each.client, each.server))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
