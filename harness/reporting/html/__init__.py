"""``report.html``: one file that needs nothing else, for the person who decides about the release."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.evidence import Evidence
from harness.gate.verdict import Verdict
from harness.gate.words import amount, place
from harness.reporting.html.charts import draw
from harness.reporting.html.view import cell, duration, view

_TEMPLATES = Path(__file__).parent / "templates"


def render(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Render the report; everything that comes from the evidence is escaped."""
    return environment().get_template("report.html.j2").render(v=verdict, page=view(verdict, evidence), style=style())


@cache
def environment() -> Environment:
    """Return the environment of all pages: it escapes everything, and a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(amount=amount, place=place, cell=cell, duration=duration, draw=draw)
    return made


@cache
def style() -> Markup:
    """Return the style sheet, to be put into a page."""
    return Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704  our own file
