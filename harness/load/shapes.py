"""Locust's load shapes: one for each profile, to be chosen on the page."""

from __future__ import annotations

from typing import ClassVar

from locust import LoadTestShape
from locust.env import Environment

from harness.load.show import Show
from harness.probes.load.plan import Plan
from harness.probes.load.profiles import Profile

FASTEST = 100


class ProfileShape(LoadTestShape):
    """Keeps as many users as the profile asks for, until the run is over."""

    abstract = True
    profile: ClassVar[Profile]
    show: ClassVar[Show]

    def reset_time(self) -> None:
        """Forget that the run before this one is over."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self.show.over = False

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there shall be, and how many start per second; None ends the run."""
        if self.show.over and self.show.profile is self.profile:
            return None
        now = self.show.now() if self.show.profile is self.profile else 0.0
        users = self.profile.users if self.profile.is_open else max(1, round(self.profile.level(now)))
        return users, min(users, FASTEST)


def make_shapes(show: Show, profiles: dict[str, Profile]) -> dict[str, type[ProfileShape]]:
    """Make a shape of each profile, with its name in title case."""
    return {
        shape_name(name): type(
            shape_name(name), (ProfileShape,), {"profile": profile, "show": show, "__module__": __name__}
        )
        for name, profile in profiles.items()
    }


def renew(environment: Environment, plan: Plan) -> None:
    """Give the shapes the profiles of a plan that came later than they did."""
    profiles = {shape_name(name): profile for name, profile in plan.profiles.items()}
    for name, shape in (environment.available_shape_classes or {}).items():
        if name in profiles and isinstance(shape, ProfileShape):
            type(shape).profile = profiles[name]


def shape_name(profile: str) -> str:
    """Return the name of a profile's shape."""
    return "".join(word.title() for word in profile.replace("_", "-").replace(" ", "-").split("-"))
