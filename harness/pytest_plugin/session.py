"""One run of pytest: its ledger, its ignores, and what the tests counted, in this process or in workers of xdist."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Any

import pytest

from harness.errors import ConfigurationError
from harness.pytest_plugin.ignores import Ignores
from harness.queries import ledger

COUNTED = "queries"
IGNORED = "queries ignored"
_TEST_FOLDERS = {"test", "tests"}


class Session:
    """What all tests of a run share."""

    def __init__(self, config: pytest.Config, root: Path) -> None:
        self.is_recording = bool(config.getoption("queries_record"))
        self.is_checking = bool(config.getoption("queries_check"))
        self.threshold = _threshold(config.getini("queries_n_plus_one"))
        self.ignores = Ignores(config.getini("queries_ignore"))
        self._path = root / config.getini("queries_ledger")
        self._root = root
        self._patterns = ["conftest.py", "factories.py", *config.getini("python_files")]
        self._counted: dict[str, ledger.Entry] = {}
        self._ran = 0
        self._whole_run = False
        self._written = ""
        self.recorded: dict[str, ledger.Entry] = {}
        if self.is_checking:
            self.recorded = self._read()

    @property
    def is_watching(self) -> bool:
        """Whether the ledger is wanted."""
        return self.is_recording or self.is_checking

    @staticmethod
    def key(item: pytest.Item) -> str:
        """Return a test's name in the ledger: file, class and function, without parameters."""
        return item.nodeid.split("[")[0]

    def is_test(self, place: dict[str, Any]) -> bool:
        """Tell whether a place is a test's own code: its loops are nobody's N+1."""
        path = PurePath(place["file"])
        return bool(_TEST_FOLDERS & set(path.parts)) or any(fnmatch(path.name, each) for each in self._patterns)

    def tell(self, item: pytest.Item, name: str, counted: ledger.Entry) -> None:
        """Send what a test counted along with its report, which xdist carries to the controller."""
        item.user_properties.append((COUNTED, json.dumps({name: counted})))

    def collect(self, report: pytest.TestReport) -> None:
        """Take in a test's report; of several runs of one test the largest counts stay."""
        self._ran += 1
        for kind, value in report.user_properties:
            if kind == IGNORED:
                self.ignores.used.add(int(str(value)))
            elif kind == COUNTED:
                for name, counted in json.loads(str(value)).items():
                    self._counted[name] = ledger.largest(self._counted.get(name), counted)

    def finish(self, session: pytest.Session) -> None:
        """Write the ledger; a run that failed or was cut short writes nothing."""
        config = session.config
        self._whole_run = not (config.option.keyword or config.option.markexpr or session.shouldstop)
        self._whole_run = self._whole_run and config.args_source is not config.ArgsSource.ARGS
        if self.is_recording and session.testsfailed:
            self._written = "Nothing was recorded, because tests failed."
        elif self.is_recording:
            kept = {name for name in self._old() if (self._root / name.split("::")[0]).exists() or "::" not in name}
            ledger.write(self._path, "tests", self._counted, keep=kept)
            self._written = f"{len(self._counted)} entries recorded in {self._path.relative_to(self._root)}."

    def summary(self) -> list[str]:
        """Return the lines for the end of the run."""
        lines = [self._written] if self._written else []
        if self.is_checking:
            better = [name for name, now in self._counted.items() if self._is_better(name, now)]
            lines += [f"{name} needs {_fewer(self.recorded[name], self._counted[name])}" for name in sorted(better)]
            lines += ["Tighten the ledger with --queries-record."] if better else []
        return lines + self.ignores.complaints(whole_run=self._whole_run and self._ran > 0)

    def _is_better(self, name: str, now: ledger.Entry) -> bool:
        recorded = self.recorded.get(name)
        return recorded is not None and not ledger.worse(recorded, now) and bool(ledger.worse(now, recorded))

    def _old(self) -> dict[str, ledger.Entry]:
        return ledger.read(self._path, "tests") if self._path.exists() else {}

    def _read(self) -> dict[str, ledger.Entry]:
        try:
            return ledger.read(self._path, "tests")
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None


def _fewer(recorded: ledger.Entry, now: ledger.Entry) -> str:
    kinds = [
        f"{now[kind]} {kind} instead of {recorded[kind]}" for kind in ("reads", "writes") if now[kind] < recorded[kind]
    ]
    return " and ".join(kinds)


def _threshold(text: str) -> int:
    if not text.isdigit() or text == "1":
        raise pytest.UsageError(f"queries_n_plus_one is {text!r}; write 0, or a number of repetitions from 2.")
    return int(text)
