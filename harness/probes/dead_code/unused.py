"""Finds what nothing uses, with Vulture as a library: each file is handed to it, so none is passed over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from harness.evidence import Finding, Severity
from harness.probes.dead_code.django import CALLED, DECORATORS, method_fields
from harness.probes.dead_code.options import DeadCodeOptions
from harness.probes.dead_code.strings import named_in_strings
from harness.probes.sources import Source, require_tool


def unused(sources: Sequence[Source], options: DeadCodeOptions, users: Sequence[Source]) -> list[Finding]:
    """Return what no file of `sources` and `users` uses; raises ProbeError without Vulture."""
    require_tool("vulture")
    from vulture import Vulture  # type: ignore[import-untyped]

    names, decorators = ([*CALLED, *method_fields(sources)], DECORATORS) if options.django else ([], [])
    vulture = Vulture(
        ignore_names=[*options.ignore_names, *names], ignore_decorators=[*options.ignore_decorators, *decorators]
    )
    for source in (*sources, *users):
        vulture.scan(source.text, filename=Path(source.file))
    if options.strings:
        vulture.scan("\n".join(f"_.{name}" for name in named_in_strings([*sources, *users])), filename=Path("strings"))
    # What the standard library calls by name (ast.NodeVisitor, argparse.Action ...); it ships with Vulture.
    vulture.scavenge([])
    listed = {source.file for source in sources}
    return [
        _finding(str(item.filename), item.first_lineno, item.message, item.confidence)
        for item in vulture.get_unused_code(min_confidence=options.confidence)
        if item.typ in options.kinds and str(item.filename) in listed
    ]


def _finding(file: str, line: int, message: str, confidence: int) -> Finding:
    severity: Severity = "medium" if confidence == 100 else "low"
    name = re.search(r"'(.+)'", message)
    return Finding(
        code="unused-code",
        severity=severity,
        about=f"{file}: {name[1]}" if name else file,
        why=f"{message} (confidence {confidence} %)",
        remedy="Remove it, or name it in 'ignore_names' where a framework calls it.",
        file=file,
        line=line,
    )
