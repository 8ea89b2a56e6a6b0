"""The table on the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.reporting.terminal import render, show
from tests.harness.gate.cases import back, criterion, decide, entry, measured, number, phase, waiver
from tests.harness.reporting.samples import HOSTILE, broken, fine


def lines(sample, width=None):
    return [line.plain for line in render(*sample, "reports/runs/a/report.html", width)]


def test_a_good_run_is_a_table_with_the_verdict_as_its_last_line():
    shown = lines(fine())
    assert shown[0] == "Rollout: Test rollout    phase 3 of 3: Consolidation    (quick)"
    assert shown[1] == "database: PostgreSQL 18.6 (embedded), 118,420 rows"
    assert shown[2].split() == [
        "old",
        "code",
        "ok",
        "legacy",
        "release:",
        "23",
        "operations",
        "work",
        "on",
        "the",
        "new",
        "schema",
    ]
    assert shown[-1].split() == ["GO", "way", "back", "OPEN", "report:", "reports/runs/a/report.html"]
    assert len(shown) == 6


def test_a_bad_run_names_every_culprit_between_the_probes_and_the_verdict():
    text = "\n".join(lines(broken()))
    for culprit in (
        "tests/apps/test_courses.py::test_a_course_lists_its_tasks",
        "platform/core/migrations/0005_index_courses.py:12",
        "list submissions",
        "platform/learning/views.py:40",
        "logs/old-code.log",
        "the load generator used 93 % of its processor",
        "expired waiver of Alan",
        "unused waiver of Nobody",
    ):
        assert culprit in text
    assert text.splitlines()[-1].startswith("NO-GO        way back CLOSED")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_are_wrapped_to_the_terminal_and_stay_below_their_column(width):
    wrapped = lines(broken(), width)
    assert max(len(line) for line in wrapped[2:-1]) <= width
    following = [line for line in wrapped[2:] if line.startswith("  ")]
    assert following


def test_nothing_is_wrapped_where_there_is_no_terminal():
    stream = io.StringIO()
    show(*broken(), "report.html", Console(file=stream, width=40))
    assert stream.getvalue().splitlines() == [line.plain for line in render(*broken(), "report.html")]


@pytest.mark.parametrize(("colour", "escapes"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_used_on_a_terminal_unless_it_is_not_wanted(colour, escapes):
    stream = io.StringIO()
    show(*fine(), "report.html", Console(file=stream, force_terminal=True, width=100, _environ=colour))
    assert ("\x1b[32m" in stream.getvalue() or "\x1b[1;32m" in stream.getvalue()) == escapes


def test_evidence_cannot_send_commands_to_the_terminal_or_markup_to_rich():
    stream = io.StringIO()
    plan = phase(entry("old code", criterion()), entry("way back", back()))
    verdict = decide(plan, measured("old code", [number(value=1)], summary=HOSTILE + "[bold]x[/bold]"))
    show(verdict, [measured("old code", summary=HOSTILE + "[bold]x[/bold]")], "r", Console(file=stream))
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    assert "[bold]x[/bold]" in stream.getvalue()


def test_a_waived_probe_is_told_apart_from_one_that_is_fine():
    plan = phase(entry("old code", criterion()), entry("way back", back()))
    evidence = [
        measured("old code", [number(value=1)], summary="one failure"),
        measured("way back", [number("lost rows")]),
    ]
    verdict = decide(plan, *evidence, waivers=[waiver(measure="failures")])
    assert lines((verdict, evidence))[1].split()[:3] == ["old", "code", "waived"]
