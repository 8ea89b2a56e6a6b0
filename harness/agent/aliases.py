"""The aliases of a project's settings, all of which mean the database that the harness made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, connections

from harness.agent.protocol import Failed

_PLACE = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def point_all_at_the_same() -> None:
    """Let every alias mean the rehearsal's database, so that nothing that the user owns is ever reached."""
    here = connections[DEFAULT_DB_ALIAS].settings_dict
    place = {key: here[key] for key in _PLACE}
    for alias in connections:
        if alias != DEFAULT_DB_ALIAS:
            connections.settings[alias] = {**connections.settings[alias], **place}
            with suppress(AttributeError):
                del connections[alias]
            if any(connections[alias].settings_dict[key] != value for key, value in place.items()):
                raise Failed(f"The database {alias!r} of the settings cannot be exchanged for one of the harness.")


def use(database: str) -> None:
    """Let every alias mean another database of the same server from now on."""
    connections.close_all()
    for alias in connections:
        # The connection's own: some configuration libraries give away copies of the settings.
        connections[alias].settings_dict["NAME"] = database


@contextmanager
def on(database: str) -> Iterator[None]:
    """Use another database of the same server for the time of the block."""
    before = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
    use(database)
    try:
        yield
    finally:
        use(before)
