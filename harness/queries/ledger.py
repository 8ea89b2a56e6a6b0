"""The ledger of queries: what tests and operations needed when somebody recorded it. It only gets better.

Keys are names without primary keys, sequence numbers and line numbers, and places are functions, so that an edit above
a function changes nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from harness.errors import ConfigurationError
from harness.words import number

JUDGED = ("reads", "writes")


class Statement(TypedDict):
    """One statement of an entry; `place` is the innermost function of the project, "file function"."""

    sql: str
    count: int
    relation: str
    place: str


class Entry(TypedDict):
    """What one test or operation needed; `tests`: those that count a block with a name of its own."""

    reads: int
    writes: int
    cache: int
    statements: list[Statement]
    tests: NotRequired[list[str]]


def tests(name: str, entry: Entry) -> list[str]:
    """Return the tests that an entry of this name belongs to; none where it is not known."""
    return entry.get("tests", [name] if "::" in name else [])


def entry(report: dict[str, Any]) -> Entry:
    """Make an entry out of a capture's report."""
    counted: dict[tuple[str, str, str], int] = {}
    for each in report["statements"]:
        if each["kind"] != "transactions":
            key = _key(each)
            counted[key] = counted.get(key, 0) + each["count"]
    queries = report["queries"]
    return Entry(
        reads=queries["reads"],
        writes=queries["writes"],
        cache=queries["cache"],
        statements=[
            Statement(sql=sql, count=count, relation=relation, place=place)
            for (sql, place, relation), count in sorted(counted.items())
        ],
    )


def read(path: Path, section: str) -> dict[str, Entry]:
    """Read one section, "tests" or "operations"; raises ConfigurationError."""
    whole = _load(path)
    if section not in whole:
        raise ConfigurationError(f"{path} has no {section} yet; record them first.")
    # Not before: a suite that only looks for N+1 has no ledger to read.
    import msgspec

    try:
        return msgspec.convert(whole[section], dict[str, Entry])
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"The ledger {path} is damaged in {section}: {error}; record it again.") from None


def known(path: Path, section: str) -> dict[str, Entry]:
    """Read one section, which is empty where nothing was recorded yet; raises ConfigurationError."""
    return read(path, section) if path.exists() and section in _load(path) else {}


def write(path: Path, section: str, entries: dict[str, Entry], *, keep: Collection[str] = ()) -> None:
    """Write one section: new entries replace those of the same name, and of the others those in `keep` stay."""
    whole: dict[str, Any] = _load(path) if path.exists() else {"schema": 1}
    old: dict[str, Entry] = whole.get(section, {})
    whole[section] = dict(sorted({**{name: old[name] for name in keep if name in old}, **entries}.items()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def worse(recorded: Entry, now: Entry) -> str:
    """Say what is more than recorded, "" where nothing is."""
    kinds = [
        f"{number(now[kind], kind[:-1])}, recorded {recorded[kind]}"  # type: ignore[literal-required]
        for kind in JUDGED
        if now[kind] > recorded[kind]  # type: ignore[literal-required]
    ]
    return " and ".join(kinds)


def difference(recorded: Entry, now: Entry) -> list[str]:
    """Return a line for each statement that changed: how often it ran then and now."""
    then = {(each["sql"], each["place"], each["relation"]): each["count"] for each in recorded["statements"]}
    today = {(each["sql"], each["place"], each["relation"]): each["count"] for each in now["statements"]}
    changed = [key for key in dict.fromkeys([*then, *today]) if then.get(key, 0) != today.get(key, 0)]
    return [f"  {then.get(key, 0)} -> {today.get(key, 0)}  {key[0]}  ({key[1] or 'no place'})" for key in changed]


def is_more(recorded: Entry, statement: dict[str, Any]) -> bool:
    """Tell whether a statement of a report runs more often than recorded."""
    key = _key(statement)
    then = sum(
        each["count"] for each in recorded["statements"] if (each["sql"], each["place"], each["relation"]) == key
    )
    return bool(statement["count"] > then)


def largest(one: Entry | None, other: Entry) -> Entry:
    """Return an entry that covers both: a test with several parameters has one."""
    if one is None:
        return other
    most = max(one, other, key=lambda each: each["reads"] + each["writes"])
    both = Entry(
        reads=max(one["reads"], other["reads"]),
        writes=max(one["writes"], other["writes"]),
        cache=max(one["cache"], other["cache"]),
        statements=most["statements"],
    )
    if known_tests := sorted({*one.get("tests", []), *other.get("tests", [])}):
        both["tests"] = known_tests
    return both


def _key(statement: dict[str, Any]) -> tuple[str, str, str]:
    place = next(iter(statement["path"]), None)
    return statement["sql"], f"{place['file']} {place['function']}" if place else "", statement["relation"]


def _load(path: Path) -> dict[str, Any]:
    try:
        whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"There is no ledger {path}; record it first.") from None
    except (OSError, ValueError):
        raise ConfigurationError(
            f"The ledger {path} cannot be read; restore it from version control or record it."
        ) from None
    if not isinstance(whole, dict) or whole.get("schema") != 1:
        raise ConfigurationError(f"The ledger {path} has another format than this harness writes; record it again.")
    return whole
