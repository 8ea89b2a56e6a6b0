"""Corrections of the finished document."""

from typing import Any


def nullable(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Writes `nullable: true`, which the schemas of pages hold, as OpenAPI 3.1 knows it."""
    _rewrite(result)
    return result


def _rewrite(node: Any) -> None:
    if isinstance(node, dict):
        if node.pop("nullable", False) is True:
            node["type"] = [node["type"], "null"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            _rewrite(part)
