"""All that a locustfile needs: the people, the shapes, the recorder and the Gate page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.load.attend import attend, listen
from harness.load.journeys import Journey
from harness.load.page import open_gate
from harness.load.people import Visitor, make_people
from harness.load.shapes import make_shapes, renew
from harness.load.show import Show
from harness.load.stand import read_plan, stand
from harness.load.stock import Stock
from harness.probes.load.plan import VISITOR


def make_cast(project: Path) -> dict[str, Any]:
    """Return the classes of users and of shapes by name, for the globals of a locustfile.

    With a plan (the harness has started Locust) they send it. Without one the platform is seeded and served when Locust
    begins; a worker receives the plan of its master.
    """
    show = Show(read_plan(project))
    Journey.show = show

    def begin(environment: Environment, **_: Any) -> None:
        worker = isinstance(environment.runner, WorkerRunner)
        if not show.plan.requests and not worker:
            show.plan = stand(environment, project, next(iter(show.plan.profiles)))
            show.stock = Stock(show.plan)
            renew(environment, show.plan)
        attend(environment, show)
        if environment.web_ui:
            open_gate(environment, show)

    listen(events.init, begin)
    plan = show.plan
    profiles = {plan.profile: plan.profiles[plan.profile]} if plan.profile else plan.profiles
    if plan.visits:
        visitor = type(VISITOR, (Visitor,), {"show": show, "__module__": __name__})
        return {VISITOR: visitor, **make_shapes(show, profiles)}
    people = make_people(show, ((each.actor, each.weight) for each in plan.operations))
    return {**people, **make_shapes(show, profiles)}
