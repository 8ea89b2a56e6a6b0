"""The options of the probe "dependencies" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.sources import SourceOptions


class DependenciesOptions(SourceOptions, frozen=True, kw_only=True):
    """Where dependencies are declared, used and pinned; all paths are relative to the rollout file.

    `pyproject` declares them: in its [project] table where `project` says so, and in its dependency groups `groups`.
    `requirements` is the file with the pins. `not_imported` are those that are used without an import: programs that
    are started, and what a setting names in a string.
    """

    pyproject: str = "pyproject.toml"
    project: bool = False
    groups: list[str] = []
    requirements: str = "requirements.txt"
    not_imported: list[str] = []
