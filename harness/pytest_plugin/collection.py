"""What a run collected and ran, and so which entries of the ledger it can speak about."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

import pytest

PASSED = "passed"


def key(item: pytest.Item) -> str:
    """Return a test's name in the ledger: file, class and function, without parameters."""
    if isinstance(item, pytest.Function) and item.parent is not None:
        return f"{item.parent.nodeid}::{item.originalname or item.name}"
    return item.nodeid.split("[")[0]


class Collection:
    """The tests of one process; the workers of xdist send theirs to the controller, which collects none itself."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._files: dict[str, bool] = {}
        self._selected: set[str] = set()
        self._tests: dict[str, str] = {}
        self.is_partial = False

    def take(self, report: pytest.CollectReport) -> None:
        """Hear of a collected file or class; one that was skipped or failed hides tests."""
        file = report.nodeid.split("::")[0]
        self._files[file] = self._files.get(file, True) and report.passed

    def select(self, before: list[pytest.Item], after: list[pytest.Item]) -> None:
        """Hear of which tests are left of those that the chosen files hold."""
        left = set(after)
        self._selected = {key(item) for item in before if item not in left} | self._named_with_parameters()
        for file in {name.split("::")[0] for name in self._selected} | self._named():
            self._files[file] = False
        # The cache plugin leaves out what passed without telling anybody.
        if getattr(self._config.option, "lf", False) or (self._config.option.pyargs and self._named()):
            self._files = {}
            self._selected = {key(item) for item in before}
        self.is_partial = bool(self._selected or self._named())
        self._tests = {item.nodeid: key(item) for item in after}

    def facts(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        whole = [file for file, is_whole in self._files.items() if is_whole]
        return {
            "tests": self._tests,
            "whole": whole,
            "selected": sorted(self._selected),
            "partial": self.is_partial,
        }

    def _named(self) -> set[str]:
        """Return the files of which the command line names single tests."""
        return {self._file(each) for each in self._config.args if "::" in each}

    def _named_with_parameters(self) -> set[str]:
        named = (each.partition("::") for each in self._config.args)
        return {f"{self._file(file)}::{test.split('[')[0]}" for file, _, test in named if "[" in test}

    def _file(self, argument: str) -> str:
        path = os.path.join(self._config.invocation_params.dir, argument.split("::")[0])
        return os.path.relpath(path, self._config.rootpath).replace(os.sep, "/")


class Run:
    """How the collected tests came out."""

    def __init__(self) -> None:
        self.is_partial = False
        self._whole: set[str] = set()
        self._selected: set[str] = set()
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._by_file: dict[str, set[str]] = defaultdict(set)
        self._outcomes: dict[str, str] = {}

    def know(self, facts: dict[str, Any]) -> None:
        """Take in what was collected, here or in a worker: all workers collect the same."""
        self.is_partial = self.is_partial or facts["partial"]
        self._whole |= set(facts["whole"])
        self._selected |= set(facts["selected"])
        for test, name in facts["tests"].items():
            self._by_name[name].add(test)
            self._by_file[name.split("::")[0]].add(test)

    def collect(self, report: pytest.TestReport) -> None:
        """Take in how a test came out."""
        if report.when == "call" or not report.passed:
            self._outcomes[report.nodeid] = report.outcome

    def is_complete(self, name: str) -> bool:
        """Tell whether a test passed with all of its parameters, so that its counts are the whole of it."""
        return name not in self._selected and self._has_passed(name)

    def is_gone(self, name: str) -> bool:
        """Tell whether a test counts nothing any more: all of its file ran, and it is not there or passed without."""
        file = name.split("::")[0]
        if file not in self._whole or not self._by_file[file] <= set(self._outcomes):
            return False
        return name not in self._by_name or self._has_passed(name)

    def _has_passed(self, name: str) -> bool:
        tests = self._by_name.get(name, set())
        return bool(tests) and all(self._outcomes.get(test) == PASSED for test in tests)
