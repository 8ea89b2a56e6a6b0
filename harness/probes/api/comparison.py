"""Compares two OpenAPI documents endpoint by endpoint: what breaks a client of the old one, and what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.probes.api.document import Document, Endpoint, Node
from harness.probes.api.schemas import Break, Schemas


@dataclass
class Compared:
    """What was found: `breaks` by endpoint ("GET /path/"), the endpoints that both have, and those that are new."""

    shared: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    breaks: list[tuple[str, Break]] = field(default_factory=list)


def compare(old: Document, new: Document) -> Compared:
    """Compare two documents."""
    before, after = old.endpoints(), new.endpoints()
    compared = Compared()
    for key, endpoint in before.items():
        name = f"{endpoint.method} {endpoint.path}"
        if key in after:
            compared.shared.append(name)
            found = dict.fromkeys(_Endpoints(old, new, endpoint, after[key]).breaks())
            compared.breaks += [(name, each) for each in found]
        else:
            left = any(path == key[1] for _, path in after)
            gone = (
                Break("method-removed", "", "the method is gone") if left else Break("path-removed", "", "it is gone")
            )
            compared.breaks.append((name, gone))
    compared.added = [f"{each.method} {each.path}" for key, each in after.items() if key not in before]
    return compared


class _Endpoints:
    """One endpoint in both documents."""

    def __init__(self, old: Document, new: Document, before: Endpoint, after: Endpoint) -> None:
        self._old = old
        self._new = new
        self._before = before
        self._after = after

    def breaks(self) -> Iterator[Break]:
        """Yield what breaks."""
        if self._old.is_open(self._before) and not self._new.is_open(self._after):
            yield Break("authentication-required", "", "it could be used without authentication")
        yield from self._parameters()
        yield from self._body()
        yield from self._responses()

    def _parameters(self) -> Iterator[Break]:
        before, after = _named(self._before), _named(self._after)
        for (kind, name), parameter in before.items():
            if (kind, name) not in after:
                yield Break("parameter-removed", f"{kind} {name}", "the parameter is no longer read")
                continue
            now = after[kind, name]
            schemas = Schemas(self._old, self._new, "request")
            yield from schemas.compare(parameter.get("schema", {}), now.get("schema", {}), f"{kind} {name}")
            if now.get("required") and not parameter.get("required"):
                yield Break("parameter-required", f"{kind} {name}", "the parameter must be sent now")
        for kind, name in after.keys() - before.keys():
            if after[kind, name].get("required"):
                yield Break("parameter-required", f"{kind} {name}", "the parameter is new and must be sent")

    def _body(self) -> Iterator[Break]:
        before = self._old.resolve(self._before.node.get("requestBody"))
        after = self._new.resolve(self._after.node.get("requestBody"))
        if after.get("required") and not before.get("required"):
            yield Break("body-required", "request", "a body must be sent now")
        if before and after:
            yield from self._content("request", before, after)

    def _responses(self) -> Iterator[Break]:
        after = self._after.node.get("responses", {})
        for status, written in self._before.node.get("responses", {}).items():
            place = f"response {status}"
            if status in after:
                now = self._new.resolve(after[status])
                yield from self._content(place, self._old.resolve(written), now)
            elif str(status).startswith("2"):
                yield Break("response-removed", place, "it no longer answers so")

    def _content(self, place: str, before: Node, after: Node) -> Iterator[Break]:
        direction = "request" if place == "request" else "response"
        media = after.get("content", {})
        for kind, content in before.get("content", {}).items():
            if kind not in media:
                yield Break("media-type-removed", place, f"{kind} is gone")
                continue
            schemas = Schemas(self._old, self._new, direction)  # type: ignore[arg-type]
            yield from schemas.compare(content.get("schema", {}), media[kind].get("schema", {}), place)


def _named(endpoint: Endpoint) -> dict[tuple[str, str], Node]:
    """Return the parameters by kind and name; those of the path by their order, since only their place matters."""
    found: dict[tuple[str, str], Node] = {}
    for parameter in endpoint.parameters:
        kind, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
        if kind == "path":
            name = str(endpoint.path.count("{", 0, endpoint.path.find(f"{{{name}}}") + 1))
        found[kind, name] = parameter
    return found
