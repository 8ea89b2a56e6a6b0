"""The options of the probe "imports" in ``rollout.toml``."""

from __future__ import annotations

from harness.probes.probe import Options


class ImportsOptions(Options, frozen=True, kw_only=True):
    """Which packages to look at; all paths are relative to the rollout file.

    `packages` are top-level names, `roots` the folders that hold them, `leave_out` files below (fnmatch) that need not
    be modules; `contracts` is a configuration of import-linter (empty: none). Imports that only a type checker sees
    count where `type_checking` says so.
    """

    packages: list[str]
    roots: tuple[str, ...] = (".",)
    leave_out: list[str] = []
    contracts: str = ""
    type_checking: bool = False
