"""Starts releases, each in processes of its own: an agent on a database, or a web server on a port."""

from harness.releases.agent import Agent, open_agent
from harness.releases.served import Served, Usage, serve

__all__ = ["Agent", "Served", "Usage", "open_agent", "serve"]
