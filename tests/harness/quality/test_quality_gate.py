"""Each code-quality probe can say no: a healthy project is GO, one sabotage makes it NO-GO, a gap makes it HOLD."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from tests.harness.quality.test_dependencies_probe import PROJECT, pin

CODE = '''"""The shop."""

import jinja2
import psutil


def sell(amount):
    """Sell some."""
    return jinja2.Template("{{ n }}").render(n=amount, left=psutil.cpu_count())


sell(2)
'''
CONTRACT = """
[importlinter]
root_package = shop
[importlinter:contract:layers]
name = Views call services
type = layers
layers =
    shop.views
    shop.services
"""
BODY = "".join(f"    total += weight_{each} * amount_{each}\n" for each in range(8))
TEST = "import shop.rules, shop.views\n\n\ndef test_import():\n    assert shop.rules and shop.views\n"
SOURCES = '{ paths = ["shop"] }'
ENTRIES = {
    "tests": (
        '{ paths = ["tests"], cover = ["shop"] }',
        '{ measure = "failed", require = "== 0" }, { measure = "package coverage", require = ">= 90" }',
    ),
    "complexity": (SOURCES, '{ measure = "highest complexity", require = "<= 10" }'),
    "documentation": (
        '{ paths = ["shop"], pages = ["README.md"] }',
        '{ measure = "documented", require = ">= 100" }, { measure = "missing pages", require = "== 0" }',
    ),
    "dead code": (SOURCES, '{ measure = "findings", require = "none" }'),
    "duplication": (SOURCES, '{ measure = "share of duplicated lines", require = "<= 3" }'),
    "imports": (
        '{ packages = ["shop"], contracts = "contracts.ini" }',
        '{ measure = "import cycles", require = "== 0" }, { measure = "broken contracts", require = "== 0" }',
    ),
    "dependencies": (
        '{ paths = ["shop"], project = true, groups = ["run"] }',
        '{ measure = "findings", require = "none" }, { measure = "pinned", require = "> 0" }',
    ),
    "development": ("{}", '{ measure = "test failure rate", require = "<= 5" }'),
}
BREACHES: dict[str, tuple[str, str, str, str]] = {
    "a package without tests": ("tests", "shop/more.py", "def f():\n    return 1\n", "package coverage is"),
    "a tangled function": (
        "complexity",
        "shop/more.py",
        "def f(n):\n" + "    n = n or 1\n" + "    if n: pass\n" * 12,
        "highest complexity",
    ),
    "a bare function": ("documentation", "shop/views.py", CODE.replace('"""Sell some."""', ""), "documented"),
    "an empty page": ("documentation", "README.md", "\n", "missing pages"),
    "an unused function": ("dead code", "shop/views.py", CODE + "\n\ndef unused():\n    pass\n", "unused"),
    "an unused import": ("dead code", "shop/views.py", CODE + "\nimport os\n", "os"),
    "deprecated code": ("dead code", "shop/views.py", CODE + "\nfrom typing import List\nprint(List)\n", "typing.List"),
    "an import cycle": ("imports", "shop/services.py", "import shop.rules\n", "import cycles"),
    "an import upwards": ("imports", "shop/services.py", "import shop.views\n", "broken contracts"),
    "an unused dependency": ("dependencies", "shop/views.py", CODE.replace("import psutil", ""), "psutil"),
    "a requirement without a pin": ("dependencies", "requirements.txt", pin("jinja2", "markupsafe"), "psutil"),
}
GAPS: dict[str, tuple[str, str, str, str]] = {
    "complexity": ("complexity", "shop/views.py", "def f(:\n", "shop/views.py is not valid"),
    "documentation": ("documentation", "shop/views.py", "def f(:\n", "shop/views.py is not valid"),
    "dead code": ("dead code", "shop/views.py", "def f(:\n", "shop/views.py is not valid"),
    "duplication": ("duplication", "shop/views.py", "def f(:\n", "shop/views.py is not valid"),
    "imports": ("imports", "shop/more/deep.py", "", "Grimp did not see shop/more/deep.py"),
    "dependencies": ("dependencies", "requirements.txt", "", "pins nothing"),
    "development": ("development", "README.md", "", "holds no test failure rate"),
    "coverage": ("tests", "shop/more/deep.py", "x = 1\n", "coverage did not look at shop/more/deep.py"),
}
pytestmark = [pytest.mark.slow, pytest.mark.sabotage]
ROLLOUT = """
schema = 1
name = "Shop"
source = { release = "shop" }
release = [{ name = "shop", path = ".", settings = "none", environment = { PYTEST_DISABLE_PLUGIN_AUTOLOAD = "1" } }]
[[phase]]
number = 1
name = "One"
serves = "shop"
way_back = "nothing"
"""
Gate = Callable[[str], tuple[int, dict[str, Any]]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with nothing to complain about."""
    files = {
        "README.md": "# Shop\n",
        "shop/__init__.py": "",
        "shop/views.py": CODE,
        "shop/services.py": "",
        "shop/rules.py": '"""The rules."""\n\nfrom shop import services\n\nprint(services)\n',
        "tests/test_shop.py": TEST,
        "pytest.ini": "[pytest]\npythonpath = .\n",
        "contracts.ini": CONTRACT,
        "pyproject.toml": PROJECT,
        "requirements.txt": pin("jinja2", "markupsafe", "psutil"),
        "operations.toml": "schema = 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gate(shop: Path) -> Gate:
    """Run the gate with a single probe; returns exit code and verdict."""

    def run(probe: str) -> tuple[int, dict[str, Any]]:
        options, criteria = ENTRIES[probe]
        text = ROLLOUT
        text += f'[[phase.probe]]\nname = "{probe}"\noptions = {options}\ncriteria = [{criteria}]\n'
        (shop / "rollout.toml").write_text(text, encoding="utf-8")
        code = main(["gate", "1"])
        return code, json.loads((shop / "reports/runs/latest/verdict.json").read_text(encoding="utf-8"))

    return run


@pytest.mark.parametrize("probe", [name for name in ENTRIES if name != "development"])
def test_a_healthy_project_may_go_forward(gate: Gate, probe: str) -> None:
    code, verdict = gate(probe)

    assert (verdict["forward"], code) == ("GO", 0), verdict["reasons"]


@pytest.mark.parametrize("sabotage", BREACHES)
def test_a_sabotaged_project_may_not(shop: Path, gate: Gate, sabotage: str) -> None:
    probe, file, text, culprit = BREACHES[sabotage]
    (shop / file).write_text(text, encoding="utf-8")

    code, verdict = gate(probe)

    assert (verdict["forward"], code) == ("NO-GO", 1), verdict["reasons"]
    assert any(culprit in reason for reason in verdict["reasons"])


def test_copied_code_may_not(shop: Path, gate: Gate) -> None:
    for name in "ab":
        (shop / f"shop/{name}.py").write_text(f"def {name}(total):\n{BODY}    return {name}\n", encoding="utf-8")

    code, verdict = gate("duplication")

    assert (verdict["forward"], code) == ("NO-GO", 1), verdict["reasons"]


@pytest.mark.parametrize("gap", GAPS)
def test_what_could_not_be_measured_holds_the_gate(shop: Path, gate: Gate, gap: str) -> None:
    probe, file, text, why = GAPS[gap]
    (shop / file).parent.mkdir(exist_ok=True)
    (shop / file).write_text(text, encoding="utf-8")

    code, verdict = gate(probe)

    assert (verdict["forward"], code) == ("HOLD", 3), verdict["reasons"]
    assert any(why in reason for reason in verdict["reasons"])


def test_tests_that_failed_too_often_in_earlier_runs_may_not(shop: Path, gate: Gate) -> None:
    (shop / "tests/test_shop.py").write_text(TEST + "\n\ndef test_wrong():\n    assert 0\n", encoding="utf-8")
    assert gate("tests")[0] == 1

    code, verdict = gate("development")

    assert (verdict["forward"], code) == ("NO-GO", 1)
    assert any("test failure rate" in reason for reason in verdict["reasons"])
