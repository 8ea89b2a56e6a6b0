"""The options of the probe "development" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.probe import Options


class DevelopmentOptions(Options, frozen=True, kw_only=True):
    """Where the history lies, relative to the rollout file.

    `runs` is the folder of earlier runs (empty: where this one is); `work` says for each phase, by its number, which
    files and folders its work changes: commits do not say for which phase they were made.
    """

    runs: str = ""
    work: dict[str, list[str]] = {}
