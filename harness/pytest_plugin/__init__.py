"""The pytest plugin: query budgets, N+1 detection for a whole suite, growth, and a ledger that ratchets.

Django and the capture are imported when the first test needs them, so that a suite without either pays nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin.fixture import Queries
    from harness.pytest_plugin.served import Watch
    from harness.pytest_plugin.session import Session

MARKER = (
    "queries(at_most=, exactly=, grows=, n_plus_one=): how many queries the test may run, how queries.grow() may come "
    "out, and how often one line may repeat a statement"
)
_FACTS = "queries"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the keys of the configuration file."""
    group = parser.getgroup("queries")
    group.addoption("--queries-record", action="store_true", help="write the counted queries into the ledger")
    group.addoption("--queries-check", action="store_true", help="fail tests that run more queries than recorded")
    parser.addini("queries_ledger", "the ledger's file, from the root folder", default="reports/baselines/queries.json")
    parser.addini(
        "queries_n_plus_one", "how often one line may repeat a statement before the test fails (0: any)", default="0"
    )
    parser.addini("queries_ignore", 'repeated statements to accept: PATTERN until=DATE reason="..."', "linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; a mistake in the configuration ends the run before the first test."""
    config.addinivalue_line("markers", MARKER)
    wanted = config.getoption("queries_record") or config.getoption("queries_check")
    if wanted or config.getini("queries_ignore") or config.getini("queries_n_plus_one") != "0":
        _session(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count the queries of a test that has the marker, or of every test where the suite asks for it."""
    markers = list(item.iter_markers("queries"))
    if not markers and not (_is_suite_wide(item.config) and _has_django()):
        return (yield)
    _need_django()
    from harness.pytest_plugin.judging import TestJudge

    judge = TestJudge(item, markers, _session(item.config))
    with judge.counting():
        result = yield
    judge.judge()
    return result


@pytest.fixture
def queries(request: pytest.FixtureRequest) -> Queries:
    """Count the queries of a block, `with queries(at_most=6) as captured:`, or prove that they do not grow."""
    _need_django()
    from harness.pytest_plugin.fixture import Queries

    return Queries(request.node, _session(request.config))


@pytest.fixture(scope="session")
def served_queries() -> Iterator[Callable[[str], AbstractContextManager[Watch]]]:
    """Count what a server in another process asks, too: `with served_queries("config.wsgi:application") as watch:`."""
    _need_django()
    from harness.pytest_plugin.served import hearing

    with hearing() as hub:
        yield hub.watch


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Count nothing of a fixture that tests share: the first of them would pay for all."""
    if _current is None or fixturedef.scope == "function" or not _has_django():
        return (yield)
    from harness.agent.hooks import silenced

    with silenced():
        return (yield)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Hear which files were collected."""
    if _current is not None:
        _current.collection.take(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Hear which tests were left out, by whatever plugin."""
    before = list(items)
    yield
    if _current is not None:
        _current.collection.select(before, items)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take in what a test counted, here or in a worker of xdist."""
    if _current is not None:
        _current.collect(report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take in what a worker of xdist collected; one that crashed says nothing."""
    facts = getattr(node, "workeroutput", {}).get(_FACTS)
    if _current is not None and facts:
        _current.run.know(facts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the ledger where that was asked for; a worker only says what it collected."""
    if _current is None:
        return
    if hasattr(session.config, "workerinput"):
        session.config.workeroutput[_FACTS] = _current.collection.facts()  # type: ignore[attr-defined]
    else:
        _current.finish(session)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what can be tightened, and which ignores nobody needs."""
    lines = _current.summary() if _current is not None else []
    if lines:
        terminalreporter.section("queries")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_unconfigure() -> None:
    """Forget the session and take the hooks away: pytest may run again in this process."""
    global _current
    _current = None
    if hooks := sys.modules.get("harness.agent.hooks"):
        hooks.let_go()


_current: Session | None = None


def _session(config: pytest.Config) -> Session:
    global _current
    if _current is None:
        from harness.pytest_plugin.session import Session

        _current = Session(config, Path(config.rootpath))
    return _current


def _is_suite_wide(config: pytest.Config) -> bool:
    return bool(config.getini("queries_n_plus_one") != "0")


def _has_django() -> bool:
    registry = sys.modules.get("django.apps")
    return registry is not None and bool(registry.apps.ready)


def _need_django() -> None:
    """Fail a test that asks for its queries where there is no Django to ask."""
    if find_spec("django") is None:
        pytest.fail("Queries cannot be counted: Django is not installed here.", pytrace=False)
    if not _has_django():
        pytest.fail(
            "Queries cannot be counted: Django is not set up; install pytest-django and set DJANGO_SETTINGS_MODULE, or "
            "call django.setup() in conftest.py.",
            pytrace=False,
        )
