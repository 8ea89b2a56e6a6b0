"""The figures of the review come from evidence, and what was not measured is never a number."""

import re

from harness.evidence import Evidence, Measurement
from tests.review import BEGIN, END, PAGE, QUALITY, figures


def measured(probe: str, **values: float) -> Evidence:
    named = {name.replace("_", " "): value for name, value in values.items()}
    numbers = [Measurement(name=name, value=value, unit="%" * (name == "coverage")) for name, value in named.items()]
    return Evidence(probe=probe, outcome="measured", measurements=numbers)


def test_figures_are_those_of_the_evidence() -> None:
    queries = measured("queries")
    for name, before, now in (("list courses", 303, 4), ("show oneself", 1, 1)):
        queries.measurements.append(Measurement(name="baseline queries", value=before, about=name))
        queries.measurements.append(Measurement(name="queries", value=now, about=name))
    text = figures([measured("tests", coverage=98.68, passed=274), queries])
    assert "| coverage with branches | 98.68 % |" in text
    assert text.endswith("| list courses | 303 | 4 |\n| show oneself | 1 | 1 |")


def test_what_no_run_measured_says_so() -> None:
    text = figures([Evidence(probe="tests", outcome="error", reason="it broke")])
    assert text.count("not measured") == len(QUALITY) + 1
    assert not re.search(r"\d", text.replace("not measured", ""))


def test_the_page_holds_figures_in_this_form() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = page[page.index(BEGIN) : page.index(END)]
    assert re.search(r"From `harness gate \d.*` at commit [0-9a-f]{12}.*\.\n", shown)
    assert [words for _, _, words in QUALITY if f"| {words} | " not in shown] == []
    assert "not measured" not in shown
    queries = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", shown, re.M)
    assert len(queries) > 20
    assert [name for name, before, now in queries if int(now) > int(before)] == []
