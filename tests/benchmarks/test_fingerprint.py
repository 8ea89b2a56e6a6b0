"""A fingerprint is one pass over a table: it costs about what hashing the rows as text costs, whatever their number."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from statistics import median
from time import perf_counter

import pytest

from harness.databases import Database, provision
from harness.databases.fingerprint import take_fingerprint

pytestmark = pytest.mark.postgres

ROWS = 1_000_000
ROUNDS = 5
LIMIT = 1.25
TABLE = f"""
CREATE TABLE t AS
SELECT i::bigint AS id, (i % 5000)::integer AS person, 'Title ' || i AS title, repeat(md5(i::text), 3) AS body,
       now() - i * interval '1 second' AS written, CASE WHEN i % 3 > 0 THEN now() END AS due,
       (i % 10000 / 100.0)::numeric(6,2) AS score, i % 2 = 0 AS done, gen_random_uuid() AS token
FROM generate_series(1, {ROWS}) i
"""


@pytest.fixture(scope="module")
def million() -> Iterator[Database]:
    with provision() as server:
        database = server.create("million")
        with closing(database.connect()) as connection:
            connection.execute(TABLE)
            connection.execute("ALTER TABLE t ADD PRIMARY KEY (id)")
            connection.execute("VACUUM ANALYZE t")
        yield database


def test_a_fingerprint_costs_what_hashing_the_rows_as_text_costs(million: Database) -> None:
    ratios = []
    with closing(million.connect()) as connection:
        for _ in range(ROUNDS):
            start = perf_counter()
            connection.execute("SELECT count(*), sum(hashtext(t::text)) FROM t").fetchone()
            middle = perf_counter()
            take_fingerprint(million)
            ratios.append((perf_counter() - middle) / (middle - start))

    assert median(ratios) < LIMIT


def test_a_fingerprint_keeps_no_rows_in_memory(million: Database) -> None:
    tracemalloc.start()
    take_fingerprint(million)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4_000_000
