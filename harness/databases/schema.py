"""What a database consists of, read from its catalog, and how two of them differ."""

from __future__ import annotations

from typing import Literal

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table.

    `name` is "table", or "schema.table" outside of the schema public; `quoted` is how SQL refers to it; `columns` maps
    names to types; `key` are the columns of the primary key (empty: it has none); `references` the tables that its
    foreign keys point at.
    """

    name: str
    quoted: str
    columns: dict[str, str]
    key: tuple[str, ...] = ()
    references: frozenset[str] = frozenset()


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """All tables by name, and every object ("column t.c", "index t.i", "sequence s", ...) with its definition."""

    tables: dict[str, Table]
    objects: dict[str, str]


class SchemaChange(msgspec.Struct, frozen=True, kw_only=True):
    """One object that is in only one of two schemas, or defined differently; a definition is "" where there is none."""

    name: str
    change: Literal["added", "removed", "changed"]
    before: str = ""
    after: str = ""


def compare_schemas(before: Schema, after: Schema) -> list[SchemaChange]:
    """Return the objects in which two schemas differ, by name."""
    return [
        _change(name, before.objects.get(name), after.objects.get(name))
        for name in sorted(before.objects.keys() | after.objects.keys())
        if before.objects.get(name) != after.objects.get(name)
    ]


def _change(name: str, before: str | None, after: str | None) -> SchemaChange:
    if before is None:
        return SchemaChange(name=name, change="added", after=after or "")
    if after is None:
        return SchemaChange(name=name, change="removed", before=before)
    return SchemaChange(name=name, change="changed", before=before, after=after)
