"""Reads the catalog of a PostgreSQL database."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from harness.databases.schema import Schema, Table

# The relations of the user: no system ones, no partitions (their parent stands for them), nothing of an extension.
_RELATIONS = """
WITH relation AS (
    SELECT c.*, n.nspname, CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END ||
           CASE WHEN c.relname LIKE '%.%' THEN quote_ident(c.relname) ELSE c.relname END AS label
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT c.relispartition
      AND NOT EXISTS (
          SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
"""

_TABLES = """
SELECT r.label,
       CASE WHEN r.relkind = 'r' THEN 'ONLY ' ELSE '' END || quote_ident(r.nspname) || '.' || quote_ident(r.relname),
       a.attname, format_type(a.atttypid, NULL), array_position(p.conkey, a.attnum)
FROM relation r
LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint p ON p.conrelid = r.oid AND p.contype = 'p'
WHERE r.relkind IN ('r', 'p') ORDER BY r.label, a.attnum
"""

_REFERENCES = """
SELECT DISTINCT r.label, target.label FROM pg_constraint c
JOIN relation r ON r.oid = c.conrelid JOIN relation target ON target.oid = c.confrelid WHERE c.contype = 'f'
"""

_OBJECTS = """
SELECT 'table ' || r.label, concat_ws(' ', CASE r.relpersistence WHEN 'u' THEN 'unlogged' END,
       CASE r.relkind WHEN 'p' THEN 'partitioned' END, array_to_string(r.reloptions, ' '),
       CASE WHEN r.relrowsecurity THEN 'row level security' END)
FROM relation r WHERE r.relkind IN ('r', 'p')
UNION ALL
SELECT 'column ' || r.label || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END,
       CASE WHEN a.attnotnull THEN 'NOT NULL' END,
       CASE WHEN d.adbin IS NOT NULL THEN
           CASE a.attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' END || pg_get_expr(d.adbin, d.adrelid) END,
       CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY' END)
FROM relation r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p')
UNION ALL
SELECT 'constraint ' || r.label || '.' || c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid WHERE c.contype NOT IN ('n', 't') OR NOT c.convalidated
UNION ALL
SELECT 'index ' || r.label || '.' || c.relname,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'INVALID' END)
FROM pg_index i JOIN relation r ON r.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
UNION ALL
SELECT 'sequence ' || r.label, concat_ws(' ', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement,
       'from', s.seqmin, 'to', s.seqmax, CASE WHEN s.seqcycle THEN 'cycle' END,
       (SELECT 'owned by ' || o.label || '.' || a.attname FROM pg_depend d JOIN relation o ON o.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')))
FROM pg_sequence s JOIN relation r ON r.oid = s.seqrelid
UNION ALL
SELECT 'trigger ' || r.label || '.' || t.tgname,
       concat_ws(' ', pg_get_triggerdef(t.oid), CASE t.tgenabled WHEN 'D' THEN 'DISABLED' END)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'view ' || r.label, pg_get_viewdef(r.oid) FROM relation r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT 'policy ' || r.label || '.' || p.polname, concat_ws(' ', p.polcmd::text, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL
SELECT 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'type ' || t.oid::regtype, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.oid
UNION ALL
SELECT 'extension ' || extname, extversion FROM pg_extension
"""

_SEQUENCES = """
SELECT coalesce((
    SELECT o.label || '.' || a.attname FROM pg_depend d JOIN relation o ON o.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')), r.label), s.last_value
FROM relation r JOIN pg_sequences s ON s.schemaname = r.nspname AND s.sequencename = r.relname
WHERE r.relkind = 'S' AND s.last_value IS NOT NULL
"""


def read_schema(connection: Any) -> Schema:
    """Read tables and objects; the connection's search path must be empty, so that definitions name schemas."""
    return Schema(tables=_tables(connection), objects=dict(connection.execute(_RELATIONS + _OBJECTS).fetchall()))


def read_sequences(connection: Any) -> dict[str, int]:
    """Return the last value of each sequence that was used, by the column that owns it, or its own name."""
    return dict(connection.execute(_RELATIONS + _SEQUENCES).fetchall())


def _tables(connection: Any) -> dict[str, Table]:
    columns: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    keys: dict[str, dict[int, str]] = defaultdict(dict)
    for label, quoted, column, type_name, position in connection.execute(_RELATIONS + _TABLES):
        own = columns[label, quoted]
        if column is None:  # a table without columns has rows too
            continue
        own[column] = type_name
        if position is not None:
            keys[label][position] = column
    references: dict[str, set[str]] = defaultdict(set)
    for label, target in connection.execute(_RELATIONS + _REFERENCES):
        references[label].add(target)
    return {
        label: Table(
            name=label,
            quoted=quoted,
            columns=found,
            key=tuple(column for _, column in sorted(keys[label].items())),
            references=frozenset(references[label]),
        )
        for (label, quoted), found in columns.items()
    }
