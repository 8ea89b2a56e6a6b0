"""The options of the probe "security" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.probe import Options


class BanditOptions(Options, frozen=True, kw_only=True):
    """What to scan; all paths are relative to the rollout file.

    `paths` are folders and files, `leave_out` folders, files or patterns (fnmatch) below them that are not scanned;
    `config` is Bandit's own configuration, `baseline` a report of Bandit (`-f json`) with the findings that reviewers
    accepted.
    """

    paths: list[str]
    leave_out: list[str] = []
    config: str = ""
    baseline: str = ""
