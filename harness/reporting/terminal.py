"""The table that ``harness gate`` prints."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from harness.evidence import Evidence
from harness.gate.verdict import ProbeState, Verdict
from harness.gate.words import amount

_STYLES = {
    "ok": "green",
    "waived": "magenta",
    "BREACH": "bold red",
    "HOLD": "bold yellow",
    "skipped": "dim",
    "GO": "bold green",
    "NO-GO": "bold red",
    "OPEN": "bold green",
    "CLOSED": "bold red",
    "UNPROVEN": "bold yellow",
}
_NARROWEST = 30
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def show(verdict: Verdict, evidence: Sequence[Evidence], report: str, console: Console) -> None:
    """Print the table; lines are wrapped to the width of a terminal and left whole anywhere else."""
    width = console.width if console.is_terminal else None
    for line in render(verdict, evidence, report, width):
        console.print(line, soft_wrap=True, highlight=False)


def render(verdict: Verdict, evidence: Sequence[Evidence], report: str, width: int | None = None) -> Iterator[Text]:
    """Yield the lines of the table; `width` None wraps nothing."""
    found = {each.probe: each for each in evidence}
    yield Text(title(verdict), style="bold")
    database = describe_database(verdict, evidence)
    if database:
        yield Text(f"database: {database}")
    name_width = max([len(each.probe) for each in verdict.probes], default=0) + 3
    for state in verdict.probes:
        yield from _probe(state, found.get(state.probe), name_width, width)
    for reason in verdict.reasons:
        yield from _wrapped(Text(" - "), reason, width)
    for waiver in verdict.waivers:
        if waiver.state != "in force":
            text = f"{waiver.state} waiver of {waiver.owner} for {waiver.covers} (until {waiver.until})"
            yield from _wrapped(Text(" - "), text, width)
    yield _last(verdict, report)


def title(verdict: Verdict) -> str:
    """Name the rollout and the phase."""
    quick = "    (quick)" if verdict.provenance.quick else ""
    return f"Rollout: {verdict.rollout}    phase {verdict.phase} of {verdict.phases}: {verdict.name}{quick}"


def describe_database(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Name the database server, with the rows that were rehearsed where a probe counted them."""
    counted = [each.value for probe in evidence for each in probe.select("rows") if not each.about]
    server = verdict.provenance.database
    return f"{server}, {amount(max(counted))} rows" if server and counted else server


def _probe(state: ProbeState, evidence: Evidence | None, name_width: int, width: int | None) -> Iterator[Text]:
    prefix = Text(f" {state.probe:<{name_width}}")
    prefix.append(f"{state.state:<9}", style=_STYLES[state.state])
    measured = evidence is not None and evidence.outcome == "measured"
    summary = (evidence.summary if evidence and measured else "") or state.reason
    yield from _wrapped(prefix, summary, width)


def _wrapped(prefix: Text, text: str, width: int | None) -> Iterator[Text]:
    """Yield `prefix` and `text`, with the further lines indented below the first."""
    indent = len(prefix)
    text = _CONTROL.sub("", " ".join(text.split()))
    lines = textwrap.wrap(text, max(width - indent, _NARROWEST)) if width else [text]
    yield prefix + Text(lines[0] if lines else "")
    for line in lines[1:]:
        yield Text(" " * indent + line)


def _last(verdict: Verdict, report: str) -> Text:
    line = Text()
    line.append(f"{verdict.forward:<13}", style=_STYLES[verdict.forward])
    line.append("way back ")
    line.append(f"{verdict.way_back:<16}", style=_STYLES[verdict.way_back])
    line.append(f"report: {report}")
    return line
