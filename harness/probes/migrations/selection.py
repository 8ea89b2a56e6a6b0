"""Chooses the migrations to rehearse out of the plan of a project."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.probes.migrations.history import Listed, Plan

_NO_HISTORY = "it has no history in common with this branch"
_WAYS_OUT = {
    "Not a valid object name": "name a branch, tag or commit that is there (a shallow clone has to fetch it first)",
    _NO_HISTORY: "name a ref that shares history (a shallow clone has to fetch more of it)",
    "dubious ownership": "tell Git that the folder is safe (git config --global --add safe.directory FOLDER)",
}


@dataclass(frozen=True)
class Selection:
    """What the command line asks for; nothing means all migrations of the project's own apps.

    `since` and `to` are "app.0003" (a unique beginning of a name): what comes after the one, up to the other with all
    that it depends on. `base` is a Git ref: what the working tree has and the merge base has not.
    """

    apps: Sequence[str] = ()
    since: str = ""
    to: str = ""
    everything: bool = False
    base: str = ""

    def choose(self, plan: Plan, project: Path) -> list[Listed]:
        """Return the chosen migrations in the order of the plan; raises UsageError that names what does not exist."""
        chosen = list(plan.migrations)
        if self.base:
            added = added_files(project, self.base)
            chosen = [each for each in chosen if Path(each.file).resolve() in added]
        elif not (self.everything or self.apps or self.since or self.to):
            chosen = [each for each in chosen if each.own]
        for app in self.apps:
            if app not in {each.app for each in plan.migrations}:
                raise UsageError(f"No app {app!r} has migrations; those that have are {_apps(plan)}.")
        if self.apps:
            chosen = [each for each in chosen if each.app in self.apps]
        chosen = self._after(plan, chosen) if self.since else chosen
        return self._up_to(plan, chosen) if self.to else chosen

    def _after(self, plan: Plan, chosen: list[Listed]) -> list[Listed]:
        first = _find(plan, self.since)
        start = plan.migrations.index(first)
        same = [each for each in chosen if each.app == first.app or self.apps or self.everything]
        return [each for each in same if plan.migrations.index(each) > start]

    def _up_to(self, plan: Plan, chosen: list[Listed]) -> list[Listed]:
        last = _find(plan, self.to)
        end = plan.migrations.index(last)
        if self.since and end <= plan.migrations.index(_find(plan, self.since)):
            raise UsageError(f"--to {last.name} does not come after --from {_find(plan, self.since).name}.")
        same = [each for each in chosen if each.app == last.app or self.apps or self.everything]
        return [each for each in same if plan.migrations.index(each) <= end]


def added_files(project: Path, base: str) -> set[Path]:
    """Return the files that differ from the merge base with `base`, or are not known to Git; raises UsageError."""
    top = Path(_git(project, base, "rev-parse", "--show-toplevel").strip())
    fork = _git(project, base, "merge-base", base, "HEAD").strip()
    changed = _git(project, base, "diff", "--name-only", "-z", "--diff-filter=d", fork, "--")
    unknown = _git(top, base, "ls-files", "--others", "--exclude-standard", "-z")
    return {(top / name).resolve() for name in (changed + unknown).split("\0") if name}


def _git(folder: Path, base: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True,
            timeout=60, check=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise UsageError("--base needs Git, which is not installed.") from None
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or "").strip().splitlines()
        alone = _NO_HISTORY if "merge-base" in arguments else "Git failed"
        why = said[0].removeprefix("fatal: ").rstrip(".") if said else alone
        raise UsageError(f"What is new since {base!r} cannot be told: {why}; {_way_out(why)}.") from None
    return done.stdout


def _way_out(why: str) -> str:
    """Return what to do about what Git says."""
    return next((remedy for words, remedy in _WAYS_OUT.items() if words in why), "choose with --app, --from and --to")


def _find(plan: Plan, target: str) -> Listed:
    app, _, name = target.partition(".")
    found = [each for each in plan.migrations if each.app == app and each.migration.startswith(name)]
    exact = [each for each in found if each.migration == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        squashed = next((new for new, old in plan.replaced.items() if target in old), "")
        hint = f"it is part of {squashed}" if squashed else f"the apps with migrations are {_apps(plan)}"
        raise UsageError(f"There is no migration {target!r}; {hint}.")
    raise UsageError(f"{len(found)} migrations begin with {target!r}; write more of the name, as in {found[0].name!r}.")


def _apps(plan: Plan) -> str:
    return ", ".join(sorted({each.app for each in plan.migrations})) or "none"
