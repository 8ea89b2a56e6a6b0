"""One cause of failure is one finding, and it says what to do."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from harness.evidence import Finding
from harness.probes.load.failures import failures, statuses_in_words
from harness.probes.load.figures import Figures
from harness.probes.load.plan import ANYBODY, Plan
from tests.harness.load.plans import make_plan
from tests.harness.load.test_figures import results


def found(read: int, write: int, *, other: str = "instructor", every: int = 1) -> list[Finding]:
    """Return what a run finds whose reads and writes are answered so; `every` says how many writes are."""
    told = results([10.0] * 40, names=("read", "write"))
    statuses = [read if n % 2 == 0 else write if (n // 2) % every == 0 else 200 for n in range(40)]
    columns = msgspec.structs.replace(told.columns, status=statuses, ok=[int(status == 200) for status in statuses])
    return failures(Figures(msgspec.structs.replace(told, columns=columns), Counter()), plan(other))


def plan(other: str) -> Plan:
    made = make_plan("/read/", "/write/")
    made.operations[1].actor = other
    return made


@pytest.mark.parametrize(("status", "verb"), [(401, "refused"), (403, "refused"), (302, "redirected")])
def test_an_actor_whom_nobody_lets_in_is_one_finding(status: int, verb: str) -> None:
    [finding] = found(200, status)

    assert (finding.code, finding.about, finding.severity) == ("shut-out", "instructor", "high")
    told = f"every request of 'instructor' was {verb} ({status}): the platform does not accept the credentials"
    assert finding.why == told
    assert "'draw', 'headers' and 'session' of actor 'instructor' in operations.toml" in finding.remedy
    assert "20 times" in finding.remedy


def test_requests_of_nobody_want_an_actor() -> None:
    [finding] = found(200, 401, other=ANYBODY)

    assert "every request without an actor was refused (401)" in finding.why
    assert finding.remedy.startswith("Name an actor")


def test_one_request_that_is_let_in_makes_it_a_matter_of_the_operation() -> None:
    [finding] = found(200, 403, every=2)

    assert (finding.code, finding.why) == ("unexpected-status", "'write' answered 403 under load")


@pytest.mark.parametrize(
    ("status", "why", "remedy"),
    [
        (302, "every request was redirected (302), and redirects are not followed", "Name the address"),
        (502, "every request was answered 502", "What answers is a proxy"),
        (404, "every request was answered 404", "Look at one by hand"),
        (0, "no request was answered", "What listens there closes the connection"),
    ],
)
def test_what_happens_to_everybody_is_one_finding(status: int, why: str, remedy: str) -> None:
    [finding] = found(status, status)

    assert (finding.why, finding.about) == (why, "")
    assert finding.remedy.startswith(remedy)


def test_refusals_of_all_actors_are_told_actor_by_actor() -> None:
    assert [each.about for each in found(401, 401)] == ["instructor", "student"]


def test_failures_of_several_kinds_are_told_operation_by_operation() -> None:
    told = ["'read' answered 500 under load", "'write' did not answer under load"]
    assert [each.why for each in found(500, 0)] == told


def test_what_ends_a_run_is_said_in_words() -> None:
    assert statuses_in_words([0, 0]) == "nothing answers"
    assert statuses_in_words([502, 0, 502]) == "every request failed (no answer, status 502)"
