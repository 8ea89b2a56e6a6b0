"""Writes a real failure of the plugin into the documentation: ``python -m tests.harness.queries.failure``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.harness.queries.test_plugin import REPOSITORY, SUITE, Suite

PAGE = REPOSITORY / "docs/probes/queries.md"
START, END = "<!-- failure -->\n", "<!-- end of failure -->"


def main() -> None:
    """Run the suite, take the message of one test, and put it between the two marks of the page."""
    with tempfile.TemporaryDirectory() as folder:
        failures = Suite(Path(folder)).run("test_suite.py", SUITE).failures
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    shown = f"```text\n{failures['test_too_many'].strip()}\n```\n"
    PAGE.write_text(f"{before}{START}{shown}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
