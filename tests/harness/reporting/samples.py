"""Two runs, judged for real: one that is fine and a long one that is not."""

from __future__ import annotations

import datetime

from harness.evidence import Artifact, Evidence
from harness.gate.verdict import Verdict
from tests.harness.gate.cases import (
    back,
    baseline,
    criterion,
    decide,
    entry,
    finding,
    measured,
    number,
    phase,
    waiver,
)

HOSTILE = "<script>alert('x')</script> & \"quoted\" | `code` \x07\x1b[31m"
OPERATIONS = ["list courses", "show course", "list submissions", "create submission", "grade submission", "show quiz"]


def fine() -> tuple[Verdict, list[Evidence]]:
    evidence = [
        measured(
            "old code",
            [number("failures"), number("operations", 23)],
            summary="legacy release: 23 operations work on the new schema",
            seconds=6.2,
        ),
        measured(
            "way back",
            [number("lost rows"), number("late writes", 240)],
            summary="backward in 1.9 s, nothing lost, 240 late writes kept; restore 2.3 s",
            seconds=14.0,
        ),
        measured("integrity", [number("rows", 118420)], summary="17 tables, 118,420 rows, 0 differences", seconds=3.1),
    ]
    plan = phase(
        entry("old code", criterion(why="users see errors")),
        entry("way back", back(), back("late writes", "> 0")),
        entry("integrity"),
    )
    origin = {"commit": "c" * 40, "database": "PostgreSQL 18.6 (embedded)", "command": "harness gate 3", "quick": True}
    return decide(plan, *evidence, **origin), evidence


def broken() -> tuple[Verdict, list[Evidence]]:
    plan = phase(
        entry("tests", criterion("failed"), criterion("coverage", ">= 90", why="the team's floor")),
        entry("migrations", criterion("findings", "none", severity="medium"), criterion("longest block", "<= 500")),
        entry("old code", criterion()),
        entry("way back", back(), back("irreversible operations")),
        entry("queries", criterion("queries", "<= 1.10 * baseline")),
        entry("load", criterion("p95", "<= 200")),
        entry("security", criterion("findings", "none new")),
    )
    waivers = [
        waiver(probe="way back", measure="irreversible operations", owner="Ada Lovelace", phase=3),
        waiver(probe="security", code="B602", owner="Alan", until=datetime.date(2026, 1, 31)),
        waiver(probe="load", measure="p99", owner="Nobody"),
    ]
    return decide(plan, *_evidence(), accepted=_accepted(), waivers=waivers, **_origin()), _evidence()


def _origin():
    return {
        "commit": "d" * 40,
        "dirty": True,
        "database": "PostgreSQL 18.6 (embedded)",
        "command": "harness gate 3",
        "finished": "2026-11-23T10:04:12Z",
        "versions": {"harness": "0.1.0", "python": "3.11.2", "django": "5.2.9"},
    }


def _evidence() -> list[Evidence]:
    return [_tests(), _migrations(), _old_code(), _way_back(), _queries(), _load(), _security()]


def _tests():
    failing = finding("tests/apps/test_courses.py::test_a_course_lists_its_tasks", "TEST-FAILED", why="assert 3 == 4")
    return measured(
        "tests",
        [number("failed", 1), number("coverage", 93.14, unit="%")],
        [failing],
        summary="411 passed, 1 failed, coverage 93.1 %",
        seconds=41.0,
    )


def _migrations():
    blocks = finding(
        "core.0005_index_courses",
        "INDEX-BLOCKS-WRITES",
        file="platform/core/migrations/0005_index_courses.py",
        line=12,
        why="AddIndex takes a SHARE lock on learning_course and blocks INSERT, UPDATE and DELETE for 812 ms.",
        remedy="Use AddIndexConcurrently in a migration with atomic = False.",
    )
    scans = [
        finding(
            f"core.00{number:02}",
            "SCANS-TABLE",
            "medium",
            why=f"it reads all rows of tasks_learningtask ({number}).",
            remedy="Add the constraint NOT VALID and validate it in a migration of its own.",
        )
        for number in range(10, 21)
    ]
    rows = [
        [f"core.00{each:02}", "AddField", "ACCESS EXCLUSIVE", 3.5 * each, each % 2 == 0, None] for each in range(1, 18)
    ]
    facts = {
        "title": "What each operation does",
        "columns": ["migration", "operation", "strongest lock", "held for ms", "rewrites", "old code"],
        "rows": rows,
    }
    return measured(
        "migrations",
        [number("longest block", 812, "core.0005_index_courses", "ms"), number("longest block", 4, "core.0003", "ms")],
        [*scans, blocks],
        summary="5 migrations, 17 operations, the longest blocks 812 ms",
        seconds=9.7,
        details={"tables": [facts, {"title": "Broken table"}], "notes": ["Counted warm.", 7]},
    )


def _old_code():
    return Evidence(
        probe="old code",
        outcome="error",
        reason="The probe broke off with an unexpected KeyError; its traceback is in logs/old-code.log.",
        seconds=0.4,
    )


def _way_back():
    return measured(
        "way back",
        [number("lost rows"), number("irreversible operations", 1)],
        summary="backward in 1.9 s, nothing lost",
        seconds=14.2,
        artifacts=[Artifact(path="artifacts/way-back.json", title="journal of the drill", sha256="e" * 64)],
    )


def _queries():
    chart = {
        "title": "Queries for each operation",
        "kind": "bar",
        "unit": "queries",
        "labels": OPERATIONS,
        "series": [
            {"name": "legacy", "values": [203, 52, 151, 6, 5, 22]},
            {"name": "refactored", "values": [3, 3, 54, 5, 4, None]},
        ],
    }
    return measured(
        "queries",
        [number("queries", value, name) for name, value in zip(OPERATIONS, [3, 3, 54, 5, 4, 4], strict=True)],
        [finding("list submissions", "N-PLUS-ONE", file="platform/assessment/serializers.py", line=31, why=HOSTILE)],
        summary="6 operations; list courses 203 -> 3",
        seconds=22.4,
        details={"charts": [chart]},
    )


def _load():
    seconds = [f"{each} s" for each in range(0, 60, 5)]
    chart = {
        "title": "Response time over the run",
        "kind": "line",
        "unit": "ms",
        "labels": seconds,
        "series": [
            {"name": "p50", "values": [12, 13, 12, 14, 13, 15, 14, 13, 12, 13, 14, 13]},
            {"name": "p95", "values": [31, 35, 38, 44, 61, None, 52, 47, 45, 44, 40, 39]},
        ],
    }
    return measured(
        "load",
        [number("p95", 61.2, unit="ms")],
        summary="p95 61 ms at 60 rps",
        seconds=61.0,
        unsound=["the load generator used 93 % of its processor"],
        details={"charts": [chart]},
    )


def _security():
    shell = finding(
        "subprocess with shell=True",
        "B602",
        file="platform/learning/views.py",
        line=40,
        why="subprocess call with shell=True identified, security issue.",
        remedy="Pass a list of arguments and leave shell=False.",
    )
    return measured("security", [], [shell], summary="Bandit: 1 new finding, 38 files scanned", seconds=3.3)


def _accepted():
    old = [number("queries", value, name) for name, value in zip(OPERATIONS, [3, 3, 4, 5, 4, 4], strict=True)]
    gone = finding("hard-coded password", "B105", "low", file="platform/config/settings.py", why="it is a password")
    return baseline(measured("queries", old), measured("security", [], [gone]), commit="a" * 40)
