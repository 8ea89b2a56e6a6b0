"""The search for the highest rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.probes.load.breakpoint import Step, at_rate, search
from harness.probes.load.profiles import Profile, Search
from tests.harness.load.test_command import PROFILE, ROLLOUT
from tests.harness.queries.library import write_library


def tried(limit: float, *, generator: bool = False) -> tuple[list[float], object]:
    """Return a list that fills with the rates that are tried, and a server that sustains rates up to `limit`."""
    rates: list[float] = []

    def attempt(rate: float) -> Step:
        rates.append(rate)
        held = rate <= limit
        return Step(
            rate=rate, sustained=held, reason="", saturated="", p95=1, machine_cpu=50, generator=generator and not held
        )

    return rates, attempt


@pytest.mark.parametrize("limit", [5.1, 17.0, 42.0, 99.0])
def test_the_interval_holds_the_limit_and_is_narrow(limit: float) -> None:
    rates, attempt = tried(limit)

    found = search(Search(start=5, factor=1.6, limit=500, within=0.1), attempt)  # type: ignore[arg-type]

    assert found.doubt == ""
    assert found.sustained is not None
    assert found.broken is not None
    assert found.sustained <= limit < found.broken <= 1.1 * found.sustained
    assert len(rates) <= 12


@pytest.mark.parametrize(
    ("limit", "generator", "doubt"),
    [
        (1.0, False, "not even the first rate was sustained"),
        (1000.0, False, "every rate was sustained"),
        (20.0, True, "the load generator gave out before the release"),
    ],
)
def test_a_search_that_found_nothing_says_so(limit: float, generator: bool, doubt: str) -> None:
    _, attempt = tried(limit, generator=generator)

    assert doubt in search(Search(start=5, factor=2, limit=40, within=0.2), attempt).doubt  # type: ignore[arg-type]


def test_a_low_rate_needs_fewer_requests() -> None:
    profile = Profile(rate=5, seconds=10, least=100)

    assert (at_rate(profile, 4).least, at_rate(profile, 40).least) == (20, 100)


@pytest.mark.slow
@pytest.mark.alone
def test_the_highest_rate_of_a_slow_release_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "operations.toml").write_text('[[operation]]\nname = "list books"\nrequest = "GET /books/"\n')
    limit = 'thresholds = [{ measure = "p95", at_most = 0.001 }]\n'
    (tmp_path / "profiles.toml").write_text(PROFILE + limit + "[profile.short.search]\nstart = 10\n")

    assert main(["load", "short", "--project", str(tmp_path), "--database", "sqlite"]) == 3

    told = capsys.readouterr().out
    assert "not sustained: p95 must be at most 0.001 ms" in told
    assert told.endswith("HOLD: not even the first rate was sustained: start lower.\n")
