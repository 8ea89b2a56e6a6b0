"""The probe "parity"."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from typing import ClassVar

from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.operations import Operation
from harness.probes.binding import bind
from harness.probes.cast import Case, Cast
from harness.probes.parity import report
from harness.probes.parity.arms import Arms, open_arms
from harness.probes.parity.comparison import Answer, Declarations, by_itself, compare, is_stable
from harness.probes.parity.hostile import hostile, is_rare
from harness.probes.parity.measured import Measured
from harness.probes.probe import Options, Probe
from harness.probes.world import World

_CHUNK = 60
_NO_DATA = "the draw finds no row for any person of its actor"


class ParityOptions(Options, frozen=True, kw_only=True):
    """`only` restricts the operations (fnmatch patterns; none: all).

    `page` and `page_size` are the query parameters of lists.
    """

    only: list[str] = []
    page: str = "page"
    page_size: str = "page_size"


class Parity(Probe[ParityOptions]):
    """Sends every operation to baseline and candidate, as every actor, and compares answers and written rows."""

    name: ClassVar[str] = "parity"
    title: ClassVar[str] = "the same requests to both releases, as every actor: status, JSON and written rows"
    options: ClassVar[type[Options]] = ParityOptions
    measures: ClassVar[dict[str, str]] = {
        "comparisons": "requests that both releases answered",
        "operations": "operations that were compared",
        "actors": "actors as which they were compared, the anonymous one included",
        "status differences": "kinds of difference in status, declared or not, by operation",
        "header differences": "the same of headers that clients depend on",
        "body differences": "the same of JSON paths",
        "row differences": "the same of rows and columns that are written",
        "undeclared differences": "kinds of difference of all four that operations.toml does not declare",
        "unused declarations": "declared differences that did not occur (not known with --quick)",
        "unstable operations": "operations to which the baseline release itself gives different statuses",
        "operations not compared": "operations of both releases for which there was no data",
    }

    def measure(self, world: World, options: ParityOptions) -> Evidence:
        """Compare on copies of the databases before and after the phase; what cannot be compared is named."""
        if world.candidate == world.baseline:
            name = world.baseline.name
            raise ProbeError(
                f"Baseline and candidate are both release {name!r}; name another 'candidate' of the phase."
            )
        measured = Measured()
        with open_arms(world) as arms:
            _compare_all(world, options, arms, _operations(world, options.only), measured)
        problems = measured.problems + [f"{name!r}: {why}." for name, why in measured.not_compared.items()]
        if not measured.comparisons:
            problems.append("nothing was compared; declare operations that exist in both releases in operations.toml")
        return Evidence(
            probe=self.name,
            outcome="error" if problems else "measured",
            reason=" ".join(problems),
            summary=report.summary(measured),
            measurements=report.measurements(measured),
            findings=report.findings(measured),
            details=report.details(measured, _notes(world, arms)),
        )


def _operations(world: World, only: list[str]) -> list[Operation]:
    both = [each for each in world.catalog.of(world.baseline.name) if each in world.catalog.of(world.candidate.name)]
    return [each for each in both if not only or any(fnmatch(each.name, pattern) for pattern in only)]


def _compare_all(
    world: World, options: ParityOptions, arms: Arms, operations: list[Operation], measured: Measured
) -> None:
    declarations = Declarations(world.catalog, operations)
    with bind(world.catalog, arms.legacy.database) as binder:
        cast = Cast(world.catalog, binder, persons=1 if world.quick else 2, objects=1 if world.quick else 3)
        cases = list(_all_cases(cast, operations, options, measured, quick=world.quick))
    open_questions: list[tuple[Case, tuple[Answer, Answer, Answer]]] = []
    for start in range(0, len(cases), _CHUNK):
        world.progress("parity", cases[start].operation.name, start, len(cases))
        chunk = cases[start : start + _CHUNK]
        for case, answers in zip(chunk, arms.ask(chunk), strict=True):
            measured.count(case)
            if _settle(case, answers, [], arms, declarations, measured):
                continue
            open_questions.append((case, answers))
    again = arms.ask_again([case for case, _ in open_questions])
    for (case, answers), later in zip(open_questions, again, strict=True):
        _settle(case, answers, [later], arms, declarations, measured)
    measured.unused = None if world.quick else declarations.unused()


def _settle(
    case: Case,
    answers: tuple[Answer, Answer, Answer],
    later: list[Answer],
    arms: Arms,
    declarations: Declarations,
    measured: Measured,
) -> bool:
    """Note how the answers differ; without a later answer only where every difference is declared."""
    legacy, twin, candidate = answers
    others = [twin, *later]
    if not is_stable(legacy, others):
        measured.unstable.setdefault(case.operation.name, f"{case.name}, as {case.sender.name}")
        return True
    found = compare(legacy, others, candidate, arms.shared)
    reasons = [declarations.reason(case, candidate["status"], each) for each in found]
    if not later and not all(reasons):
        return False
    for difference, reason in zip(found, reasons, strict=True):
        measured.note(case, difference, reason)
    measured.by_itself.setdefault(case.operation.name, set()).update(by_itself(legacy, others))
    return True


def _all_cases(
    cast: Cast, operations: list[Operation], options: ParityOptions, measured: Measured, *, quick: bool
) -> Iterator[Case]:
    senders = {actor.name: cast.senders(actor) for actor in cast.actors()}
    measured.problems += [
        f"Actor {name!r} is nobody: its draw returns no row." for name, who in senders.items() if not who
    ]
    for operation in operations:
        owner = cast.owner(operation)
        if owner is None:
            measured.not_compared[operation.name] = _NO_DATA
            continue
        everybody = [each for who in senders.values() for each in who if each != owner]
        for sender in [owner, *everybody]:
            yield from cast.cases(operation, sender)
        others = [] if quick else [who[0] for who in senders.values() if who and who[0].actor != owner.actor]
        for sender in [owner, *others]:
            values = cast.values(operation, sender)
            if values is not None:
                paging = (options.page, options.page_size) if sender == owner else ()
                found = hostile(cast, operation, sender, values, paging)
                yield from (case for case in found if not (quick and is_rare(case)))


def _notes(world: World, arms: Arms) -> list[str]:
    candidate = world.candidate
    notes = [f"{world.baseline.name} on the schema before the phase, {candidate.name} on the schema after it."]
    alone = [
        f"{name}.{column}"
        for name, table in arms.candidate.schema.tables.items()
        for column in table.columns
        if column not in arms.shared.get(name, ())
    ]
    if alone:
        notes.append(f"Columns that only the schema of {candidate.name} has are not compared: {', '.join(alone)}.")
    return notes
