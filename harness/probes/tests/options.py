"""The options of the probe "tests" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.probe import Options


class PytestOptions(Options, frozen=True, kw_only=True):
    """What to run and what to measure meanwhile; all paths are relative to the rollout file.

    `paths` are the tests (empty: what the project's own pytest configuration says); `cover` the folders whose coverage
    is measured (empty: none) without the files that match `omit`; `python` the interpreter (empty: the release's);
    `args` go to pytest, `quick_args` too where the run is a quick one; after `minutes` the run is stopped.
    """

    paths: list[str] = []
    cover: list[str] = []
    omit: list[str] = []
    python: str = ""
    args: list[str] = []
    quick_args: list[str] = []
    minutes: float = 30
