"""Databases that a killed harness left on a user's server: dropped only when surely ours and surely abandoned."""

from __future__ import annotations

from harness.owner import abandoned, mark

__all__ = ["LIST", "abandoned", "mark"]

# Comments on databases are seen from every database of the server.
LIST = """
SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database
WHERE datname LIKE 'harness\\_%' AND pg_has_role(datdba, 'USAGE')
"""
