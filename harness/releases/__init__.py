"""Starts releases: an agent on a database, or a web server on a port; nothing of a release runs in the harness's process."""

from harness.releases.agent import Agent, open_agent
from harness.releases.served import Served, Usage, serve

__all__ = ["Agent", "Served", "Usage", "open_agent", "serve"]
