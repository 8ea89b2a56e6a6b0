"""Looks relations up by oid and by name: those from before a migration, and those that are committed now."""

from __future__ import annotations

from harness.agent.facts import words
from harness.agent.facts.catalog import Held, Relation
from harness.agent.facts.record import OperationFacts

Relations = dict[int, Relation]


def is_no_table(held: Held, existing: Relations) -> bool:
    """Tell whether something is no table from before; sorted by this, those tables come first."""
    relation = existing.get(held.oid)
    return relation is None or not relation.is_table


def resolve(name: str, held: list[Held], existing: Relations, committed: Relations) -> Relation | None:
    """Find the table of that present name, if it existed before the migration."""
    for each in held:
        if each.bare == name:
            relation = existing.get(each.oid)
            return relation if relation and relation.is_table else None
    oid = next((each.oid for each in committed.values() if each.is_table and each.bare == name), None)
    return existing.get(oid) if oid else None


def mentioned(sql: str, existing: Relations, committed: Relations) -> list[Relation]:
    """Return the existing tables that a statement names, itself or through an index."""
    names = words.names(sql)
    owners = {relation.owner for relation in committed.values() if relation.bare in names}
    known = [committed[oid] for oid in sorted(owners) if oid in existing]
    return [table for table in known if table.kind in ("r", "p")]


def touched_rows(facts: OperationFacts, existing: Relations) -> int:
    """Return how many rows of existing tables the operation updated and deleted; they stay locked until commit."""
    names = {relation.name for relation in existing.values()}
    return sum(rows.updated + rows.deleted for table, rows in facts.rows.items() if table in names)
