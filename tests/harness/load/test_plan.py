"""What is sent when."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.operations import Actor, Catalog, Operation
from harness.probes.binding import bind
from harness.probes.load.plan import make_plan
from harness.probes.load.profiles import Profile, Stage, read_profile, read_profiles
from harness.probes.load.schedule import apportion, arrivals

ROOT = Path(__file__).resolve().parents[3]
READER = Actor(name="night reader", draw="SELECT 1 AS n, 'secret' AS token", headers={"Authorization": "{token}"})
OPERATIONS = [
    Operation(name="often", request="GET /a/", weight=8, actor="night reader"),
    Operation(name="seldom", request="POST /b/", weight=1, body={"text": "{unique}"}),
    Operation(name="never", request="GET /c/", weight=0),
    Operation(name="once", request="POST /d/{n}/", weight=1, draw="SELECT 7 AS n"),
]


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A database without tables: the draws here need none."""
    return Database(engine="sqlite", name=str(tmp_path / "empty.sqlite3"))


def test_shares_are_proportional_and_nobody_goes_empty() -> None:
    assert apportion([8, 1, 1], 100) == [80, 10, 10]
    assert apportion([2, 2, 2], 10) == [4, 3, 3]
    assert apportion([98, 1, 1], 10) == [8, 1, 1]


def test_requests_come_at_a_constant_rate_in_the_proportions_of_the_weights() -> None:
    due = arrivals(Profile(rate=20, seconds=9, warmup=1), [8, 1])

    measured = [number for when, number in due if when >= 1]
    assert (measured.count(0), measured.count(1), len(due)) == (160, 20, 200)
    assert all(number / 20 <= when <= (number + 1) / 20 for number, (when, _) in enumerate(due))


def test_a_ramp_comes_faster_and_faster() -> None:
    stages = [Stage(seconds=10, rate=10), Stage(seconds=10, rate=50, ramp=True), Stage(seconds=10, rate=50)]

    due = [when for when, _ in arrivals(Profile(stages=stages, warmup=0), [1])]

    assert due == sorted(due)
    assert [sum(start <= when < start + 10 for when in due) for start in (0, 10, 20)] == [100, 300, 500]
    assert sum(10 <= when < 12 for when in due) == pytest.approx(28, abs=2)


def test_people_come_as_the_stages_ask() -> None:
    profile = Profile(stages=[Stage(seconds=10, people=10), Stage(seconds=10, people=30, ramp=True)], warmup=5)

    assert [profile.level(now) for now in (0, 14, 20, 25, 99)] == [10, 10, 20, 30, 30]


def test_a_plan_binds_what_the_largest_profile_needs(empty: Database) -> None:
    catalog = Catalog(actor=[READER], operation=OPERATIONS)
    profiles = {"small": Profile(rate=10, seconds=1, warmup=0), "large": Profile(rate=10, seconds=10, warmup=1)}

    with bind(catalog, empty) as binder:
        plan = make_plan(catalog, OPERATIONS, binder, profiles, "small")

    assert [each.name for each in plan.operations] == ["often", "seldom", "once"]
    assert {each.name: each.count for each in plan.operations} == {"often": 84, "seldom": 14, "once": 1}
    bodies = [each["body"]["text"] for each in plan.requests if each["operation"] == "seldom"]
    assert len(set(bodies)) == len(bodies)
    assert plan.people == {"night reader": [{"Authorization": "secret"}]}
    assert plan.asked(profiles["large"]) == {"often": 80, "seldom": 10, "once": 10}


def test_an_operation_that_finds_nothing_at_all_is_an_error(empty: Database) -> None:
    nothing = Operation(name="nothing", request="POST /d/{n}/", draw="SELECT 7 AS n WHERE 1 = 0")
    catalog = Catalog(operation=[nothing])

    with bind(catalog, empty) as binder, pytest.raises(ProbeError, match="'nothing' cannot be measured"):
        make_plan(catalog, catalog.operation, binder, {"a": Profile(rate=1, seconds=1)})


def test_without_a_weight_there_is_nothing_to_send(empty: Database) -> None:
    catalog = Catalog(operation=[OPERATIONS[2]])

    with bind(catalog, empty) as binder, pytest.raises(ProbeError, match="No operation has a weight above 0"):
        make_plan(catalog, catalog.operation, binder, {"a": Profile(rate=1, seconds=1)})


PROFILES = """
[profile.smoke]
rate = 5
seconds = 20
[profile.smoke.quick]
seconds = 4
least = 7
[profile.steps]
stages = [{ seconds = 30, rate = 1 }, { seconds = 60, rate = 2 }]
[profile.steps.quick]
shorter = 10
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "profiles.toml"
    path.write_text(text)
    return path


def test_quick_replaces_what_it_names(tmp_path: Path) -> None:
    path = written(tmp_path, PROFILES)

    assert read_profile(path, "smoke", quick=False).seconds == 20
    quick = read_profile(path, "smoke", quick=True)
    assert (quick.rate, quick.seconds, quick.least) == (5, 4, 7)
    assert read_profile(path, "steps", quick=True).length == 9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PROFILES, "has no profile 'smok'; did you mean 'smoke'?"),
        ("[profile.xyz]\nrate = 1\nseconds = 1", "has no profile 'smok'; there are xyz."),
        ("[profile.zero]\nrate = 0\nseconds = 1", "needs a positive rate (or people), duration and number of users."),
        ("[profile.a]\nseconds = 1", "needs either 'rate' or 'people', in each stage."),
        (
            "[profile.a]\nstages = [{ seconds = 1, rate = 1 }, { seconds = 1, people = 1 }]",
            "mixes 'rate' and 'people'; make it two profiles.",
        ),
        ("[profile.a]\nrate = 1\nstages = [{ seconds = 1, rate = 1 }]", "belong into each of them."),
        (
            '[profile.a]\nrate = 1\nseconds = 1\nthresholds = [{ measure = "p95" }]',
            "the threshold on 'p95' needs 'at_most' or 'at_least'.",
        ),
        ("[profile.a]\npeople = 1\nseconds = 1\n[profile.a.search]\nfactor = 2", "a search needs a rate"),
    ],
)
def test_a_wrong_profile_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_profile(written(tmp_path, text), "smok", quick=False)

    assert message in str(caught.value)


@pytest.mark.parametrize("quick", [False, True])
def test_the_profiles_of_the_platform_can_be_read(quick: bool) -> None:
    profiles = read_profiles(ROOT / "loadtests" / "profiles.toml", quick=quick)

    assert list(profiles) == ["smoke", "baseline", "stress", "spike", "soak", "breakpoint", "migrating"]
    assert all(profile.thresholds for profile in profiles.values())
    assert not quick or max(profile.end for profile in profiles.values()) <= 15
