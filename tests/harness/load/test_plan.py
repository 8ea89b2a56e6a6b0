"""What is sent when."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.operations import Actor, Catalog, Operation
from harness.probes.binding import bind
from harness.probes.load.plan import apportion, make_plan
from harness.probes.load.profiles import Profile, read_profile

READER = Actor(name="night reader", draw="SELECT 1 AS n, 'secret' AS token", headers={"Authorization": "{token}"})
OPERATIONS = [
    Operation(name="often", request="GET /a/", weight=8, actor="night reader"),
    Operation(name="seldom", request="POST /b/", weight=1, body={"text": "{unique}"}),
    Operation(name="never", request="GET /c/", weight=0),
]


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A database without tables: the draws here need none."""
    return Database(engine="sqlite", name=str(tmp_path / "empty.sqlite3"))


def test_shares_are_proportional_and_nobody_goes_empty() -> None:
    assert apportion([8, 1, 1], 100) == [80, 10, 10]
    assert apportion([2, 2, 2], 10) == [4, 3, 3]
    assert apportion([98, 1, 1], 10) == [9, 1, 1]


def test_requests_come_at_a_constant_rate_in_the_proportions_of_the_weights(empty: Database) -> None:
    profile = Profile(rate=20, seconds=9, warmup=1, users=10)
    catalog = Catalog(actor=[READER], operation=OPERATIONS)

    with bind(catalog, empty) as binder:
        plan = make_plan(catalog, OPERATIONS, binder, profile)

    arrivals = sorted(tuple(arrival) for group in plan["groups"] for arrival in group["arrivals"])
    names = [plan["requests"][request]["operation"] for due, request in arrivals if due >= 1]
    assert (names.count("often"), names.count("seldom"), len(arrivals)) == (160, 20, 200)
    assert all(number / 20 <= due <= (number + 1) / 20 for number, (due, _) in enumerate(arrivals))
    assert {group["name"]: group["users"] for group in plan["groups"]} == {"NightReader": 9, "Anybody": 1}
    written = [request for _, request in arrivals if plan["requests"][request]["method"] == "POST"]
    assert len(set(written)) == len(written)
    assert plan["people"] == {"night reader": [{"Authorization": "secret"}]}


def test_without_a_weight_there_is_nothing_to_send(empty: Database) -> None:
    catalog = Catalog(operation=[OPERATIONS[2]])

    with bind(catalog, empty) as binder, pytest.raises(ProbeError, match="No operation has a weight above 0"):
        make_plan(catalog, catalog.operation, binder, Profile(rate=1, seconds=1))


PROFILES = """
[profile.smoke]
rate = 5
seconds = 20
[profile.smoke.quick]
seconds = 4
least = 7
[profile.zero]
rate = 0
seconds = 1
"""


def test_quick_replaces_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(PROFILES)

    assert read_profile(path, "smoke", quick=False).seconds == 20
    quick = read_profile(path, "smoke", quick=True)
    assert (quick.rate, quick.seconds, quick.least) == (5, 4, 7)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smok", "has no profile 'smok'; did you mean 'smoke'?"),
        ("xyz", "has no profile 'xyz'; there are smoke, zero."),
        ("zero", "profile 'zero' needs a positive rate, duration and number of users."),
    ],
)
def test_a_wrong_profile_is_one_sentence(tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(PROFILES)

    with pytest.raises(ConfigurationError) as caught:
        read_profile(path, name, quick=False)

    assert message in str(caught.value)
