"""The ordered phases of one change programme, read from ``rollout.toml``."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import configuration
from harness.errors import ConfigurationError, UsageError
from harness.evidence import Severity


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything that a person writes: unknown keys are errors."""


class Release(_Strict, frozen=True, kw_only=True):
    """One runnable version of the platform: its folder, settings module and Python.

    `path` is relative to the rollout file; `python` "" is the interpreter that runs the harness. `environment` is added
    to the release's environment variables.
    """

    name: str
    path: str
    settings: str
    python: str = ""
    environment: dict[str, str] = {}


class Source(_Strict, frozen=True, kw_only=True):
    """How the database of a rehearsal comes about: the baseline release, migrated, and filled.

    `seed` is a management command of that release with its arguments, `quick_seed` the smaller one of `--quick`; a
    `dump` is restored instead of both.
    """

    release: str
    seed: list[str] = []
    quick_seed: list[str] = []
    dump: str = ""


class Criterion(_Strict, frozen=True, kw_only=True):
    """A requirement on evidence.

    `measure` names a measurement, or is "findings"; `about` restricts it to subjects (fnmatch); `require` is one of
    `<= 200`, `< 200`, `>= 90`, `> 0`, `== 0`, `<= baseline`, `<= 1.10 * baseline`, or for findings `none` and
    `none new`. `answers` names the question that it decides. `why` is shown where it fails.
    """

    measure: str
    require: str
    about: str = "*"
    severity: Severity = "low"
    answers: Literal["forward", "way back"] = "forward"
    why: str = ""


class ProbeEntry(_Strict, frozen=True, kw_only=True):
    """A probe of a phase, with its options and what its evidence must fulfil."""

    name: str
    options: dict[str, Any] = {}
    criteria: list[Criterion] = []


Moment = Literal["before", "after", "back"]


class Validation(_Strict, frozen=True, kw_only=True):
    """A check that the project itself writes about its content: `sql`, or a `file` of SQL (.sql) or Python (.py).

    With `expect` "nothing" the query finds the rows that break the rule, at each moment of `when`: "before" the phase,
    "after" it, and "back" once it was taken back. With "same" its rows are the same then as before. A Python file says
    itself what it expects.
    """

    name: str
    sql: str = ""
    file: str = ""
    expect: Literal["nothing", "same"] = "nothing"
    when: list[Moment] = msgspec.field(default_factory=lambda: ["before", "after", "back"])
    why: str = ""


class Waiver(_Strict, frozen=True, kw_only=True):
    """An accepted breach: who answers for it, why, for which subjects, until when.

    It covers criteria of `probe` whose measure is `measure`, or findings whose code is `code`, in phase `phase` (0:
    all).
    """

    owner: str
    reason: str
    until: datetime.date
    probe: str
    measure: str = ""
    code: str = ""
    about: str = "*"
    phase: int = 0


class Phase(_Strict, frozen=True, kw_only=True):
    """One step of the rollout.

    `serves` names the release that serves users after it, `candidate` the one whose code and migrations it brings;
    `migrations` are the targets that it applies ("app.0007_name", or "app" for the newest of that app), in the
    candidate. `way_back` says how one returns: "nothing" to undo, "migrate" backward, "serve" the old release, or
    "restore". `validate` are the project's own checks of its content.
    """

    number: int
    name: str
    serves: str
    candidate: str = ""
    migrations: list[str] = []
    ahead: list[str] = []
    way_back: Literal["nothing", "migrate", "serve", "restore"] = "nothing"
    probe: list[ProbeEntry] = []
    validate: list[Validation] = []

    @property
    def probes(self) -> list[str]:
        """The names of its probes, in the order of the file."""
        return [entry.name for entry in self.probe]

    def entry(self, probe: str) -> ProbeEntry:
        """Return the entry of that probe, or an empty one where the phase does not list it."""
        return next((entry for entry in self.probe if entry.name == probe), ProbeEntry(name=probe))


class Rollout(_Strict, frozen=True, kw_only=True):
    """A whole rollout file. `folder` is where it lies; all paths in it are relative to that."""

    name: str
    source: Source
    release: list[Release]
    phase: list[Phase]
    waiver: list[Waiver] = []
    schema: Literal[1] = 1
    operations: str = "operations.toml"
    folder: str = ""

    def find_phase(self, number: int) -> Phase:
        """Return the phase of that number; raises UsageError that lists the numbers there are."""
        for phase in self.phase:
            if phase.number == number:
                return phase
        known = ", ".join(str(phase.number) for phase in self.phase)
        raise UsageError(f"There is no phase {number} in {self.folder}/rollout.toml; its phases are {known}.")

    def find_release(self, name: str) -> Release:
        """Return the release of that name; raises ConfigurationError that lists the names there are."""
        for release in self.release:
            if release.name == name:
                return release
        known = ", ".join(repr(release.name) for release in self.release)
        raise ConfigurationError(f"{self.folder}/rollout.toml: there is no release {name!r}; the releases are {known}.")

    def path(self, relative: str) -> Path:
        """Resolve a path of the rollout file."""
        return (Path(self.folder) / relative).resolve()

    def before(self, phase: Phase) -> list[Phase]:
        """Return the phases that come before `phase`, in order."""
        return [
            earlier for earlier in sorted(self.phase, key=lambda each: each.number) if earlier.number < phase.number
        ]


def read_rollout(path: Path) -> Rollout:
    """Read and check a rollout file; raises ConfigurationError."""
    rollout = configuration.read(path, Rollout)
    if rollout.folder:
        raise ConfigurationError(f"{path}: unknown key 'folder'; remove it, paths are relative to the file.")
    rollout = msgspec.structs.replace(rollout, folder=str(path.resolve().parent))
    _check(rollout, path)
    return rollout


def _check(rollout: Rollout, path: Path) -> None:
    """Check what types cannot: names that refer to something, and numbers that are unique."""
    numbers = [phase.number for phase in rollout.phase]
    for number in numbers:
        if numbers.count(number) > 1:
            raise ConfigurationError(f"{path}: phase number {number} is used twice; number the phases 1, 2, 3 ...")
    for name in [rollout.source.release] + [n for phase in rollout.phase for n in (phase.serves, phase.candidate) if n]:
        rollout.find_release(name)
    for release in rollout.release:
        if not rollout.path(release.path).is_dir():
            raise ConfigurationError(
                f"{path}: release {release.name!r} has path {release.path!r}, which is not a folder."
            )
    for phase in rollout.phase:
        for validation in phase.validate:
            _check_validation(validation, rollout, path)


def _check_validation(validation: Validation, rollout: Rollout, path: Path) -> None:
    where = f"{path}: validation {validation.name!r}"
    if bool(validation.sql) == bool(validation.file):
        raise ConfigurationError(f"{where} needs either 'sql' or 'file'; write one of them.")
    if validation.file and not validation.file.endswith((".sql", ".py")):
        raise ConfigurationError(f"{where} has file {validation.file!r}; its name must end with .sql or .py.")
    if validation.file and not rollout.path(validation.file).is_file():
        raise ConfigurationError(f"{where} has file {validation.file!r}, which does not exist.")
    if not validation.when:
        raise ConfigurationError(f"{where} has an empty 'when'; name at least one of before, after, back.")
