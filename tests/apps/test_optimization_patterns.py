"""docs/optimization-patterns.md is written from the code of the patterns and from what they cost, measured here."""

import inspect
import os
from pathlib import Path
from textwrap import dedent, fill

import pytest

from core.models import Course, LearningTask, Quiz
from tests.apps.patterns import PATTERNS, queries, undone
from users.models import User

PAGE = Path(__file__).parents[2] / "docs" / "optimization-patterns.md"
HEAD = """\
# Optimization patterns

How the refactored release keeps its queries few and small, each pattern before and after. The test
`tests/apps/test_optimization_patterns.py` makes this page out of the code that it shows and of what that code costs on
PostgreSQL: it writes the page when the variable `REWRITE_PAGES` is set, and fails otherwise when the page says anything
else. The budgets of whole operations are in `operations.toml`.
"""
REWRITE = "run: REWRITE_PAGES=1 python -m pytest tests/apps/test_optimization_patterns.py"

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("engine", ["postgresql"], indirect=True)]


@pytest.fixture
def empty(phase3):
    """The schema of phase 3 on PostgreSQL, without rows."""
    for model in (User, Course, LearningTask, Quiz):
        model.objects.all().delete()


def body(function):
    """The code of a function without its first line."""
    return dedent(inspect.getsource(function).partition("\n")[2]).strip()


def section(pattern):
    unit = "queries" if pattern.cost is queries else "rows that the database looks at"
    table = "\n".join(f"| {size} | {before} | {after} |" for size, before, after in pattern.measure())
    return (
        f"\n## {pattern.title}\n\n{fill(f'{pattern.why} In `{pattern.where}`.', 120)}\n\n"
        f"Before:\n\n```python\n{body(pattern.before)}\n```\n\nAfter:\n\n```python\n{body(pattern.after)}\n```\n\n"
        f"| objects | {unit}, before | after |\n|---|---|---|\n{table}\n"
    )


def test_the_page_shows_what_the_patterns_cost(empty):
    page = HEAD + "".join(section(pattern) for pattern in PATTERNS)
    if os.environ.get("REWRITE_PAGES"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, REWRITE


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.title)
def test_a_pattern_gives_the_same_for_less_however_much_there_is(empty, pattern):
    (_, small_before, small_after), (_, large_before, large_after) = pattern.measure()
    assert small_after < small_before
    assert large_after < large_before
    if pattern.cost is queries:
        assert small_after == large_after
    with undone():
        made = pattern.fill(7)
        assert outcome(pattern.after, made) == outcome(pattern.before, made)


def outcome(run, made):
    """What it returns, rows of a queryset by key."""
    with undone():
        result = run(made)
        return sorted(result.values_list("pk", flat=True)) if hasattr(result, "values_list") else result
