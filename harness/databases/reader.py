"""What a fingerprint needs from an engine: catalog, sums of content, and rows as hashes; content never leaves it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator

import msgspec

from harness.databases.schema import Schema, Table

BUCKETS = 1024
ROWS = "(rows)"  # stands for the whole row where a table has no primary key that would tell rows apart

Key = tuple[int, ...] | tuple[str, ...]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a table to read: `key` tells its rows apart (empty: it has none), `columns` are summed.

    Without a key rows are compared as a multiset, and `whole` are the columns that make up such a row.
    """

    table: Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """The number of rows and, per column, the sum of one 64-bit hash of primary key and value per row.

    NULL adds nothing, '' does. Sums are exact, not modulo anything.
    """

    rows: int
    columns: dict[str, int]


class Reader(ABC):
    """Reads one database in one consistent snapshot."""

    @abstractmethod
    def schema(self) -> Schema:
        """Read the catalog."""

    @abstractmethod
    def sequences(self) -> dict[str, int]:
        """Return the last value of each sequence that was used, by the column that owns it, or its own name."""

    @abstractmethod
    def sums(self, selection: Selection) -> Sums:
        """Sum the content up in one sequential pass with constant memory."""

    @abstractmethod
    def buckets(self, selection: Selection) -> dict[int, tuple[int, ...]]:
        """Sum the content up per bucket of keys (number below BUCKETS): row count, then one sum per column."""

    @abstractmethod
    def rows(self, selection: Selection, buckets: Collection[int]) -> Iterator[tuple[Key, tuple[int | None, ...]]]:
        """Yield key and column hashes of the rows in those buckets, in ascending order of the key.

        Without a key, the hash of the whole row takes its place and its number of occurrences that of the hashes.
        """

    @abstractmethod
    def names(self, statement: str) -> list[str]:
        """Run a query of one text column."""
