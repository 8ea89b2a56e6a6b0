"""How long PostgreSQL itself works on a request, from its extension pg_stat_statements where that is installed."""

from __future__ import annotations

from django.db import connection

_RESET = "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)"
_READ = """
SELECT COALESCE(SUM(s.total_exec_time), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND s.query NOT LIKE '%pg_stat_statements%'
"""


def is_available() -> bool:
    """Tell whether the extension is there and may be asked; nothing of the question stays."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")
        return bool(cursor.fetchone()[0])


def start() -> None:
    """Begin to count anew for this database."""
    with connection.cursor() as cursor:
        cursor.execute(_RESET)


def read() -> float:
    """Return the milliseconds that the server spent on statements since the start."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return float(cursor.fetchone()[0])
