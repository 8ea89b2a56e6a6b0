"""The options of the probe "dead code" in ``rollout.toml``."""

from __future__ import annotations

from typing import Literal

from harness.probes.sources import SourceOptions

Kind = Literal["attribute", "class", "function", "import", "method", "property", "unreachable_code", "variable"]


class DeadCodeOptions(SourceOptions, frozen=True, kw_only=True):
    """What counts as used although nothing calls it by name.

    `confidence` is Vulture's, from 60 (may be used in a way that it cannot see) to 100 (surely dead); `kinds` are those
    that are looked for; `ignore_names` and `ignore_decorators` are patterns (fnmatch) of what a framework calls;
    `used_in` are further files and folders that use the code but are not searched themselves (migrations, say, or what
    `vulture --make-whitelist` wrote). With `django` the names are known that Django and REST framework call; with
    `strings` a name that is the whole of a string or part of a dotted path counts as used (settings, fields).
    """

    confidence: int = 60
    kinds: tuple[Kind, ...] = ("class", "function", "method", "property", "unreachable_code")
    ignore_names: list[str] = []
    ignore_decorators: list[str] = []
    used_in: list[str] = []
    django: bool = True
    strings: bool = True
