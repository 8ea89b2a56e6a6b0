"""``comparison.html``: what a comparison of two releases says, as a page that needs nothing else."""

from __future__ import annotations

from harness.reporting.comparison import Comparison, costs, percent
from harness.reporting.html import environment, style

_COLOURS = {"slower": "bad", "fine": "good", "undecided": "hold", "unsound": "hold"}


def render(comparison: Comparison) -> str:
    """Render the page; names from the project are escaped."""
    rows = [(each, _COLOURS[each.outcome], costs(comparison.rounds[each.operation])) for each in comparison.worst_first]
    template = environment().get_template("comparison.html.j2")
    return template.render(c=comparison, rows=rows, percent=percent, style=style())
