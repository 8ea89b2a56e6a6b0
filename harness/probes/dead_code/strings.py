"""Finds the names that a framework reads out of strings: settings, `source = "..."`, `fields = [...]`."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence

from harness.probes.sources import Source

PATH = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)*")


def named_in_strings(sources: Sequence[Source]) -> list[str]:
    """Return each name that is the whole of a string, or a part of a dotted path or of a lookup like `a__b`."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and PATH.fullmatch(node.value):
                found |= {part for name in re.split(r"[.:]", node.value) for part in (name, *name.split("__"))}
    return sorted(name for name in found if name.isidentifier() and not keyword.iskeyword(name))
