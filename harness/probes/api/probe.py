"""The probe "api"."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec

from harness.errors import ProbeError
from harness.evidence import Evidence, Finding, Measurement, Severity
from harness.probes.api.comparison import Compared, compare
from harness.probes.api.document import Document, read_document
from harness.probes.api.schemas import Break
from harness.probes.probe import Options, Probe
from harness.probes.world import World

FILE = "{file}"
_MEDIUM = ("parameter-removed", "field-ignored", "format-changed")
_REMEDY = (
    "Keep what clients use and add the new beside it; a change that everybody has agreed on goes into the document."
)


class ApiOptions(Options, frozen=True, kw_only=True):
    """`document` is the committed OpenAPI document; `command` the management command that writes the current one.

    In `command`, "{file}" stands for the file to write, in JSON or YAML.
    """

    document: str = "docs/openapi.yaml"
    command: list[str] = msgspec.field(default_factory=lambda: ["spectacular", "--file", FILE])


class Api(Probe[ApiOptions]):
    """Lets the candidate describe its API, and compares with what clients were promised."""

    name: ClassVar[str] = "api"
    title: ClassVar[str] = "the candidate's OpenAPI document against the committed one: what breaks clients"
    options: ClassVar[type[Options]] = ApiOptions
    measures: ClassVar[dict[str, str]] = {
        "endpoints": "endpoints of the committed document that the candidate has, too",
        "endpoints added": "endpoints that are new",
        "breaking changes": "what a client of the committed document relies on and the candidate does not promise",
    }

    def measure(self, world: World, options: ApiOptions) -> Evidence:
        """Compare; raises ProbeError where one of the documents is missing, broken or empty."""
        if not any(FILE in argument for argument in options.command):
            raise ProbeError(f"The option 'command' of the probe 'api' does not say where {FILE} goes; add it.")
        committed = read_document(world.rollout.path(options.document), options.document)
        path = world.artifact("openapi.yaml")
        current = self._generate(world, options, path)
        compared = compare(committed, current)
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=_summary(compared),
            measurements=[
                Measurement(name="endpoints", value=len(compared.shared)),
                Measurement(name="endpoints added", value=len(compared.added)),
                Measurement(name="breaking changes", value=len(compared.breaks)),
            ],
            findings=[_finding(name, each, options.document) for name, each in compared.breaks],
            artifacts=[world.keep(path, "The OpenAPI document of the candidate")],
            details={"tables": [_table(compared)]},
        )

    def _generate(self, world: World, options: ApiOptions, path: Path) -> Document:
        world.progress(self.name, "the candidate describes its API")
        with world.agent(world.candidate, world.after()) as agent:
            agent.call(
                "manage", arguments=[argument.replace(FILE, str(path.resolve())) for argument in options.command]
            )
        return read_document(path, f"What the command {options.command[0]!r} of release {world.candidate.name!r} wrote")


def _summary(compared: Compared) -> str:
    text = f"{len(compared.shared)} endpoints, {len(compared.added)} added"
    if not compared.breaks:
        return f"{text}, no breaking change"
    name, first = compared.breaks[0]
    place = f" {first.place}" if first.place else ""
    return f"{text}, {len(compared.breaks)} breaking: {name}{place}: {first.why}"


def _finding(name: str, found: Break, document: str) -> Finding:
    severity: Severity = "medium" if found.code in _MEDIUM else "high"
    about = f"{name} {found.place}".strip()
    return Finding(code=found.code, severity=severity, about=about, why=found.why, remedy=_REMEDY, file=document)


def _table(compared: Compared) -> dict[str, Any]:
    rows: list[list[Any]] = [[name, each.place, each.why] for name, each in compared.breaks]
    rows += [[name, "", "new"] for name in compared.added]
    return {"title": "What changed in the API", "columns": ["endpoint", "where", "change"], "rows": rows}
