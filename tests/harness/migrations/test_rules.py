"""Every rule of the field is either raised by a migration of the corpus, or left out with a reason."""

from __future__ import annotations

import pytest

from tests.harness.migrations.cases import Case
from tests.harness.migrations.facts_table import PAGE, rules
from tests.harness.migrations.judged import ALL
from tests.harness.migrations.rules import ELSEWHERE, FOUND, NOT_APPLIED, Rule

CASES = {case.name: case for case in ALL}
BACKWARD = ("way-back", "late-writes", "no-order", "irreversible", "backward-fails")


@pytest.mark.parametrize("rule", FOUND, ids=lambda rule: rule.about)
def test_a_rule_that_comes_out_of_the_facts_is_shown_by_the_corpus(rule: Rule) -> None:
    raised = {code for name in rule.cases for code in CASES[name].codes | CASES[name].more}
    codes = {code for code in rule.codes.split(", ") if code}
    assert codes <= raised
    assert bool(codes) == bool(rule.cases)
    assert all(CASES[name].codes | CASES[name].more for name in rule.cases)


@pytest.mark.parametrize("name", sorted({name for rule in FOUND for name in rule.silent}))
def test_what_the_field_wrongly_warns_about_is_silent_on_the_way_forward(name: str) -> None:
    assert not forward(CASES[name])


def forward(case: Case) -> set[str]:
    """Return the codes of a case that are about going forward."""
    return {code for code in case.codes if not code.startswith(BACKWARD)}


def test_a_rule_that_is_not_applied_says_why() -> None:
    assert all(rule.why and not rule.cases for rule in [*ELSEWHERE, *NOT_APPLIED])


def test_the_rules_of_the_documentation_are_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rules(page) == page
