"""One request, sent to find out whether the row that its path names is looked up."""

from __future__ import annotations

from typing import Any

from harness.agent import statements
from harness.agent.capture import Capture
from harness.agent.protocol import Report, procedure
from harness.agent.requests import exchange, failure, prepare, silence, undone


@procedure
def look_up(report: Report, request: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    """Send a request once, undo it, and return {"status", "compared", "asked"} and what failed.

    "compared" are those of `columns` ("table.column") that a statement compared with a value, "asked" those whose table
    a statement was about.
    """
    prepare()
    report(request["path"], 0, 1)
    with silence(), undone(), Capture() as capture:
        response, _ = exchange(request)
    texts = {statements.normalise(group.sql) for group in capture.groups}
    plain = [text.replace('"', "").replace("`", "") for text in texts]
    asked = {statements.table(text) for text in texts}
    return {
        "status": response.status_code,
        "compared": [each for each in columns if any(f"{each} = %s" in text for text in plain)],
        "asked": [each for each in columns if each.rpartition(".")[0] in asked],
        **failure(response),
    }
