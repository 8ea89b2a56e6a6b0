"""``summary.md``."""

from __future__ import annotations

import re

import pytest

from harness.reporting.markdown import escape, render
from tests.harness.reporting.samples import broken, fine


def test_the_verdict_and_the_next_action_come_first():
    text = render(*fine())
    assert text.startswith("# GO, way back OPEN\n")
    assert "Deploy phase 3" in text.split("\n\n")[2]
    assert "Findings" not in text


def test_a_bad_run_lists_reasons_findings_and_waivers():
    text = render(*broken())
    assert text.startswith("# NO-GO, way back CLOSED\n")
    assert "## Findings that broke a criterion" in text
    assert "Use AddIndexConcurrently" in text
    assert "| expired |" in text
    assert "with uncommitted changes" in text


def test_a_criterion_that_holds_is_not_said_again_in_words_and_one_that_does_not_is():
    (verdict, _), text = fine(), render(*fine())
    plain = [escape(each.reason) for each in verdict.criteria if not each.needs_words]
    assert plain
    assert [reason for reason in plain if reason in text] == []

    verdict, text = broken()[0], render(*broken())
    others = [escape(each.reason) for each in verdict.criteria if each.needs_words]
    assert others
    assert [reason for reason in others if reason not in text] == []


@pytest.mark.parametrize("sample", [fine, broken])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(sample):
    width = 0
    for line in render(*sample()).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = 0 if not line.startswith("|") else width or cells
        assert cells == width or not line.startswith("|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>", r"\<b\>"),
        ("a|b", r"a\|b"),
        ("two\nlines", "two lines"),
        ("[x](y)", r"\[x\](y)"),
        ("a & b", "a &amp; b"),
        ("__init__.py", r"\_\_init\_\_.py"),
    ],
)
def test_text_from_the_evidence_is_not_markup(text, expected):
    assert escape(text) == expected
