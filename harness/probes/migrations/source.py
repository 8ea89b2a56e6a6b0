"""Finds the line of each operation in a migration's file."""

from __future__ import annotations

import ast
from pathlib import Path


def shown(file: str, root: Path) -> str:
    """Return a migration's file as reports name it: relative to the project, or below its app where that is a package.

    A bare name would be the same for every app's 0001_initial, and a whole path tells of the machine.
    """
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else Path(*path.parts[-3:]).as_posix()


def lines_of(file: str, count: int) -> list[int]:
    """Return the lines of the `count` operations that a file lists literally, else the line of the class, else 0."""
    path = Path(file)
    if path.suffix != ".py" or not path.is_file():
        return [0] * count
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            listed = [each.lineno for each in _operations(node)]
            return listed if len(listed) == count else [node.lineno] * count
    return [0] * count


def _operations(node: ast.ClassDef) -> list[ast.expr]:
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        named = any(isinstance(target, ast.Name) and target.id == "operations" for target in targets)
        if named and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List | ast.Tuple):
            return statement.value.elts
    return []
