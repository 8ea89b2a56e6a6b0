"""One run of pytest: its ledger, its ignores, and what the tests counted, in this process or in workers of xdist."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Any

import pytest

from harness.errors import ConfigurationError
from harness.pytest_plugin.collection import Collection, Run
from harness.pytest_plugin.ignores import Ignores
from harness.queries import ledger
from harness.words import number

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
        self.collection = Collection(config)
        self.run = Run()
        self.recorded: dict[str, ledger.Entry] = self._read() if self.is_watching else {}

    @property
    def is_watching(self) -> bool:
        """Whether the ledger is wanted."""
        return self.is_recording or self.is_checking

    def is_test(self, place: dict[str, Any]) -> bool:
        """Tell whether a place is a test's own code: its loops are nobody's N+1."""
        path = PurePath(place["file"])
        return bool(_TEST_FOLDERS & set(path.parts)) or any(fnmatch(path.name, each) for each in self._patterns)

    def tell(self, item: pytest.Item, name: str, counted: ledger.Entry) -> None:
        """Send what a test counted along with its report, which xdist carries to the controller."""
        item.user_properties.append((COUNTED, json.dumps({name: counted})))

    def collect(self, report: pytest.TestReport) -> None:
        """Take in a test's report; of several runs of one test the largest counts stay."""
        self.run.collect(report)
        if report.when != "call":
            return
        self._ran += 1
        for kind, value in report.user_properties:
            if kind == IGNORED:
                self.ignores.used.add(int(str(value)))
            elif kind == COUNTED and report.passed:
                for name, counted in json.loads(str(value)).items():
                    self._counted[name] = ledger.largest(self._counted.get(name), counted)

    def finish(self, session: pytest.Session) -> None:
        """Write the ledger; a run that failed or only collected writes nothing."""
        config = session.config
        self.run.know(self.collection.facts())
        self._whole_run = not (config.option.keyword or config.option.markexpr or session.shouldstop)
        self._whole_run = self._whole_run and config.args_source is not config.ArgsSource.ARGS
        self._whole_run = self._whole_run and not self.run.is_partial
        if self.is_recording and session.testsfailed:
            self._written = "Nothing was recorded, because tests failed."
        elif self.is_recording and not config.option.collectonly:
            self._record(session)

    def _record(self, session: pytest.Session) -> None:
        gone = self._gone()
        new = {name: self._covering(name, counted) for name, counted in self._counted.items()}
        where = os.path.relpath(self._path, self._root)
        try:
            ledger.write(self._path, "tests", new, keep=set(self.recorded) - set(gone))
        except OSError as error:
            self._written = f"Nothing was recorded: {where} cannot be written ({error.strerror})."
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        out = f" Taken out, because no test counts it any more: {', '.join(gone)}." if gone else ""
        self._written = f"{len(new)} entries recorded in {where}.{out}"

    def _covering(self, name: str, counted: ledger.Entry) -> ledger.Entry:
        """Let an entry cover what this run left out of its tests: other parameters, other tests with the same block."""
        old = self.recorded.get(name)
        left_out = [test for test in ledger.tests(name, old) if not self._is_gone(test)] if old else []
        if all(map(self.run.is_complete, {*left_out, *ledger.tests(name, counted)})):
            return counted
        return ledger.largest(old, counted)

    def _gone(self) -> list[str]:
        """Return the entries that belong to no test any more, as far as this run can tell."""
        gone = [name for name, entry in self.recorded.items() if name not in self._counted and self._lacks(name, entry)]
        return sorted(gone)

    def _lacks(self, name: str, entry: ledger.Entry) -> bool:
        tests = ledger.tests(name, entry)
        return bool(tests) and all(map(self._is_gone, tests))

    def _is_gone(self, test: str) -> bool:
        return self.run.is_gone(test) or not (self._root / test.split("::")[0]).exists()

    def summary(self) -> list[str]:
        """Return the lines for the end of the run."""
        lines = [self._written] if self._written else []
        if self.is_checking:
            now = {name: self._covering(name, counted) for name, counted in self._counted.items()}
            better = [name for name, entry in now.items() if self._is_better(name, entry)]
            lines += [f"{name} needs {_fewer(self.recorded[name], now[name])}" for name in sorted(better)]
            lines += ["Tighten the ledger with --queries-record."] if better else []
            lines += [f"{name} is in the ledger, but no test counts it any more." for name in self._gone()]
            lines += ["Take such entries out with --queries-record."] if self._gone() else []
        return lines + self.ignores.complaints(whole_run=self._whole_run and self._ran > 0)

    def _is_better(self, name: str, now: ledger.Entry) -> bool:
        recorded = self.recorded.get(name)
        return recorded is not None and not ledger.worse(recorded, now) and bool(ledger.worse(now, recorded))

    def _read(self) -> dict[str, ledger.Entry]:
        try:
            return ledger.read(self._path, "tests") if self.is_checking else ledger.known(self._path, "tests")
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None


def _fewer(recorded: ledger.Entry, now: ledger.Entry) -> str:
    kinds = [
        f"{number(now[kind], kind[:-1])} instead of {recorded[kind]}"  # type: ignore[literal-required]
        for kind in ledger.JUDGED
        if now[kind] < recorded[kind]  # type: ignore[literal-required]
    ]
    return " and ".join(kinds)


def _threshold(text: str) -> int:
    if not text.isdigit() or text == "1":
        raise pytest.UsageError(f"queries_n_plus_one is {text!r}; write 0, or a number of repetitions from 2.")
    return int(text)
