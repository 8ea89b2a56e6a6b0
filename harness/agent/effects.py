"""What a request answers and which rows it changes, as digests: two releases can be compared, and no value leaves."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError, connection

from harness.agent.caches import clear_caches
from harness.agent.protocol import Report, procedure
from harness.agent.requests import exchange, failure, prepare, silence, undone

HEADERS = ("Content-Type", "Content-Disposition", "Location", "Retry-After", "WWW-Authenticate")
_LOG = "SELECT relation, before, after FROM harness_row_log ORDER BY number"
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")

Row = dict[str, Any]
Note = tuple[str, Row | None, Row | None]
Place = tuple[str, str]


@procedure
def effects(
    report: Report, requests: list[dict[str, Any]], keys: dict[str, list[str]], salt: str
) -> list[dict[str, Any]]:
    """Send requests, each in a transaction that is undone, and return what each answered and changed.

    The database has a row log (triggers of the harness); `keys` are the primary keys of its tables. Caches of this
    process are emptied before each request, so that none depends on those before it. An answer is {"status", "headers",
    "body", "rows", "commits"} and what failed: `body` is JSON with "type:digest" in place of each value, `rows` the net
    changes [{"table", "change", "key", "columns"}] or None where the transaction is broken, `commits` whether its
    deferred constraints hold. Equal values have equal digests under the same `salt`.
    """
    prepare()
    digest = Digest(salt)
    # What is committed already are the sessions that the harness opened: no effect of a request, nor is their renewal.
    before = _read_log() or []
    sessions = {_place(relation, after, keys, 0) for relation, old, after in before if old is None}
    answers = []
    for number, each in enumerate(requests):
        report(each["operation"], number, len(requests))
        response, content, noted, commits = _send(each, len(before))
        noted = noted and [note for note in noted if _place(note[0], note[1], keys, 1) not in sessions]
        kind = response.headers.get("Content-Type", "")
        answers.append(
            {
                "status": response.status_code,
                "headers": _headers(response, digest),
                "body": digest.body(kind, content),
                "rows": None if noted is None else net_changes(noted, keys, digest),
                "commits": commits,
                **failure(response),
            }
        )
    return answers


class Digest:
    """Replaces values by digests under a salt."""

    def __init__(self, salt: str) -> None:
        self._salt = salt.encode()

    def of(self, value: object) -> str:
        """Return the digest of a value's text."""
        text = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=8, key=self._salt).hexdigest()

    def tree(self, value: Any) -> Any:
        """Return JSON with "type:digest" in place of each value."""
        if isinstance(value, dict):
            return {self._name(key): self.tree(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.tree(inner) for inner in value]
        kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
        return "null" if value is None else f"{kinds[type(value)]}:{self.of(value)}"

    def body(self, kind: str, content: bytes) -> Any:
        """Return the tree of a JSON answer, the digest of another one."""
        if not content:
            return "empty"
        if "json" in kind:
            try:
                return self.tree(json.loads(content))
            except ValueError:
                return f"broken JSON:{self.of(content)}"
        return f"content:{self.of(content)}"

    def _name(self, key: str) -> str:
        """Return the name of a key; what does not look like a name may be data."""
        return key if _NAME.fullmatch(key) else f"({self.of(key)})"


def _send(each: dict[str, Any], skip: int) -> tuple[Any, bytes, list[Note] | None, bool]:
    """Send one request; return response, content, what it noted in the row log, and whether it could be committed."""
    clear_caches()
    _forget()
    with silence(), undone():
        response, content = exchange(each)
        noted = _read_log()
        commits = not noted or _commits()
    return response, content, noted if noted is None else noted[skip:], commits


def _forget() -> None:
    """Empty the project's caches in this process (throttles count there); caches that others share are left alone."""
    for alias in settings.CACHES:
        if isinstance(caches[alias], LocMemCache):
            caches[alias].clear()


def _headers(response: Any, digest: Digest) -> dict[str, str]:
    found = {name.lower(): response.headers[name] for name in HEADERS if name in response.headers}
    kind = {"content-type": found.pop("content-type")} if "content-type" in found else {}
    cookies = {f"cookie {name}": "set" for name in response.cookies}
    return {**kind, **{name: digest.of(value) for name, value in found.items()}, **cookies}


def _read_log() -> list[Note] | None:
    """Read the row log; None where an error has broken the transaction."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_LOG)
            return [(relation, _parse(before), _parse(after)) for relation, before, after in cursor.fetchall()]
    except DatabaseError:
        return None


def _parse(row: Any) -> Row | None:
    # Depending on the driver jsonb arrives as text or parsed; 1.50 must not become 1.5 on the way.
    parsed: Row | None = json.loads(row, parse_float=str) if isinstance(row, str) else row
    if parsed and connection.vendor == "sqlite":
        return {name: None if value == "NULL" else value for name, value in parsed.items()}
    return parsed


def _commits() -> bool:
    """Tell whether the constraints that are only checked at the end hold."""
    try:
        connection.check_constraints()
    except DatabaseError:
        return False
    return True


def net_changes(noted: list[Note], keys: dict[str, list[str]], digest: Digest) -> list[dict[str, Any]]:
    """Sum up what was noted: what was written twice counts once, what was taken back not at all."""
    first: dict[Place, Row | None] = {}
    last: dict[Place, Row | None] = {}
    emptied = []
    for number, (relation, before, after) in enumerate(noted):
        if before is None and after is None:
            emptied.append({"table": relation, "change": "emptied", "key": "", "columns": {}})
            continue
        old = _place(relation, before, keys, number)
        origin = first.pop(old, before)
        last.pop(old, None)
        if after is None and origin is None:
            continue  # it came and went
        place = _place(relation, origin if after is None else after, keys, number)
        # A row that comes back under the key of one that was removed has changed.
        first[place] = first.get(place) if origin is None else origin
        last[place] = after
    changes = [_change(place, first[place], last[place], digest) for place in first]
    return emptied + [each for each in changes if each["change"] != "altered" or each["columns"]]


def _place(relation: str, row: Row | None, keys: dict[str, list[str]], number: int) -> Place:
    """Return what tells a row apart; without a primary key, nothing brings two notes together."""
    key = keys.get(relation)
    if row is None or not key:
        return relation, f"note {number}"
    return relation, json.dumps([row[column] for column in key])


def _change(place: Place, before: Row | None, after: Row | None, digest: Digest) -> dict[str, Any]:
    what = {"table": place[0], "key": digest.of(place[1])}
    columns = {name: _value(value, digest) for name, value in (after or {}).items()}
    if after is None:
        return {**what, "change": "removed", "columns": {}}
    if before is None:
        return {**what, "change": "added", "columns": columns}
    altered = {name: columns[name] for name in columns if before[name] != after[name]}
    return {**what, "change": "altered", "columns": altered}


def _value(value: Any, digest: Digest) -> str:
    return "null" if value is None else f"value:{digest.of(value)}"
