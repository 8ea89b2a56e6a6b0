"""Finds a migration's file and the line of each of its operations."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from django.db.migrations import Migration


def file_of(migration: Migration) -> str:
    """Return the path of the file that defines a migration, "" where it is not a file."""
    module = sys.modules.get(type(migration).__module__)
    return getattr(module, "__file__", None) or ""


def lines_of(migration: Migration) -> list[int]:
    """Return the line of every operation that the file lists literally, else the line of the class."""
    path = Path(file_of(migration))
    if path.suffix != ".py" or not path.is_file():
        return []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == type(migration).__name__:
            listed = [each.lineno for each in _operations(node)]
            count = len(migration.operations)
            return listed if len(listed) == len(type(migration).operations) else [node.lineno] * count
    return []


def _operations(node: ast.ClassDef) -> list[ast.expr]:
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        named = any(isinstance(target, ast.Name) and target.id == "operations" for target in targets)
        if named and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List | ast.Tuple):
            return statement.value.elts
    return []
