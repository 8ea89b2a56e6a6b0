"""Reads what nobody wants in PostgreSQL's catalog: foreign keys without index, small keys, dead indexes."""

from __future__ import annotations

from django.db import connection

# A foreign key whose columns do not begin any valid index of the table: deleting a parent reads the whole table.
_UNINDEXED = """
    SELECT c.conname, c.conrelid::regclass::text,
           (SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
        AND (SELECT array_agg(k ORDER BY k) FROM unnest((i.indkey::int2[])[0:cardinality(c.conkey) - 1]) k)
          = (SELECT array_agg(k ORDER BY k) FROM unnest(c.conkey) k))
"""
# A primary key of two or four bytes that a sequence fills runs out.
_SMALL = """
    SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, a.attname
    FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisprimary AND i.indnkeyatts = 1 AND a.atttypid IN ('int2'::regtype, 'int4'::regtype)
      AND pg_get_serial_sequence(i.indrelid::regclass::text, a.attname) IS NOT NULL
"""
_INVALID = """
    SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, ''
    FROM pg_index i WHERE NOT i.indisvalid
"""
_RULES = {"foreign-key-without-index": _UNINDEXED, "key-of-32-bits": _SMALL, "invalid-index": _INVALID}
Seen = dict[tuple[str, str, str, str], dict[str, str]]


def catalog_rules() -> Seen:
    """Return what the catalog holds now: {"code", "name", "table", "column"} by all four; {} on other databases."""
    if connection.vendor != "postgresql":
        return {}
    found: Seen = {}
    with connection.cursor() as cursor:
        for code, sql in _RULES.items():
            cursor.execute(sql)
            for name, table, column in cursor.fetchall():
                found[code, name, table, column] = {"code": code, "name": name, "table": table, "column": column or ""}
    return found
