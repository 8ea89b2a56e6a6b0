"""SQL for what the placeholders of a route may stand for: rows by their tables, likeliest first, no value of a row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings

from harness.agent.links import Link, linked, name_of
from harness.agent.placeholders import Choice, children
from harness.agent.views import Model

_MOST = 12
_COMBINATIONS = 4
_CHILDREN = 3
_OWNERS = ("user", "owner", "author", "customer", "account")

Draw = dict[str, Any]
"""{"sql", "reads"}: of each list of "reads" ("table.column") a view that looks the rows up compares one."""


class _Source(NamedTuple):
    """One table of a draw; `owner` is the column of the one who asks, "" for rows of anybody."""

    model: Model
    columns: dict[str, str]
    condition: str
    owner: str

    @property
    def table(self) -> str:
        return name_of(self.model._meta.db_table)

    def select(self, prefix: str) -> str:
        return ", ".join(f"{prefix}{name_of(column)} AS {name_of(name)}" for name, column in self.columns.items())

    def where(self, prefix: str) -> list[str]:
        own = f"{prefix}{name_of(self.owner)} = %(user)s" if self.owner else ""
        return [each for each in (self.condition, own) if each]

    def order(self, prefix: str, direction: str) -> str:
        pk: Any = self.model._meta.pk
        return f"{prefix}{name_of(pk.column or next(iter(self.columns.values())))}{direction}"

    @property
    def read(self) -> list[str]:
        pk: Any = self.model._meta.pk
        own = [f"{self.model._meta.db_table}.{column}" for column in self.columns.values()]
        above: list[Any] = self.model._meta.get_parent_list() if pk.column in self.columns.values() else []
        return own + [f"{each._meta.db_table}.{each._meta.pk.column}" for each in above]


def draws(found: list[list[Choice]], *, owned: bool) -> list[Draw]:
    """Return what may fill all placeholders, 12 at most; each gives one row first, and that is the one that is asked.

    For every combination: the first row; with `owned` the first row that belongs to the actor's column "user"; the
    first row of models that inherit; and after all of these the last row.
    """
    ranks = sorted(product(*(range(len(each)) for each in found)), key=lambda rank: (sum(rank), rank))
    combinations = [
        [each[place] for each, place in zip(found, rank, strict=True)] for rank in islice(ranks, _COMBINATIONS)
    ]
    made = [draw for each in combinations for draw in _variants(each, owned)]
    made += [_draw(each, descending=True) for each in combinations if not all(choice.condition for choice in each)]
    return list({each["sql"]: each for each in reversed(made)}.values())[::-1][:_MOST]


def _variants(chosen: list[Choice], owned: bool) -> Iterator[Draw]:
    yield _draw(chosen)
    if owned and any(_owner(each.model) for each in chosen):
        yield _draw(chosen, owned=True)
    for each in chosen:
        pk: Any = each.model._meta.pk
        for child in children(each.model)[:_CHILDREN] if set(each.columns.values()) == {pk.column} else ():
            key: Any = child._meta.pk
            inherited = Choice(child, dict.fromkeys(each.columns, str(key.column)))
            yield _draw([inherited if other is each else other for other in chosen])


def _owner(model: Model) -> str:
    """Return the column that names whose a row is, "" where there is none."""
    user = apps.get_model(settings.AUTH_USER_MODEL)
    fields = [each for each in model._meta.local_concrete_fields if each.remote_field and each.related_model is user]
    ordered = sorted(fields, key=lambda each: each.name not in _OWNERS)
    return next((str(each.column) for each in ordered), "")


def _draw(chosen: list[Choice], *, owned: bool = False, descending: bool = False) -> Draw:
    sources: list[_Source] = []
    for model in dict.fromkeys(each.model for each in chosen):
        together = [each for each in chosen if each.model is model]
        columns = {name: column for each in together for name, column in each.columns.items()}
        owner = _owner(model) if owned and not any(each.owner for each in sources) else ""
        sources.append(_Source(model, columns, together[0].condition, owner))
    # A content type that the code names belongs to no row.
    links = None if any(each.condition for each in sources[1:]) else linked([each.model for each in sources])
    direction = " DESC" if descending else ""
    sql = _crossed(sources, direction) if links is None else _joined(sources, links, direction)
    # Whose condition names its row takes it from the code, not from the table.
    asked = [each.read for each in sources if not each.condition]
    together_read = [[column for each in asked for column in each]] if asked else []
    return {"sql": sql, "reads": asked if links is None else together_read}


def _joined(sources: list[_Source], links: list[Link], direction: str) -> str:
    """Write a draw of rows that belong together."""
    prefixes = [f"{each.table}." if links else "" for each in sources]
    pairs = list(zip(sources, prefixes, strict=True))
    where = [each for source, prefix in pairs for each in source.where(prefix)]
    return (
        f"SELECT {', '.join(source.select(prefix) for source, prefix in pairs)} FROM {sources[0].table}"  # noqa: S608  # nosec B608
        + "".join(f" JOIN {name_of(link.table)} ON {link.condition}" for link in links)
        + (f" WHERE {' AND '.join(where)}" if where else "")
        + f" ORDER BY {', '.join(source.order(prefix, direction) for source, prefix in pairs)}"
    )


def _crossed(sources: list[_Source], direction: str) -> str:
    """Write a draw of one row of each table: nothing says which of them belong together."""
    parts = [f"({_joined([each], [], direction)} LIMIT 1) AS {name_of(f'row_{n}')}" for n, each in enumerate(sources)]
    return f"SELECT * FROM {', '.join(parts)}"  # noqa: S608  # nosec B608
