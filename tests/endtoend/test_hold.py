"""What was not measured never counts as passed: HOLD, exit code 3, and the reason in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.endtoend.conftest import Copy, Outcome

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.sabotage]
Sabotaged = Callable[..., Outcome]

CRASHING = """
from harness.evidence import Evidence
from harness.probes.probe import Options, Probe


class Crashing(Probe[Options]):
    name = "crashing"
    title = "a probe with a bug"
    measures = {"things": "how many things there are"}

    def measure(self, world, options):
        return Evidence(probe=self.name, outcome="measured", summary=str(1 // 0))
"""

WITHOUT_LOCUST = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "locust":
            raise ModuleNotFoundError("No module named 'locust'", name="locust")


sys.meta_path.insert(0, Blocked())
"""


def holds(outcome: Outcome, *words: str) -> None:
    """Assert the exit code, the verdict and the words of its reason."""
    assert outcome.code == 3, outcome.output
    assert outcome.verdict["forward"] == "HOLD", outcome.reasons
    for word in words:
        assert word in outcome.output, f"{word!r} is not said: {outcome.output}"


def test_a_probe_that_crashes_holds_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.write("harness/probes/crashing.py", CRASHING)
    security = '[[phase.probe]]\nname = "security"'
    crashing = '[[phase.probe]]\nname = "crashing"\ncriteria = [{ measure = "things", require = "== 0" }]\n\n'
    copy.replace("rollout.toml", security, crashing + security)

    outcome = sabotaged("crashing")

    holds(outcome, "crashing", "crashing.log")
    assert "ZeroDivisionError" in (outcome.folder / "logs/crashing.log").read_text()
    assert "Traceback" not in outcome.output


@pytest.mark.postgres
def test_a_load_run_without_requests_holds_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.write("loadtests/locustfile.py", SILENT)

    holds(sabotaged("load", arguments=("--quick",)), "load", "no request")


SILENT = """
from locust import User, constant


class Silent(User):
    wait_time = constant(1)

    def on_start(self):
        self.environment.runner.quit()
"""


def test_a_missing_baseline_holds_the_gate_where_a_criterion_needs_it(copy: Copy, sabotaged: Sabotaged) -> None:
    copy.replace(
        "rollout.toml",
        '{ measure = "files scanned", require = "> 0" }',
        '{ measure = "files scanned", require = ">= baseline" }',
    )
    for baseline in (copy.path / "reports/baselines").glob("*.json"):
        baseline.unlink()

    holds(sabotaged("security"), "security", "baseline")


@pytest.mark.postgres
def test_locust_that_is_not_installed_holds_the_gate(copy: Copy, sabotaged: Sabotaged, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(WITHOUT_LOCUST)

    holds(sabotaged("load", arguments=("--quick",), PYTHONPATH=str(blocked)), "load", "Locust is not installed")
