"""The probe "validation"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, get_args

import msgspec

from harness.errors import AgentError, ProbeError
from harness.evidence import Evidence, Finding, Measurement
from harness.probes.probe import Options, Probe
from harness.probes.validation.moments import Stage, stage
from harness.probes.validation.sql import Answer, ask
from harness.probes.world import World
from harness.rollout import Moment, Validation
from harness.words import number

_TIMES: dict[Moment, str] = {"before": "before the phase", "after": "after the phase", "back": "after the way back"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one validation said at one moment; `failure` is "" where its rule holds."""

    validation: Validation
    moment: Moment
    failure: str


class Validations(Probe[Options]):
    """Runs the checks of `[[phase.validate]]`, which only read."""

    name: ClassVar[str] = "validation"
    title: ClassVar[str] = "the project's own checks of its content, before the phase, after it, and after the way back"
    measures: ClassVar[dict[str, str]] = {
        "validations": "checks that ran, each counted once per moment",
        "failed validations": "checks whose rule does not hold, per moment; one 0 when all hold",
    }

    def measure(self, world: World, options: Options) -> Evidence:  # noqa: ARG002
        """Run every check at its moments; a check that cannot run is an error, never a pass."""
        if not world.phase.validate:
            reason = f"phase {world.phase.number} declares no [[phase.validate]]"
            return Evidence(probe=self.name, outcome="skipped", reason=reason)
        results, unsound = [], []
        earlier: dict[str, Any] = {}
        for moment in get_args(Moment):
            try:
                results += list(_run(world, moment, earlier))
            except ProbeError as error:
                if moment != "back":
                    raise
                unsound.append(str(error))
        return _evidence(world, results, unsound)


def _run(world: World, moment: Moment, earlier: dict[str, Any]) -> Iterator[Result]:
    """Run the checks of a moment; `earlier` keeps what they said before the phase."""
    due = [each for each in world.phase.validate if moment in each.when or (moment == "before" and _compares(each))]
    if not due:
        return
    with stage(world, moment) as at:
        for number, validation in enumerate(due):
            world.progress("validation", f"{validation.name}, {_TIMES[moment]}", number, len(due))
            said = _ask(world, at, validation, earlier.get(validation.name))
            if moment == "before":
                earlier[validation.name] = said
            if moment in validation.when:
                yield Result(validation=validation, moment=moment, failure=_failure(validation, said, earlier))


def _compares(validation: Validation) -> bool:
    return validation.expect == "same" or validation.file.endswith(".py")


def _ask(world: World, at: Stage, validation: Validation, before: Any) -> Any:
    """Return the Answer of its SQL, or what its script said; raises ProbeError that names the validation."""
    try:
        if validation.file.endswith(".py"):
            path = str(world.rollout.path(validation.file))
            with world.agent(at.release, at.database) as agent:
                value = before["value"] if before else None
                return agent.call("validate", path=path, moment=at.moment, before=value)
        sql = validation.sql or world.rollout.path(validation.file).read_text(encoding="utf-8")
        return ask(at.database, sql)
    except (AgentError, ProbeError) as error:
        said = str(error).rstrip(".")
        raise ProbeError(f"Validation {validation.name!r} did not run {_TIMES[at.moment]}: {said}.") from None


def _failure(validation: Validation, said: Any, earlier: dict[str, Any]) -> str:
    if not isinstance(said, Answer):
        return str(said["failure"] or "")
    if validation.expect == "nothing":
        return f"{number(said.rows, 'row breaks', 'rows break')} the rule" if said.rows else ""
    before: Answer = earlier[validation.name]
    if said == before:
        return ""
    count = f"{before.rows:,} before, {said.rows:,} now"
    return f"the rows of its query are not the same as before ({count})"


def _evidence(world: World, results: list[Result], unsound: list[str]) -> Evidence:
    failed = [each for each in results if each.failure]
    names = list(dict.fromkeys(each.validation.name for each in results))
    broken = list(dict.fromkeys(each.validation.name for each in failed))
    summary = f"{len(names)} checks at {len({each.moment for each in results})} moments, "
    summary += f"{len(broken)} fail: {', '.join(broken)}" if broken else "all hold"
    return Evidence(
        probe="validation",
        outcome="measured",
        summary=summary,
        unsound=unsound,
        measurements=[Measurement(name="validations", value=len(results)), *_failed(failed)],
        findings=[_finding(each) for each in failed],
        details={"tables": [_table(world, results)]},
    )


def _failed(failed: list[Result]) -> list[Measurement]:
    if not failed:
        return [Measurement(name="failed validations", value=0)]
    name = "failed validations"
    return [Measurement(name=name, value=1, about=f"{each.validation.name}, {_TIMES[each.moment]}") for each in failed]


def _finding(result: Result) -> Finding:
    validation = result.validation
    why = f"{_TIMES[result.moment]}: {result.failure}" + (f"; {validation.why}" if validation.why else "")
    return Finding(
        code="validation-failed",
        severity="high",
        about=validation.name,
        why=why,
        remedy="Mend the data before the phase." if result.moment == "before" else "Correct the migration.",
        side="way back" if result.moment == "back" else "forward",
        file=validation.file,
    )


def _table(world: World, results: list[Result]) -> dict[str, Any]:
    said = {(each.validation.name, each.moment): each.failure or "holds" for each in results}
    rows = [
        [each.name, *(said.get((each.name, moment), "-") for moment in get_args(Moment))]
        for each in world.phase.validate
    ]
    return {"title": "The project's own checks", "columns": ["check", *_TIMES.values()], "rows": rows}
