"""The probe "authorization"."""

from __future__ import annotations

import secrets
from fnmatch import fnmatch
from typing import ClassVar

import msgspec

from harness.databases import Database
from harness.databases.row_log import install_row_log
from harness.databases.schema import Schema
from harness.errors import ConfigurationError, ProbeError
from harness.evidence import Evidence
from harness.probes.authorization import report
from harness.probes.authorization.checks import Check, checks
from harness.probes.authorization.outcome import Outcome
from harness.probes.binding import bind
from harness.probes.cast import Cast, Messenger
from harness.probes.probe import Options, Probe
from harness.probes.world import World


class AuthorizationOptions(Options, frozen=True, kw_only=True):
    """`only` restricts the operations (fnmatch patterns; none: all).

    `may_write` names the tables (fnmatch) that a refused request may write to: sessions, a log of refusals.
    """

    only: list[str] = []
    may_write: list[str] = msgspec.field(default_factory=lambda: ["django_session"])


class Authorization(Probe[AuthorizationOptions]):
    """Sends every operation as every actor: who may is served, who may not is refused, and writes nothing."""

    name: ClassVar[str] = "authorization"
    title: ClassVar[str] = "every operation as every actor, and with somebody else's object: who may do what"
    options: ClassVar[type[Options]] = AuthorizationOptions
    measures: ClassVar[dict[str, str]] = {
        "operations": "operations of the candidate that were checked",
        "actors": "actors as which they were checked, the anonymous one included",
        "checks": "requests with a declared outcome",
        "wrongly allowed": "answers other than 401, 403 or 404 to somebody who may not",
        "wrongly refused": "answers other than the expected ones to somebody who may",
        "wrote although refused": "refusals that left something written",
        "leaks": "refusals that tell that a hidden object exists",
    }

    def measure(self, world: World, options: AuthorizationOptions) -> Evidence:
        """Check the candidate on a copy of the database after the phase; what cannot be checked is named."""
        problems: list[str] = []
        outcomes = _measure(world, options, problems)
        if not outcomes:
            problems.append("nothing was checked; declare operations in operations.toml")
        return Evidence(
            probe=self.name,
            outcome="error" if problems else "measured",
            reason=" ".join(problems),
            summary=report.summary(outcomes),
            measurements=report.measurements(outcomes),
            findings=[finding for outcome in outcomes for finding in outcome.findings()],
            details={
                "tables": [report.matrix(outcomes)],
                "notes": ["Every request is rolled back; what it had written until then was noted by triggers."],
            },
        )


def _measure(world: World, options: AuthorizationOptions, problems: list[str]) -> list[Outcome]:
    copy = world.copy(world.after(), "authorization")
    schema = install_row_log(copy)
    with bind(world.catalog, copy) as binder:
        cast = Cast(world.catalog, binder, persons=1 if world.quick else 3, objects=1)
        found = _checks(world, cast, options, problems)
    outcomes = _ask(world, copy, schema, found, tuple(options.may_write)) if found else []
    world.server.drop(copy)
    problems += [outcome.doubt for outcome in outcomes if outcome.doubt]
    return outcomes


def _ask(world: World, copy: Database, schema: Schema, found: list[Check], may_write: tuple[str, ...]) -> list[Outcome]:
    cases = [case for check in found for case in check.cases]
    with world.agent(world.candidate, copy) as agent:
        world.progress("authorization", f"{len(found)} checks")
        answers = iter(Messenger(agent, schema, secrets.token_hex(16)).send(cases))
    return [Outcome(check, [next(answers) for _ in check.cases], may_write) for check in found]


def _checks(world: World, cast: Cast, options: AuthorizationOptions, problems: list[str]) -> list[Check]:
    found: list[Check] = []
    problems += [
        f"Actor {each.name!r} is nobody: its draw returns no row." for each in cast.actors() if not cast.senders(each)
    ]
    for operation in world.catalog.of(world.candidate.name):
        if options.only and not any(fnmatch(operation.name, pattern) for pattern in options.only):
            continue
        try:
            found += list(checks(cast, operation))
        except (LookupError, ProbeError, ConfigurationError) as error:
            problems.append(f"Operation {operation.name!r} cannot be checked: {error}.")
    return found
