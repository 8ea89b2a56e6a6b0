"""The whole corpus, there and back: no hazard is missed, and nothing harmless is called one."""

from __future__ import annotations

import msgspec
import pytest

from harness.databases import Server
from tests.harness.migrations.applied import Applied, apply
from tests.harness.migrations.facts_table import PAGE, replace, table
from tests.harness.migrations.judged import ALL, JudgedCase, rehearse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, JudgedCase]:
    with pytest.MonkeyPatch.context() as patch:
        # A hundred migrations: coverage learns nothing from the last ninety, and makes it half as long again.
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        return {each.case.name: each for each in rehearse(server, tmp_path_factory.mktemp("corpus"))}


@pytest.fixture(scope="module")
def applied(server: Server, tmp_path_factory: pytest.TempPathFactory, judged: dict[str, JudgedCase]) -> list[Applied]:
    return apply(server, tmp_path_factory.mktemp("applied"), list(judged.values()))


def test_the_corpus_is_large_and_holds_harmless_migrations_too() -> None:
    assert len(ALL) >= 60
    assert sum(not case.codes and not case.more for case in ALL) >= 20


@pytest.mark.parametrize("name", [case.name for case in ALL])
def test_what_is_found_is_what_is_known(judged: dict[str, JudgedCase], name: str) -> None:
    assert judged[name].found == judged[name].expected


def test_every_finding_names_its_place_its_reason_and_what_to_do(judged: dict[str, JudgedCase]) -> None:
    findings = [(each.case, finding) for each in judged.values() for finding in each.findings]
    assert all(finding.why and finding.remedy and finding.line for _, finding in findings)
    assert all(finding.file == f"{case.app}/migrations/0002_case.py" for case, finding in findings)


def test_the_table_of_the_documentation_is_current(judged: dict[str, JudgedCase]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == replace(page, "corpus", table(list(judged.values())))


def test_a_safe_form_that_is_carried_out_has_its_hazard_no_more(applied: list[Applied]) -> None:
    assert len(applied) >= 30
    still = {each.case.name: each.found for each in applied if each.codes & each.found}
    assert not still


def test_a_safe_form_brings_no_hazard_that_was_not_there(applied: list[Applied]) -> None:
    assert not {each.case.name: each.found for each in applied if each.found - each.case.codes}


def test_a_form_that_is_not_safe_is_found_again(
    server: Server, tmp_path_factory: pytest.TempPathFactory, judged: dict[str, JudgedCase]
) -> None:
    of_index = judged["add index"]
    unchanged = of_index.case.operations.format(app=of_index.case.app)
    of_index = JudgedCase(
        of_index.case, [msgspec.structs.replace(each, example=unchanged) for each in of_index.findings]
    )
    [again] = apply(server, tmp_path_factory.mktemp("unsafe"), [of_index])
    assert again.found == of_index.found
