"""Finds code that says itself that it is deprecated."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from harness.evidence import Finding
from harness.probes.sources import Source

CATEGORIES = ("DeprecationWarning", "PendingDeprecationWarning")


def deprecated(sources: Sequence[Source]) -> list[Finding]:
    """Return definitions decorated with `deprecated` (PEP 702) and statements that warn of a deprecation."""
    return [_finding(source.file, line, what) for source in sources for line, what in _marked(source.tree)]


def _marked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if any(_last_name(each) == "deprecated" for each in node.decorator_list):
                yield node.lineno, node.name
        elif isinstance(node, ast.Call) and _last_name(node) == "warn" and _warns_of_deprecation(node):
            yield node.lineno, "a warning"


def _warns_of_deprecation(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(_last_name(each) in CATEGORIES for each in given)


def _last_name(node: ast.expr) -> str:
    """Return `c` of `a.b.c`, of `c` and of a call of either."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _finding(file: str, line: int, what: str) -> Finding:
    return Finding(
        code="deprecated-code",
        severity="medium",
        about=f"{file}: {what}",
        why="it is marked as deprecated and still there",
        remedy="Move its callers to what replaces it, then remove it.",
        file=file,
        line=line,
    )
