"""The probe "load" on a small project that is really served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.evidence import Evidence
from harness.operations import Actor, Catalog, Operation
from harness.probes.load import Load
from harness.probes.load.stage import LoadOptions
from harness.probes.world import World
from harness.runs import Run
from tests.harness.queries.library import write_library

pytestmark = [pytest.mark.slow, pytest.mark.alone]
ROOT = Path(__file__).resolve().parents[3]
PROFILE = """
[profile.short]
rate = 20
seconds = 2
warmup = 0.5
users = 8
least = 20
thresholds = [{ measure = "error share", at_most = 0 }]
"""
READER = Actor(name="reader", draw='SELECT id AS "user" FROM auth_user ORDER BY id', session=True)
LIST = Operation(name="list books", request="GET /books/", weight=3)
SHOW = Operation(name="show book", request="GET /books/{book}/", draw="SELECT id AS book FROM library_book ORDER BY id")
MYSELF = Operation(name="show myself", request="GET /me/", actor="reader")


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A library that is served by its good release."""
    folder = tmp_path_factory.mktemp("library")
    library = write_library(folder)
    (folder / "profiles.toml").write_text(PROFILE)
    run = Run.create(folder / "runs", 1)
    phase = library.find_phase(1)
    world = World(library, phase, Catalog(), run, database="sqlite", quick=False, emit=lambda event: None)
    with closing(world):
        yield world


def measure(world: World, *operations: Operation, release: str = "") -> Evidence:
    world.catalog = Catalog(actor=[READER], operation=list(operations))
    locustfile = str(ROOT / "loadtests" / "locustfile.py")
    options = LoadOptions(profile="short", profiles="profiles.toml", locustfile=locustfile, release=release)
    return Load().measure(world, options)


def busy(evidence: Evidence) -> list[str]:
    """Return what may be held against the figures where other programs run beside the tests."""
    return [doubt for doubt in evidence.unsound if "% busy" in doubt]


def value(evidence: Evidence, name: str, about: str = "") -> float:
    return next(each.value for each in evidence.select(name) if each.about == about)


def test_a_served_platform_is_measured_operation_by_operation(shared_world: World) -> None:
    evidence = measure(shared_world, LIST, SHOW, MYSELF)

    assert (evidence.outcome, evidence.unsound, evidence.findings) == ("measured", busy(evidence), [])
    assert value(evidence, "requests") == 40
    assert value(evidence, "error share") == 0
    assert value(evidence, "rate asked") == 20
    assert value(evidence, "rate achieved") == pytest.approx(20, rel=0.05)
    assert 0 < value(evidence, "p50") <= value(evidence, "p95") <= value(evidence, "p99") <= value(evidence, "max")
    assert value(evidence, "operation p95", "show book") > 0
    assert 0 < value(evidence, "server cpu per request") < 1000
    assert 0 < value(evidence, "generator cpu") < 100
    assert evidence.summary.startswith("p95 ")
    postgresql_or_longer = {"memory growth", "connections", "waiting for locks", "rolled back", "deadlocks"}
    assert {each.name for each in evidence.measurements} == set(Load.measures) - postgresql_or_longer
    assert [value(evidence, "operation queries", name) for name in ("list books", "show book")] == [1, 2]
    assert value(evidence, "database time per request") > 0
    for path in shared_world.run.folder.rglob("*"):
        assert not path.is_file() or b"sessionid" not in path.read_bytes(), path.name


def test_an_endpoint_that_fails_under_load_is_named_with_its_status(shared_world: World) -> None:
    evidence = measure(shared_world, LIST, Operation(name="break", request="GET /broken/"), release="old")

    finding, broken = evidence.findings
    assert (broken.code, broken.why) == ("threshold-broken", "error share must be at most 0 %, and is not")
    assert value(evidence, "broken thresholds") == 1
    assert (finding.code, finding.about, finding.severity) == ("server-error", "break", "high")
    assert finding.why == "'break' answered 500 under load"
    assert value(evidence, "error share") == pytest.approx(25)
    assert "Release 'old'" in evidence.details["notes"][0]
