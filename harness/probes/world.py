"""What probes share in one run: the plan, the releases and the databases, each expensive one made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from harness.databases import Database, Server, provision
from harness.events import Emit, Progress
from harness.evidence import Artifact, Evidence
from harness.operations import Catalog
from harness.releases import Agent, Served, open_agent, serve
from harness.rollout import Phase, Release, Rollout
from harness.runs import Run


class World:
    """The world of one run.

    `before()` is the baseline release migrated, filled, and brought to the state before the phase; `after()` is a copy
    of it with the phase's migrations applied. Both are templates: never write to them, take a `copy()`. `evidence`
    holds what the probes so far brought back, `rows` are production's row counts by table where they were given,
    `show` prints content to the person at the terminal, where that was asked for, and to nobody else.
    """

    def __init__(
        self,
        rollout: Rollout,
        phase: Phase,
        catalog: Catalog,
        run: Run,
        *,
        database: str,
        quick: bool,
        emit: Emit,
        rows: Mapping[str, float] | None = None,
        show: Callable[[str], None] | None = None,
    ) -> None:
        self.rollout = rollout
        self.phase = phase
        self.catalog = catalog
        self.run = run
        self.quick = quick
        self.rows = dict(rows or {})
        self.show = show
        self.emit = emit
        self.evidence: dict[str, Evidence] = {}
        self._database = database
        self._stack = ExitStack()
        self._before: Database | None = None
        self._after: Database | None = None

    @cached_property
    def server(self) -> Server:
        """The database server, provisioned on first use and stopped by `close`."""
        server = provision(self._database)
        self._stack.callback(server.close)
        return server

    @property
    def database_title(self) -> str:
        """The server in words, "" where none was needed."""
        return self.server.title if "server" in vars(self) else ""

    @property
    def baseline(self) -> Release:
        """The release that one comes from."""
        return self.rollout.find_release(self.rollout.source.release)

    @property
    def candidate(self) -> Release:
        """The release whose code and migrations the phase brings; the serving one where it brings none."""
        return self.rollout.find_release(self.phase.candidate or self.phase.serves)

    @property
    def serving(self) -> Release:
        """The release that serves users after the phase."""
        return self.rollout.find_release(self.phase.serves)

    @property
    def served(self) -> Release:
        """The release that served users before the phase."""
        earlier = self.rollout.before(self.phase)
        return self.rollout.find_release(earlier[-1].serves) if earlier else self.baseline

    @property
    def returns_to(self) -> Release:
        """The release that one returns to: the newest one that served before and does not serve after the phase."""
        names = [self.baseline.name, *(each.serves for each in self.rollout.before(self.phase))]
        others = [name for name in names if name != self.phase.serves]
        return self.rollout.find_release(others[-1]) if others else self.baseline

    def before(self) -> Database:
        """Return the database as it is before the phase."""
        if self._before is None:
            self._before = self._make_before()
        return self._before

    def after(self) -> Database:
        """Return the database after the phase's migrations, and those it looks `ahead` to, applied by the candidate."""
        if self._after is None:
            database = self.copy(self.before(), "after")
            self._migrate(self.phase, database, [*self.phase.migrations, *self.phase.ahead])
            self.server.analyze(database)
            self._after = database
        return self._after

    def copy(self, database: Database, label: str) -> Database:
        """Copy a database; the copy is dropped with the world at the latest (or earlier by `server.drop`)."""
        return self.server.copy(database, label)

    @contextmanager
    def agent(self, release: Release, database: Database) -> Iterator[Agent]:
        """Run an agent of that release on that database."""
        with open_agent(self.rollout, release, database, log=self.log(f"agent-{release.name}")) as agent:
            yield agent

    @contextmanager
    def serve(self, release: Release, database: Database, *, port: int = 0) -> Iterator[Served]:
        """Serve that release on that database over HTTP on loopback; port 0 picks a free one."""
        with serve(self.rollout, release, database, port=port, log=self.log(f"server-{release.name}")) as served:
            yield served

    def log(self, name: str) -> Path:
        """Return the log file of that name in the run's folder."""
        return self.run.folder / "logs" / f"{name}.log"

    def artifact(self, name: str) -> Path:
        """Return the path of an artifact to write; describe it afterwards with `keep`."""
        path = self.run.folder / "artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, path: Path, title: str) -> Artifact:
        """Describe an artifact that was written."""
        return Artifact.of(path, self.run.folder, title)

    def progress(self, probe: str, message: str, done: float = 0, total: float = 0) -> None:
        """Tell how far a probe is."""
        self.emit(Progress(probe, message, done, total))

    def progress_of(self, probe: str, doing: str) -> Callable[[str, float, float], None]:
        """Return what an agent's call may report its progress to."""
        return lambda message, done, total: self.progress(probe, f"{doing} {message}", done, total)

    def close(self) -> None:
        """Drop every database that this world made and stop what it started."""
        self._stack.close()

    def _make_before(self) -> Database:
        source = self.rollout.source
        database = self.server.create("before")
        if source.dump:
            self.server.restore(self.rollout.path(source.dump), database)
        else:
            with self.agent(self.baseline, database) as agent:
                agent.call("migrate", progress=self.progress_of("database", "migrating"))
                seed = (self.quick and source.quick_seed) or source.seed
                if seed:
                    self.progress("database", f"running {seed[0]}")
                    agent.call("manage", arguments=seed)
        for earlier in self.rollout.before(self.phase):
            self._migrate(earlier, database, earlier.migrations)
        self.server.analyze(database)
        return database

    def _migrate(self, phase: Phase, database: Database, targets: list[str]) -> None:
        if targets:
            with self.agent(self.rollout.find_release(phase.candidate or phase.serves), database) as agent:
                agent.call("migrate", targets=targets, progress=self.progress_of("database", "migrating"))
