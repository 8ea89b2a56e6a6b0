"""The project's own checks: what they find, when, and what happens to checks that cannot run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.databases import Server
from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.probes.probe import Options
from harness.probes.validation import Validations
from harness.rollout import Validation
from tests.harness.integrity.library import open_library

UP = "UPDATE library_book SET shelf = shelf + 1"
DOWN = "UPDATE library_book SET shelf = shelf - 1 WHERE shelf < 7"
SHELVES = "SELECT id FROM library_book WHERE shelf > 6"
TITLES = "SELECT id, title FROM library_book ORDER BY id"
PLACES = "SELECT id, shelf FROM library_book ORDER BY id"
SCRIPT = """
from library.models import Desk

def validate(moment, before):
    places = Desk.objects.count()
    assert moment == "before" or places == before, f"there are {places} desks {moment}"
    return places
"""

Measure = Callable[..., Evidence]


@pytest.fixture
def measure(postgresql: Server, tmp_path: Path) -> Measure:
    return measuring(postgresql, tmp_path)


@pytest.fixture
def measure_on_each(each_server: Server, tmp_path: Path) -> Measure:
    return measuring(each_server, tmp_path)


def measuring(server: Server, folder: Path) -> Measure:
    def measure(*validations: Validation, forward: str = UP, back: str = DOWN, script: str = SCRIPT) -> Evidence:
        (folder / "desks.py").write_text(script)
        migrations = {"0002_shelves": f'migrations.RunSQL("{forward}", {back})'}
        with open_library(folder, server, migrations, validate=validations) as world:
            return Validations().measure(world, Options())

    return measure


def failures(evidence: Evidence) -> set[str]:
    return {each.about for each in evidence.select("failed validations") if each.about}


def sql(text: str) -> str:
    return f'"{text}"'


def test_a_rule_that_rows_break_fails_at_the_moments_when_they_do(measure_on_each: Measure) -> None:
    found = measure_on_each(Validation(name="shelves", sql=SHELVES), back=sql(DOWN))
    assert failures(found) == {"shelves, after the phase", "shelves, after the way back"}
    assert {(each.side, each.code) for each in found.findings} == {
        ("forward", "validation-failed"),
        ("way back", "validation-failed"),
    }
    assert "43 rows break the rule" in found.findings[0].why


def test_content_that_is_not_the_same_as_before_fails(measure: Measure) -> None:
    same = Validation(name="places", sql=PLACES, expect="same", when=["back"])
    assert failures(measure(same, back=sql(DOWN))) == {"places, after the way back"}


def test_content_that_came_back_holds(measure: Measure) -> None:
    checks = [Validation(name="titles", sql=TITLES, expect="same")]
    found = measure(
        *checks,
        Validation(name="back", sql=PLACES, expect="same", when=["back"]),
        back=sql("UPDATE library_book SET shelf = shelf - 1"),
    )
    assert failures(found) == set()
    assert [each.value for each in found.select("validations")] == [4]
    assert found.summary.endswith("all hold")


def test_a_script_runs_inside_the_release_and_remembers_what_it_saw_before(measure: Measure) -> None:
    check = Validation(name="desks", file="desks.py")
    found = measure(check, forward="DELETE FROM library_desk WHERE id = 1", back="migrations.RunSQL.noop")
    assert failures(found) == {"desks, after the phase", "desks, after the way back"}
    assert "there are 4 desks after" in found.findings[0].why


def test_a_script_cannot_write(measure_on_each: Measure) -> None:
    writes = "def validate(moment, before):\n    from library.models import Desk\n    Desk.objects.create(place='x')\n"
    with pytest.raises(ProbeError, match=r"'desks' did not run before the phase: .*desks.py fails in line 3"):
        measure_on_each(Validation(name="desks", file="desks.py"), script=writes)


def test_a_query_cannot_write(measure_on_each: Measure) -> None:
    with pytest.raises(ProbeError, match="'sly' did not run"):
        measure_on_each(Validation(name="sly", sql="DELETE FROM library_book RETURNING title"))


def test_a_query_that_the_database_refuses_is_named_without_content(measure: Measure) -> None:
    with pytest.raises(ProbeError, match=r"'shelves' did not run before the phase: .*no_such_column"):
        measure(Validation(name="shelves", sql="SELECT no_such_column FROM library_book"))


def test_a_phase_that_cannot_be_taken_back_is_unsound(measure: Measure) -> None:
    found = measure(Validation(name="titles", sql=TITLES, expect="same"), back="None")
    assert failures(found) == set()
    assert "cannot be taken back" in found.unsound[0]


def test_no_checks_is_skipped_with_that_reason(measure: Measure) -> None:
    found = measure()
    assert (found.outcome, found.reason) == ("skipped", "phase 1 declares no [[phase.validate]]")
