"""An agent that gets a time for each answer; where it takes longer, or breaks off, the next one begins anew."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any

from harness.databases import Database
from harness.errors import AgentError, ReleaseError
from harness.probes.world import World
from harness.releases import Agent


class Patient:
    """Calls procedures of the candidate release on one database, each with a limit of its own."""

    def __init__(self, world: World, database: Database) -> None:
        self._world = world
        self._database = database
        self._stack = ExitStack()
        self._agent: Agent | None = None

    def __enter__(self) -> Patient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def call(self, procedure: str, seconds: float, **arguments: Any) -> Any:
        """Call a procedure; raises AgentError when it fails, ReleaseError when it takes longer or breaks off."""
        if self._agent is None:
            self._agent = self._stack.enter_context(self._world.agent(self._world.candidate, self._database))
        try:
            return self._agent.call(procedure, patience=seconds, **arguments)
        except AgentError:
            raise
        except ReleaseError:
            self._stack.close()
            self._agent = None
            raise
