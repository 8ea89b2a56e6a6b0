"""What a comparison of two releases shows: the rule, each figure of each operation, nothing that it did not see."""

from __future__ import annotations

import json

import msgspec

from harness.evidence import Provenance
from harness.gate.comparison import compare_rounds
from harness.probes.load.arms import Rounds
from harness.reporting import comparison as terminal
from harness.reporting.comparison import Comparison
from harness.reporting.html import comparison as html
from tests.harness.reporting.test_html import Page

PROVENANCE = Provenance(
    commit="0123456789abcdef",
    dirty=True,
    rollout_sha256="f00d",
    machine={"cpu": "A <CPU>", "cores": 2},
    versions={"harness": "1", "python": "3.12.1", "django": "5.2"},
    database="PostgreSQL 18",
    command="harness load smoke --compare",
    started="2026-11-27T20:00:00Z",
    finished="2026-11-27T20:01:00Z",
)


def rounds(operation: str, factor: float, failed: int = 0) -> Rounds:
    """Rounds that are all alike."""
    times = [[10.0] * 16, [10.0 * factor] * 16, [10.0] * 16]
    whole = [[1.0] * 16] * 3
    return Rounds(operation=operation, times=times, cpu=times, shares=whole, queries=[[2.0] * 16] * 3, failed=failed)


def compared(*found: Rounds, floor: float = 0.0) -> Comparison:
    """A comparison of two releases by such rounds."""
    return Comparison(
        baseline="old <1>",
        candidate="new",
        noise="the noise of this machine is not known",
        floor=floor,
        compared=[compare_rounds(each, floor) for each in found],
        rounds={each.operation: each for each in found},
        provenance=PROVENANCE,
    )


def test_each_operation_has_its_ratio_interval_rounds_costs_and_what_would_have_been_seen() -> None:
    told = terminal.render(compared(rounds("read", 1.5), rounds("write", 1.0)))

    assert (
        "slower    read: it takes 1.50 times the baseline (1.50 to 1.50, 16 rounds); queries 2 -> 2, CPU 10.0" in told
    )
    assert "; would have shown 5 %, 5 % of CPU time\n" in told
    assert "  fine      write: it takes 1.00 times" in told
    assert "The smallest slowdown that every operation would have shown: 5 %.\nNO-GO: 1 slower, 1 fine. Mend" in told


def test_what_somebody_has_to_look_at_stands_first_with_what_to_do() -> None:
    found = compared(rounds("a", 1.0), rounds("b", 1.0, failed=1), rounds("c", 1.5))

    assert [each.operation for each in found.worst_first] == ["c", "b", "a"]
    text = html.render(found)
    assert "1 slower, 1 unsound, 1 fine" in text
    assert text.index("<li>c (slower)") < text.index("<li>b (unsound)")
    assert "<li>a" not in text


def test_the_rule_is_said_with_the_floor_of_the_machine() -> None:
    assert "is above 1.05, or" in terminal.render(compared(rounds("read", 1.0)))
    assert "is above 1.30, or" in terminal.render(compared(rounds("read", 1.0), floor=0.3))


def test_what_is_unsound_says_nothing_about_what_it_would_have_shown() -> None:
    told = terminal.render(compared(rounds("read", 1.5, failed=2), Rounds(operation="never")))

    assert "would have shown" not in told
    assert "No operation was measured soundly.\nHOLD: 2 unsound. Remove what" in told


def test_the_page_is_whole_and_shows_the_same() -> None:
    text = html.render(compared(rounds("read <i>", 1.5), rounds("write", 1.0, failed=1), Rounds(operation="never")))

    page = Page(text)
    assert not page.open
    assert "<i>" not in text
    assert "old &lt;1&gt;" in text
    for said in (
        "NO-GO",
        "1.50 (1.50 to 1.50)",
        "5 %, 5 % of CPU time",
        "unsound",
        "The noise of this machine",
        "98 %",
    ):
        assert said in text


def test_page_and_document_say_where_it_was_measured() -> None:
    found = compared(rounds("read", 1.5))

    text = html.render(found)
    for said in (
        "0123456789abcdef",
        "A &lt;CPU&gt;",
        "python 3.12.1, django 5.2",
        "PostgreSQL 18",
        "20:01:00Z",
        "f00d",
    ):
        assert said in text
    assert "harness load smoke --compare" in text
    assert "the commit alone does not reproduce this run" in text
    document = json.loads(msgspec.json.encode(found.document))
    assert (document["forward"], document["baseline"], document["candidate"]) == ("NO-GO", "old <1>", "new")
    assert document["provenance"] == msgspec.to_builtins(PROVENANCE)
    assert [each["operation"] for each in document["compared"]] == ["read"]
