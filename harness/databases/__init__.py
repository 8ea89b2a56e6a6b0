"""Database servers to rehearse on: provision one, then create, copy, back up, restore and drop databases there."""

from harness.databases.database import Database, Secret
from harness.databases.provision import provision
from harness.databases.server import Server

__all__ = ["Database", "Secret", "Server", "provision"]
