"""The options of the probe "duplication" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.sources import SourceOptions


class DuplicationOptions(SourceOptions, frozen=True, kw_only=True):
    """`least` is the number of equal lines from which on they are a clone; comments and docstrings do not count.

    Lists of imports and heads of functions count only where `imports` and `signatures` say so.
    """

    least: int = 6
    imports: bool = False
    signatures: bool = False
