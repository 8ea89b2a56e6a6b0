"""Production's row counts, as a person gives them: TABLE=NUMBER, or a CSV file of both."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import UsageError

_EXAMPLE = "write TABLE=NUMBER, as in shop_order=5e7, or the name of a CSV file with both"


def read_rows(words: Iterable[str]) -> dict[str, float]:
    """Read all of `--rows`; later ones win. Raises UsageError.

    `psql --csv -t -c "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'"` writes such a file;
    tables of which the server has no estimate (-1) are left out.
    """
    return {table: count for word in words for table, count in _read(word) if count >= 0}


def _read(word: str) -> Iterator[tuple[str, float]]:
    table, is_pair, number = word.partition("=")
    if is_pair:
        count = _number(number, word)
        if not table.strip() or count < 0:
            raise UsageError(f"--rows {word!r} is no row count of a table; {_EXAMPLE}.")
        yield table.strip(), count
        return
    if not Path(word).is_file():
        raise UsageError(f"--rows {word!r} is neither a file nor a row count; {_EXAMPLE}.")
    with Path(word).open(encoding="utf-8", newline="") as file:
        for line in csv.reader(file):
            if len(line) != 2:
                raise UsageError(f"{word} has a line of {len(line)} columns; it needs two, table and number of rows.")
            yield line[0].strip(), _number(line[1], f"{word}: {','.join(line)}")


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"--rows {where!r} has no number of rows; {_EXAMPLE}.")
    return number
