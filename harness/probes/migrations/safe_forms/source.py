"""Reads an operation's statements and fields, and writes the pieces that safe forms are made of."""

from __future__ import annotations

import hashlib
import re

from harness.probes.migrations.facts import Step

CONCURRENTLY = "# a migration of its own\natomic = False\n"
SPLIT = "\n# the next migration\n"
LATER = "# the phase after, when the old release is gone\n"
_FLAG = r",?\s*\b{name}=(?:True|False|None|[\w.]+(?:\([^()]*\))?|'[^']*')"
_DEFAULT = re.compile(r"\bdefault=(?P<value>-?[\d.]+|True|False|'[^'\\]*')(?=[,)])")
_LONGEST = 30


def sql(step: Step) -> list[str]:
    """Return what it ran, without what it only looked up (the names of constraints, in the catalog)."""
    ran = [each.sql for each in step.facts.statements] if step.facts else []
    return [each for each in ran if not each.lstrip().upper().startswith("SELECT")]


def table(step: Step) -> str:
    """Return the table that the operation altered, quoted as its statements have it."""
    for each in sql(step):
        found = re.search(r'(?:ALTER TABLE|\bON|UPDATE|DROP TABLE)\s+(?:ONLY\s+)?(?P<table>"[^"]+"|[\w.]+)', each)
        if found:
            return found["table"]
    return ""


def column(step: Step, name: str) -> str:
    """Return the column of a field: its name, or with the suffix of a key where a statement says so."""
    return f'"{name}_id"' if any(f'"{name}_id"' in each for each in sql(step)) else f'"{name}"'


def field_operation(step: Step, field: str = "", kind: str = "") -> str:
    """Return the operation on its field as source, also with another field or as another kind."""
    model, name = step.details["model_name"], step.details["name"]
    return f"migrations.{kind or step.kind}({model!r}, {name!r}, {field or step.details['field']})"


def default(field: str) -> str:
    """Return the constant that a field has as its default, as source; "" where it has none or computes it."""
    found = _DEFAULT.search(field)
    return found["value"] if found else ""


def without(field: str, *names: str) -> str:
    """Return a field without some of its arguments."""
    for name in names:
        field = re.sub(_FLAG.format(name=name), "", field)
    return field.replace("(, ", "(")


def with_argument(field: str, argument: str) -> str:
    """Return a field with an argument, which replaces the one of that name."""
    head, _, tail = field.rpartition(")")
    name = argument.partition("=")[0]
    head = re.sub(_FLAG.format(name=name), "", head)
    return f"{head}{'' if head.endswith('(') else ', '}{argument}){tail}".replace("(, ", "(")


def run_sql(forward: str, backward: str, state: str = "") -> str:
    """Return the operations of a migration that runs one statement, which another undoes ("" for nothing to undo)."""
    undo = repr(backward) if backward else "migrations.RunSQL.noop"
    lines = [f"    {forward!r},", f"    {undo},"]
    lines += [f"    state_operations=[{state}],"] if state else []
    return "\n".join(["operations = [migrations.RunSQL(", *lines, ")]"])


def short(name: str) -> str:
    """Return a name of at most 30 characters, the most for an index; long ones with a digest, so that they differ."""
    name = name.lower()
    digest = hashlib.blake2b(name.encode(), digest_size=3).hexdigest()
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 7]}_{digest}"
