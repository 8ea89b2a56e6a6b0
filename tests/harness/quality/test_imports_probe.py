"""The probe "imports": circles and broken contracts are found, and a module that is not seen is an error."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import ProbeError
from harness.evidence import Evidence
from tests.harness.quality.conftest import Project, value

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


@pytest.fixture
def shop(project: Project) -> Project:
    """A package in a source root, with a contract that holds."""
    project.write("src/shop/__init__.py", "")
    project.write("src/shop/views.py", "import shop.services\n")
    project.write("src/shop/services.py", "import os\n")
    project.write("contracts.ini", CONTRACT)
    return project


def measure(project: Project, **options: Any) -> Evidence:
    """Run the probe on the package."""
    return project.measure(
        "imports", **{"packages": ["shop"], "roots": ["src"], "contracts": "contracts.ini", **options}
    )


def test_modules_imports_and_contracts_are_counted(shop: Project) -> None:
    evidence = measure(shop)

    assert evidence.summary == "3 modules, 0 import cycles, 0 broken contracts"
    assert [value(evidence, name) for name in ("modules", "imports", "contracts")] == [3, 1, 1]
    assert evidence.findings == []


def test_modules_that_import_each_other_around_a_corner_are_one_cycle(shop: Project) -> None:
    shop.write("src/shop/services.py", "import os\nimport shop.rules\n")
    shop.write("src/shop/rules.py", "def f():\n    import shop.models\n")
    shop.write("src/shop/models.py", "import shop.services\n")

    evidence = measure(shop)

    [finding] = evidence.findings
    assert (finding.code, finding.severity, finding.file, finding.line) == (
        "import-cycle",
        "high",
        "src/shop/models.py",
        1,
    )
    assert finding.why == "shop.models -> shop.services -> shop.rules -> shop.models"
    assert (value(evidence, "import cycles"), value(evidence, "modules in cycles")) == (1, 3)


def test_two_separate_cycles_are_two(shop: Project) -> None:
    for one, other in ("ab", "cd"):
        shop.write(f"src/shop/{one}.py", f"import shop.{other}\n")
        shop.write(f"src/shop/{other}.py", f"import shop.{one}\n")

    evidence = measure(shop)

    assert [each.why for each in evidence.findings] == ["shop.a -> shop.b -> shop.a", "shop.c -> shop.d -> shop.c"]


def test_an_import_for_the_type_checker_makes_a_cycle_only_where_that_is_asked(shop: Project) -> None:
    shop.write("src/shop/services.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.views\n")

    assert value(measure(shop, contracts=""), "import cycles") == 0
    assert value(measure(shop, contracts="", type_checking=True), "import cycles") == 1


def test_a_broken_contract_is_found_with_the_import_that_breaks_it(shop: Project) -> None:
    shop.write("src/shop/views.py", "")
    shop.write("src/shop/services.py", "import shop.views\n")

    evidence = measure(shop)

    [finding] = evidence.findings
    assert (finding.code, finding.about) == ("broken-contract", "Views call services")
    assert "shop.services -> shop.views (l.1)" in finding.why
    assert (value(evidence, "contracts"), value(evidence, "broken contracts")) == (1, 1)


def test_without_contracts_none_are_counted(shop: Project) -> None:
    assert measure(shop, contracts="").select("broken contracts") == []


@pytest.mark.parametrize(
    "text", ["", CONTRACT.replace("type = layers", "type = nonsense"), CONTRACT.replace("shop.views", "shop.gone")]
)
def test_contracts_that_cannot_be_checked_are_an_error(shop: Project, text: str) -> None:
    shop.write("contracts.ini", text)

    with pytest.raises(ProbeError, match="import-linter came to no result"):
        measure(shop)


def test_a_module_that_is_not_seen_is_an_error(shop: Project) -> None:
    shop.write("src/shop/commands/sell.py", "import shop.views\n")

    with pytest.raises(ProbeError, match=r"src/shop/commands/sell\.py.*__init__\.py"):
        measure(shop)
    assert measure(shop, leave_out=["src/shop/commands"]).outcome == "measured"


def test_a_file_with_a_syntax_error_is_an_error(shop: Project) -> None:
    shop.write("src/shop/broken.py", "import (\n")

    with pytest.raises(ProbeError, match="could not build the graph"):
        measure(shop)


@pytest.mark.parametrize(("packages", "why"), [(["shops"], "no package 'shops'"), ([], "No package holds")])
def test_a_package_that_does_not_exist_is_an_error(shop: Project, packages: list[str], why: str) -> None:
    with pytest.raises(ProbeError, match=why):
        measure(shop, packages=packages)
