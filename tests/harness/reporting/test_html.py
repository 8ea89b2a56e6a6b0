"""The page for the person who decides: whole, self-contained, and deaf to what the evidence says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from harness.reporting.html import render
from tests.harness.gate.cases import back, criterion, decide, entry, measured, number, phase
from tests.harness.reporting.samples import HOSTILE, broken, fine

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects tags, attributes, anchors and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(params=[fine, broken], ids=["fine", "broken"])
def html(request):
    return render(*request.param())


def test_the_page_is_well_formed(html):
    page = Page(html)
    assert page.open == []
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_page_needs_nothing_else(html):
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for name, value in page.attributes:
        if name in ("src", "href", "action", "srcset"):
            assert value.startswith(("#", "./artifacts/"))
    assert not re.search(r"https?:|//cdn|@import|url\(", html)


def test_every_link_inside_the_page_leads_somewhere(html):
    page = Page(html)
    ids = {value for name, value in page.attributes if name == "id"}
    assert {value[1:] for name, value in page.attributes if name == "href" and value.startswith("#")} <= ids


def test_both_answers_and_the_next_action_come_first():
    text = Page(render(*broken())).text
    start = text.index("May we go forward? NO-GO")
    assert (
        start
        < text.index("Can we come back? CLOSED")
        < text.index("Next: Do not deploy phase 3")
        < text.index("Probes")
    )


def test_a_release_manager_finds_everything():
    text = Page(render(*broken())).text
    for part in (
        "Use AddIndexConcurrently in a migration",
        "These numbers must not be believed: the load generator used 93 %",
        "Ada Lovelace",
        "expired",
        "accepted by Grace",
        "hard-coded password",
        "git checkout dddd",
        "harness gate 3",
        "so the commit alone does not reproduce this run",
        "django 5.2.9",
        "way back: irreversible operations",
        "What each operation does",
        "Table 'Broken table' has another form than the report can show",
        "Counted warm.",
        "Note 'without a title' has another form than the report can show",
        "<= 1.10 * baseline",
    ):
        assert part in text


def test_a_row_that_holds_is_not_said_again_in_words_and_one_that_does_not_is():
    (verdict, _), page = fine(), Page(render(*fine())).text
    plain = [each.reason for each in verdict.criteria if each.decision == "ok" and not each.subject]
    assert plain
    assert [reason for reason in plain if reason in page] == []
    assert [each.why for each in verdict.criteria if each.why] == ["users see errors"]
    assert "users see errors" not in page, "beside a tick it reads like an alarm"

    verdict, text = broken()[0], Page(render(*broken())).text
    others = [each.reason for each in verdict.criteria if each.decision != "ok"]
    assert others
    assert [reason for reason in others if " ".join(reason.split()) not in text] == []


def test_the_column_in_words_is_left_out_where_every_row_speaks_for_itself():
    plan = phase(entry("old code", criterion()), entry("way back", back()))
    sound = [measured("old code", [number()]), measured("way back", [number("lost rows")])]
    verdict = decide(plan, *sound)
    page = render(verdict, sound)
    assert verdict.forward == "GO"
    assert "In words" not in page
    assert "In words" in render(*broken())


def test_the_next_step_leads_to_the_probe_that_it_names():
    verdict, evidence = fine()
    page = render(replace(verdict, next_action="If trouble comes, look under 'Way back' & 'Nowhere'."), evidence)
    [(anchor, title)] = re.findall(r"look under '<a href=\"#([^\"]+)\">([^<]+)</a>' &amp; &#39;Nowhere&#39;", page)
    assert title == "Way back"
    assert re.search(rf'id="{anchor}">\s*<h2>Way back ', page)


def test_charts_are_drawn_with_their_numbers_and_gaps():
    html = render(*broken())
    assert html.count('<svg viewBox="0 0 880') == 2
    assert ">203<" in html
    assert "not measured" in html
    assert html.count("<polyline") == 3


def test_what_the_evidence_says_is_text_and_never_markup():
    plan = phase(entry("old code", criterion()), entry("way back", back()), name=HOSTILE)
    details = {
        "notes": [HOSTILE],
        "tables": [{"title": HOSTILE, "columns": [HOSTILE], "rows": [[HOSTILE]]}],
        "charts": [
            {
                "title": HOSTILE,
                "kind": "bar",
                "unit": HOSTILE,
                "labels": [HOSTILE],
                "series": [{"name": HOSTILE, "values": [1]}],
            }
        ],
    }
    evidence = [measured("old code", [number(value=1, about=HOSTILE)], summary=HOSTILE, details=details)]
    html = render(decide(plan, *evidence, command=HOSTILE, commit=HOSTILE), evidence)
    page = Page(html)
    assert page.open == []
    assert "script" not in page.tags
    assert html.count("&lt;script&gt;") >= 10


def test_a_chart_without_numbers_says_so():
    chart = {"title": "Empty", "kind": "line", "labels": ["a"], "series": [{"name": "s", "values": [None]}]}
    evidence = [measured("old code", [number()], details={"charts": [chart]})]
    assert "Empty holds no numbers." in render(decide(phase(entry("old code", criterion())), *evidence), evidence)


def test_a_chart_with_a_single_point_or_only_zeros_is_drawn():
    chart = {"title": "One", "kind": "line", "labels": ["a"], "series": [{"name": "s", "values": [0]}]}
    evidence = [measured("old code", [number()], details={"charts": [chart]})]
    assert "<circle" in render(decide(phase(entry("old code", criterion())), *evidence), evidence)


def test_columns_of_numbers_are_aligned_and_an_empty_table_says_so():
    tables = [
        {"title": "Ways", "columns": ["way", "seconds", "both"], "rows": [["back", 1.5, 1], ["restore", None, "x"]]},
        {"title": "Nothing", "columns": ["a", "b"], "rows": []},
        {"title": "Uneven", "columns": ["a"], "rows": [[1, 2]]},
    ]
    evidence = [measured("old code", [number()], details={"tables": tables})]
    html = render(decide(phase(entry("old code", criterion())), *evidence), evidence)
    assert '<td class="number">1.5</td><td>1</td>' in html
    assert '<td class="number">-</td><td>x</td>' in html
    assert '<td colspan="2" class="quiet">none</td>' in html
