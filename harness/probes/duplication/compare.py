"""Writes as JSON which lines of which files are equal; a script of its own that imports nothing from the harness.

Arguments: a file to write, the least number of lines, "imports" and "signatures" or "-" for each, and the files.
Symilar's own report leaves out the third place of a passage, so its pairs are read instead.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pylint.checkers.symilar import Symilar


def main(target: str, least: str, imports: str, signatures: str, *files: str) -> None:
    """Compare every file with every other one."""
    symilar = Symilar(
        min_lines=int(least) - 1,
        ignore_comments=True,
        ignore_docstrings=True,
        ignore_imports=imports == "-",
        ignore_signatures=signatures == "-",
    )
    for file in files:
        with Path(file).open(encoding="utf-8") as stream:
            symilar.append_stream(file, stream)
    pairs = [
        [
            [found.fst_lset.name, int(found.fst_file_start) + 1, int(found.fst_file_end)],
            [found.snd_lset.name, int(found.snd_file_start) + 1, int(found.snd_file_end)],
        ]
        for found in symilar._iter_sims()
    ]
    result = {"lines": sum(len(each) for each in symilar.linesets), "pairs": pairs}
    Path(target).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
