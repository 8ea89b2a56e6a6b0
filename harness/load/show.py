"""One run: its profile, its clock, its recorder, its end; the page may start it again."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from itertools import accumulate

import gevent  # type: ignore[import-untyped]
from gevent.event import Event  # type: ignore[import-untyped]

from harness.load.clocks import Clocks
from harness.load.recorder import Recorder
from harness.load.stock import Stock
from harness.load.tally import Tally
from harness.probes.load.failures import statuses_in_words
from harness.probes.load.figures import Figures
from harness.probes.load.plan import Plan, Sendable, mean_think
from harness.probes.load.profiles import FREE, Profile
from harness.probes.load.results import Results
from harness.probes.load.schedule import arrivals
from harness.probes.load.thresholds import Reading, read_thresholds

GRACE = 15.0
ENOUGH_TO_JUDGE = 50
ENOUGH_SILENCE = 40
FLUSH = 1.2
SILENCE = 3.0


class Show:
    """A run of a plan in this process; `share` says which part of the arrivals are its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stock = Stock(plan)
        self.chance = random.Random()  # noqa: S311  # nosec B311  # think times
        self.is_worker = False
        self.begun = Event()
        self.ready(FREE, [])

    def ready(self, profile: Profile, people: list[str], *, position: int = 0, workers: int = 1) -> None:
        """Make ready for a run from the beginning: `people` are the names of the chosen classes of users."""
        self.profile = profile
        self.recorder = Recorder()
        self.begun.clear()
        self.over = False
        self.closed = False
        self.stopped = ""
        self.cpu: dict[str, tuple[float, float]] = {}
        self.workers: dict[str, float] = {}
        self._silence = 0.0
        self.people = people
        self.operations = self.plan.of(people)
        self._choices = {actor: self._choice(actor) for actor in {each.actor for each in self.operations}}
        self.stock.position, self.stock.workers = position, workers
        due = arrivals(profile, [each.weight for each in self.operations]) if profile.is_open else []
        self._due = due
        own = [each for number, each in enumerate(due) if number % workers == position]
        self.waiting = deque((when, self.operations[index]) for when, index in own)
        self._start = self._began = 0.0
        self._ended = 0.0
        self._tally, self._counted = Tally(profile, self.mean_think), 0

    def _choice(self, actor: str) -> tuple[list[Sendable], list[int]]:
        own = [each for each in self.operations if each.actor == actor]
        return own, list(accumulate(each.weight for each in own))

    def now(self) -> float:
        """Return the seconds after the start, 0 before it."""
        return time.perf_counter() - self._start if self.begun.is_set() else 0.0

    def begin(self) -> None:
        """Start the clock, once, and follow the run to its end."""
        if not self.begun.is_set():
            self._start, self._began = time.perf_counter(), time.time()
            self.begun.set()
            gevent.spawn(self._direct)

    def think(self, actor: str) -> float:
        """Return how long a person thinks now, in seconds."""
        return self.chance.uniform(*self.plan.think.get(actor, [1.0, 5.0]))

    def pick(self, actor: str) -> Sendable:
        """Return one of an actor's operations, by their weights."""
        operations, edges = self._choices[actor]
        return self.chance.choices(operations, cum_weights=edges)[0]

    @property
    def mean_think(self) -> float:
        """The mean time between two requests of one person; 0 where requests fall due at a rate."""
        if self.profile.is_open:
            return 0.0
        return mean_think(self.operations, self.plan.think)

    def results(self) -> Results:
        """Return what was recorded so far."""
        ended = self._ended or self.now()
        until = self._silence or time.monotonic()  # nobody has anything to say after the end
        silent = [name for name, heard in self.workers.items() if heard < until - SILENCE]
        return Results(
            warmup=self.profile.warmup,
            seconds=min(self.profile.length, max(1e-9, ended - self.profile.warmup)),
            ended=ended,
            generator_cpu=self._generator_cpu(),
            machine_cpu=max((machine for _, machine in self.cpu.values()), default=0.0),
            operations=list(self.recorder.names),
            columns=self.recorder.columns(),
            unanswered=self.recorder.under_way,
            builds=dict(self.recorder.builds),
            used_up=dict(self.recorder.used_up),
            workers=len(self.workers),
            lost=silent,
            stopped=self.stopped,
            began=self._began,
            profile=next((name for name, each in self.plan.profiles.items() if each == self.profile), ""),
            people=self.people,
        )

    def _generator_cpu(self) -> float:
        """Return the share of a core of the busiest process; 0 where one of them has not said it."""
        shares = [own for own, _ in self.cpu.values()]
        return max(shares) if all(shares) and shares else 0.0

    def figures(self) -> Figures:
        """Return the figures so far, against what was to be sent so far."""
        return Figures(self.results(), self.asked(), think=self.mean_think, live=not self._ended)

    def readings(self, figures: Figures) -> list[Reading]:
        """Return what the thresholds say so far; what only the harness can measure is "no data" here."""
        return read_thresholds(self.profile.thresholds, figures)

    def close(self) -> None:
        """Take note that nothing more is sent."""
        self._ended = self._ended or self.now()
        self._silence = self._silence or time.monotonic()
        self.closed = True

    def halt(self, reason: str) -> None:
        """Take note that it is ended from outside, now; users and workers take a moment to stop."""
        if not self.over and self.begun.is_set():
            self._ended = self._ended or self.now()
            if self.profile is not FREE:
                self.stop(reason)

    def stop(self, reason: str) -> None:
        """End the run before its time."""
        self.stopped = self.stopped or reason
        self.over = True

    def asked(self) -> Counter[str]:
        """Return how many requests of each operation were due while measuring, up to now."""
        asked = Counter({each.name: 0 for each in self.operations})
        until = self._ended or self.now()
        asked.update(self.operations[index].name for when, index in self._due if self.profile.warmup <= when <= until)
        return asked

    def _direct(self) -> None:
        """Follow the run: measure how busy the generator is, judge what is hopeless, and say when it is over."""
        recorder, profile = self.recorder, self.profile
        start, first = Clocks.read(), None
        while self.recorder is recorder and not self.over and self.now() < profile.end:
            if first is None and self.now() >= profile.warmup:
                first = Clocks.read()
            self._tell()
            change = profile.end if first else profile.warmup
            gevent.sleep(min(1.0, max(0.001, change - self.now())))
            if first:
                self.cpu["this process"] = first.until(Clocks.read())
                self._judge()
        deadline = self.now() + (0.0 if self.over else GRACE)
        while self.recorder is recorder and recorder.under_way and self.now() < deadline:
            gevent.sleep(0.05)
        if self.recorder is recorder:
            self._ended = self.now()
            # A process that is too busy may not come here between the warm-up and the end: then all of its time counts.
            self.cpu["this process"] = (first or start).until(Clocks.read())
            gevent.sleep(FLUSH if self.workers else 0)
            self.over = True

    def _tell(self) -> None:
        """Say how far it is, for whoever started this process."""
        if not self.is_worker:
            done, errors = len(self.recorder), self.recorder.errors
            print(f"harness.load {self.now():.0f} {self.profile.end:g} {done} {errors}", flush=True)  # noqa: T201

    def _judge(self) -> None:
        """End a run that cannot be saved: a threshold that aborts is broken, or nothing answers as it should.

        All figures are worked out once a limit is broken: until then a second costs what came in it.
        """
        recorder = self.recorder
        if len(recorder) >= ENOUGH_SILENCE and recorder.errors == len(recorder):
            self.stop(statuses_in_words(recorder.columns().status))
        self._tally.add(recorder.since(self._counted))
        self._counted = len(recorder)
        if self._counted >= ENOUGH_TO_JUDGE and self._tally.is_broken(self.now()):
            figures = self.figures()
            broken = [each for each in self.readings(figures) if each.abort and each.state == "broken"]
            if broken and figures.requests >= ENOUGH_TO_JUDGE:
                self.stop(broken[0].words)
