"""Reads OpenAPI documents (3.0 and 3.1), in JSON or YAML, and follows their references."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import ProbeError

METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
DEEPEST = 20
_PARAMETER = re.compile(r"\{[^}]*\}")
Node = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """One method of one path; `path` is as it is written, parameters of the path item are among its own."""

    method: str
    path: str
    node: Node = field(repr=False)
    parameters: list[Node] = field(repr=False)


class Document:
    """An OpenAPI document."""

    def __init__(self, root: Node) -> None:
        self._root = root

    def endpoints(self) -> dict[tuple[str, str], Endpoint]:
        """Return every endpoint by method and path; the names of path parameters do not matter to clients."""
        found = {}
        for path, written in self._root["paths"].items():
            item = self.resolve(written)
            for method in METHODS:
                if method in item:
                    node = self.resolve(item[method])
                    own = [self.resolve(each) for each in (*item.get("parameters", ()), *node.get("parameters", ()))]
                    found[method.upper(), _PARAMETER.sub("{}", path)] = Endpoint(method.upper(), path, node, own)
        return found

    def is_open(self, endpoint: Endpoint) -> bool:
        """Tell whether an endpoint can be used without authentication."""
        needed = endpoint.node.get("security", self._root.get("security", []))
        return not needed or {} in needed

    def resolve(self, node: Any) -> Node:
        """Follow `$ref` within the document; raises ProbeError where it leads nowhere or in a circle."""
        for _ in range(DEEPEST):
            if not isinstance(node, dict):
                return {}
            if "$ref" not in node:
                return node
            node = self._at(node["$ref"])
        raise ProbeError(f"The reference {node['$ref']!r} of the OpenAPI document leads in a circle; mend it.")

    def _at(self, reference: str) -> Any:
        node: Any = self._root
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not reference.startswith("#/") or not isinstance(node, dict) or name not in node:
                raise ProbeError(f"The OpenAPI document refers to {reference!r}, which it does not hold; mend it.")
            node = node[name]
        return node


def read_document(path: Path, title: str) -> Document:
    """Read a document; raises ProbeError where there is none, or where it describes no endpoint."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise ProbeError(f"{title} does not exist; generate it, commit it and name it in 'document'.") from None
    root = _parse(text, title)
    if not isinstance(root, dict) or not isinstance(root.get("paths"), dict) or "openapi" not in root:
        raise ProbeError(f"{title} is no OpenAPI document: it needs 'openapi' and 'paths'.")
    document = Document(root)
    if not document.endpoints():
        raise ProbeError(f"{title} describes no endpoint; nothing can be compared.")
    return document


def _parse(text: str, title: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise ProbeError(f"{title} is no JSON: {error}.") from None
    try:
        import yaml
    except ImportError:
        raise ProbeError(f"{title} is YAML, which needs PyYAML; install it, or let the command write JSON.") from None
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # nosec B506  # both are safe
    except yaml.YAMLError as error:
        where = str(getattr(error, "problem_mark", "")).strip() or "somewhere"
        raise ProbeError(f"{title} is no YAML: {where}.") from None
