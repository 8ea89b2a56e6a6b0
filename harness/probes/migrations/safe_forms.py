"""Writes the safe form of an operation as code for this very operation: its model, its field, its index."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from harness.probes.migrations import remedies
from harness.probes.migrations.facts import Step

OUTSIDE = "class Migration(migrations.Migration):\n    atomic = False"
_FLAG = r",?\s*\b{name}=(?:True|False|None|[\w.]+(?:\([^()]*\))?|'[^']*')"
_CONTROL = re.compile(
    r"(?:^|(?<=;))\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?\s*(?:;|$)",
    re.IGNORECASE,
)
_CONCURRENTLY = "# a migration of its own\natomic = False\n"
_SPLIT = "\n# the next migration\n"
_LONGEST = 30


def write(code: str, step: Step, work: str = "rows") -> str:
    """Return the safe form as source, "" where it depends on more than the operation says.

    `work` is what it does under the lock of another operation: in a migration of its own it needs its own safe form.
    """
    if code == "slow-work-under-lock" and work != "rows":
        return write(f"{work}-blocks-reads", step)
    writer = _writer(code, step.kind)
    try:
        return writer(step) if writer else ""
    except KeyError:
        return ""


def _writer(code: str, kind: str) -> Callable[[Step], str] | None:
    if code.startswith("index-build"):
        return _INDEXES.get(kind)
    if code.startswith("scan"):
        return _SCANS.get(kind)
    if code.startswith("rewrite"):
        return _column if kind in ("AlterField", "AddField") else None
    if code == "rows-written-in-one-transaction" or code == "data-mixed-with-schema":
        return _batches
    if code == "transaction-ended":
        return _in_one_transaction
    if code == "old-code-cannot-insert" and kind == "AddField":
        return _with_default
    if code.startswith("old-code"):
        return _EXPAND.get(kind)
    return _validate_later if code == "validated-in-the-same-transaction" else None


def _add_index(step: Step) -> str:
    return (
        f"{_CONCURRENTLY}operations = [AddIndexConcurrently({step.details['model_name']!r}, {step.details['index']})]"
    )


def _remove_index(step: Step) -> str:
    model, name = step.details["model_name"], step.details["name"]
    return f"{_CONCURRENTLY}operations = [RemoveIndexConcurrently({model!r}, {name!r})]"


def _index_of_field(step: Step) -> str:
    if "unique=True" in step.details["field"] or "OneToOneField" in step.details["field"]:
        return _unique_field(step)
    model, name = step.details["model_name"], step.details["name"]
    plain = _without(step.details["field"], "db_index", "db_constraint")
    plain = _with(plain, "db_index=False")
    first = f"migrations.{step.kind}({model!r}, {name!r}, {plain})"
    if "ForeignKey" in step.details["field"]:
        first = first.replace("db_index=False", "db_index=False, db_constraint=False")
    index = f"models.Index(fields=[{name!r}], name={_short(f'{model}_{name}_idx')!r})"
    parts = [first, f"{_CONCURRENTLY}operations = [AddIndexConcurrently({model!r}, {index})]"]
    if "ForeignKey" in step.details["field"]:
        parts.append(_foreign_key(step))
    return _SPLIT.join(parts)


def _unique_field(step: Step) -> str:
    model, name = step.details["model_name"], step.details["name"]
    table, column = _table(step), _column_of(step, name)
    index = _short(f"{model}_{name}_uniq")
    first = ""
    if step.kind == "AddField":
        first = f"migrations.AddField({model!r}, {name!r}, {_without(step.details['field'], 'unique')}){_SPLIT}"
    state = f"migrations.AlterField({model!r}, {name!r}, {step.details['field']})"
    return (
        f"{first}{_CONCURRENTLY}operations = [migrations.RunSQL(\n"
        f"    'CREATE UNIQUE INDEX CONCURRENTLY {index} ON {table} ({column})',\n"
        f"    'DROP INDEX CONCURRENTLY {index}',\n)]{_SPLIT}operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} ADD CONSTRAINT {index} UNIQUE USING INDEX {index}',\n"
        f"    'ALTER TABLE {table} DROP CONSTRAINT {index}',\n    state_operations=[{state}],\n)]"
    )


def _unique_constraint(step: Step) -> str:
    created = next((sql for sql in _sql(step) if " UNIQUE" in sql.upper()), "")
    columns = re.search(r"UNIQUE \((?P<columns>[^)]*)\)", created)
    name = re.search(r'CONSTRAINT "(?P<name>[^"]+)"', created)
    if not columns or not name:
        return _unique_index(step)
    table, index = _table(step), name["name"]
    return (
        f"{_CONCURRENTLY}operations = [migrations.RunSQL(\n"
        f"    'CREATE UNIQUE INDEX CONCURRENTLY \"{index}\" ON {table} ({columns['columns']})',\n"
        f"    'DROP INDEX CONCURRENTLY \"{index}\"',\n)]{_SPLIT}operations = [migrations.RunSQL(\n"
        f'    \'ALTER TABLE {table} ADD CONSTRAINT "{index}" UNIQUE USING INDEX "{index}"\',\n'
        f"    'ALTER TABLE {table} DROP CONSTRAINT \"{index}\"',\n"
        f"    state_operations=[{_same(step)}],\n)]"
    )


def _unique_index(step: Step) -> str:
    """Build the index of a unique constraint with a condition or an expression: it is an index and nothing else."""
    pattern = r'CREATE UNIQUE INDEX (?P<name>"[^"]+") (?P<rest>ON .*)'
    found = next((match for sql in _sql(step) if (match := re.match(pattern, sql))), None)
    if not found:
        return ""
    rest = found["rest"].replace("'", "\\'")
    return (
        f"{_CONCURRENTLY}operations = [migrations.RunSQL(\n"
        f"    'CREATE UNIQUE INDEX CONCURRENTLY {found['name']} {rest}',\n"
        f"    'DROP INDEX CONCURRENTLY {found['name']}',\n    state_operations=[{_same(step)}],\n)]"
    )


def _same(step: Step) -> str:
    """Return the operation itself as source."""
    if step.kind == "AddConstraint":
        return f"migrations.AddConstraint({step.details['model_name']!r}, {step.details['constraint']})"
    options = next((value for key, value in step.details.items() if key.endswith("_together")), "...")
    return f"migrations.{step.kind}({step.details['name']!r}, {options})"


def _check(step: Step) -> str:
    name = re.search(r"name='(?P<name>[^']+)'", step.details["constraint"])
    return (
        f"AddConstraintNotValid({step.details['model_name']!r}, {step.details['constraint']}){_SPLIT}"
        f"ValidateConstraint({step.details['model_name']!r}, {name['name'] if name else '...'!r})"
    )


def _checked_column(step: Step) -> str:
    """Add a column whose type has a CHECK (a positive integer) without it, and the CHECK later."""
    added = r'ALTER TABLE (?P<table>\S+) ADD COLUMN (?P<column>"[^"]+") (?P<type>.*?) CHECK (?P<check>\(.*?\))(?:;|$)'
    found = next((match for sql in _sql(step) if (match := re.search(added, sql))), None)
    if found is None:
        return _foreign_key(step)
    table, column = found["table"], found["column"]
    check = _table(step).strip('"') + f"_{step.details['name']}_check"
    state = f"migrations.AddField({step.details['model_name']!r}, {step.details['name']!r}, {step.details['field']})"
    return (
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} ADD COLUMN {column} {found['type']}',\n"
        f"    'ALTER TABLE {table} DROP COLUMN {column}',\n    state_operations=[{state}],\n)]{_SPLIT}"
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} ADD CONSTRAINT \"{check}\" CHECK {found['check']} NOT VALID',\n"
        f"    'ALTER TABLE {table} DROP CONSTRAINT \"{check}\"',\n)]{_SPLIT}"
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} VALIDATE CONSTRAINT \"{check}\"', migrations.RunSQL.noop,\n)]"
    )


def _altered(step: Step) -> str:
    """Return the safe form of an altered field whose rule is checked: NOT NULL, a CHECK of its type, or a key."""
    ran = "; ".join(_sql(step))
    if "SET NOT NULL" in ran.upper():
        return _not_null(step, key="FOREIGN KEY" in ran.upper())
    if remedies.validated_anew(ran):
        return _same_key(step, ran)
    return _check_of_field(step, ran) or _foreign_key(step)


def _same_key(step: Step, ran: str) -> str:
    """Drop NOT NULL without Django's detour over the foreign key; anything else needs the detour."""
    if "DROP NOT NULL" not in ran or " TYPE " in ran:
        return ""
    alter = f"ALTER TABLE {_table(step)} ALTER COLUMN {_column_of(step, step.details['name'])}"
    return (
        f"operations = [migrations.RunSQL(\n    '{alter} DROP NOT NULL',\n    '{alter} SET NOT NULL',\n"
        f"    state_operations=[{_field(step)}],\n)]"
    )


def _check_of_field(step: Step, ran: str) -> str:
    """Add the CHECK that comes with a type (a positive integer) without reading the table, and validate it later."""
    found = re.search(r"(?P<add>ALTER TABLE (?P<table>\S+) ADD CONSTRAINT (?P<name>\S+) CHECK \([^;]*\))", ran)
    if not found or "ALTER COLUMN" in ran:
        return ""
    table, name = found["table"], found["name"]
    return (
        f"operations = [migrations.RunSQL(\n    '{found['add']} NOT VALID',\n"
        f"    'ALTER TABLE {table} DROP CONSTRAINT {name}',\n    state_operations=[{_field(step)}],\n)]{_SPLIT}"
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} VALIDATE CONSTRAINT {name}', migrations.RunSQL.noop,\n)]"
    )


def _field(step: Step) -> str:
    """Return the operation itself, for the state."""
    return f"migrations.AlterField({step.details['model_name']!r}, {step.details['name']!r}, {step.details['field']})"


def _not_null(step: Step, *, key: bool) -> str:
    model, name = step.details["model_name"], step.details["name"]
    check = _short(f"{model}_{name}_not_null")
    last = f"migrations.AlterField({model!r}, {name!r}, {step.details['field']})"
    if key:
        # Django would drop the foreign key and validate it anew.
        alter = f"ALTER TABLE {_table(step)} ALTER COLUMN {_column_of(step, name)}"
        last = f"migrations.RunSQL('{alter} SET NOT NULL', '{alter} DROP NOT NULL',\n    state_operations=[{last}])"
    constraint = f"models.CheckConstraint(condition=models.Q({name}__isnull=False), name={check!r})"
    return (
        f"# fill the NULLs in batches first\nAddConstraintNotValid({model!r}, {constraint}){_SPLIT}"
        f"ValidateConstraint({model!r}, {check!r}){_SPLIT}"
        f"{last}\nmigrations.RemoveConstraint({model!r}, {check!r})"
    )


def _foreign_key(step: Step) -> str:
    made = next((sql for sql in _sql(step) if " REFERENCES " in sql.upper()), "")
    found = re.search(r'CONSTRAINT "(?P<name>[^"]+)".*?REFERENCES (?P<target>"[^"]+" ?\("[^"]+"\))', made)
    if not found:
        return ""
    table, column, name = _table(step), _column_of(step, step.details["name"]), found["name"]
    # A column that is new has got its index as an index of the model.
    field = _with(step.details["field"], "db_index=False") if step.kind == "AddField" else step.details["field"]
    state = f"migrations.AlterField({step.details['model_name']!r}, {step.details['name']!r}, {field})"
    return (
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} ADD CONSTRAINT \"{name}\" FOREIGN KEY ({column}) REFERENCES {found['target']} '\n"
        f"    'DEFERRABLE INITIALLY DEFERRED NOT VALID',\n"
        f"    'ALTER TABLE {table} DROP CONSTRAINT \"{name}\"',\n    state_operations=[{state}],\n)]{_SPLIT}"
        f"operations = [migrations.RunSQL(\n"
        f"    'ALTER TABLE {table} VALIDATE CONSTRAINT \"{name}\"', migrations.RunSQL.noop,\n)]"
    )


def _column(step: Step) -> str:
    model, name = step.details["model_name"], step.details["name"]
    if step.kind == "AddField":
        plain = _without(step.details["field"], "db_default", "db_persist", "expression")
        plain = plain if "GeneratedField" not in plain else "..."
        return (
            f"migrations.AddField({model!r}, {name!r}, {_with(plain, 'null=True') if plain != '...' else '...'})"
            f"{_SPLIT}{_batches(step)}{_SPLIT}"
            f"migrations.AlterField({model!r}, {name!r}, {step.details['field']})"
        )
    second, plain = f"{name}_new", _with(_without(step.details["field"], "null"), "null=True")
    return (
        f"migrations.AddField({model!r}, {second!r}, {plain})\n"
        f"# the release of this phase writes {name} and {second}{_SPLIT}{_batches(step)}"
        f"{_SPLIT}# read {second}, then drop {name} in the phase after"
    )


def _batches(step: Step) -> str:
    table = _table(step) or "the table"
    return (
        "atomic = False\n\ndef fill(apps, schema_editor):\n"
        f"    rows = ...  # the model of {table}, only the rows that still need it\n"
        "    while keys := list(rows.values_list('pk', flat=True)[:1000]):\n"
        "        with transaction.atomic():\n            rows.filter(pk__in=keys).update(...)\n\n"
        "operations = [migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)]"
    )


def _in_one_transaction(step: Step) -> str:
    if step.kind != "RunSQL":
        return (
            f"{OUTSIDE}\n\ndef forward(apps, schema_editor):\n"
            "    with transaction.atomic(using=schema_editor.connection.alias):\n"
            "        ...  # what has to be committed together"
        )
    sql = _CONTROL.sub("", step.details["sql"]).strip("; \n")
    if not re.search(r"\w", sql) or step.details["sql"].startswith("["):
        return "# leave this operation out, and put those after it into the next migration"
    return f"operations = [migrations.RunSQL({sql!r}, ...)]"


def _with_default(step: Step) -> str:
    field = step.details["field"]
    default = re.search(r"\bdefault=(?P<value>[-\w.]+(?:\([^()]*\))?|'[^']*')", field)
    more = f"db_default={default['value']}" if default and "." not in default["value"] else "null=True"
    return f"migrations.AddField({step.details['model_name']!r}, {step.details['name']!r}, {_with(field, more)})"


def _remove_field(step: Step) -> str:
    model, name = step.details["model_name"], step.details["name"]
    return (
        "# this phase: the models forget it, the column stays (it needs null=True or a db_default before)\n"
        "migrations.SeparateDatabaseAndState(state_operations=["
        f"migrations.RemoveField({model!r}, {name!r})])\n"
        "# the phase after, when the old release is gone\n"
        f"migrations.RunSQL('ALTER TABLE {_table(step)} DROP COLUMN {_column_of(step, name)}')"
    )


def _rename_field(step: Step) -> str:
    model, old, new = step.details["model_name"], step.details["old_name"], step.details["new_name"]
    renamed = next((match for sql in _sql(step) if (match := re.search(r'RENAME COLUMN "([^"]+)"', sql))), None)
    column = renamed[1] if renamed else old
    return (
        f"# rename it in the code only; the new field gets db_column={column!r}\n"
        "migrations.SeparateDatabaseAndState(state_operations=[\n"
        f"    migrations.RenameField({model!r}, {old!r}, {new!r}),\n"
        f"    migrations.AlterField({model!r}, {new!r}, ...),\n])"
    )


def _rename_model(step: Step) -> str:
    table = _table(step).strip('"')
    return (
        f"# keep the table: class {step.details['new_name']}: class Meta: db_table = {table!r}\n"
        "migrations.SeparateDatabaseAndState(state_operations=["
        f"migrations.RenameModel({step.details['old_name']!r}, {step.details['new_name']!r}), "
        f"migrations.AlterModelTable({step.details['new_name']!r}, {table!r})])"
    )


def _delete_model(step: Step) -> str:
    deleted = f"migrations.DeleteModel({step.details['name']!r})"
    return (
        f"# this phase\nmigrations.SeparateDatabaseAndState(state_operations=[{deleted}])\n"
        f"# the phase after\nmigrations.RunSQL('DROP TABLE {_table(step)}', ...)"
    )


def _validate_later(step: Step) -> str:
    return f"# the next migration\nValidateConstraint({step.details['model_name']!r}, {step.details['name']!r})"


_INDEXES = {
    "AddIndex": _add_index,
    "RemoveIndex": _remove_index,
    "AddField": _index_of_field,
    "AlterField": _index_of_field,
    "AddConstraint": _unique_constraint,
    "AlterUniqueTogether": _unique_constraint,
}
_SCANS = {"AddConstraint": _check, "AlterField": _altered, "AddField": _checked_column}
_EXPAND = {
    "RemoveField": _remove_field,
    "RenameField": _rename_field,
    "RenameModel": _rename_model,
    "DeleteModel": _delete_model,
    "AddConstraint": lambda step: _check(step) if "Check" in step.details["constraint"] else "",
}


def _sql(step: Step) -> list[str]:
    """Return what it ran, without what it only looked up (the names of constraints, in the catalog)."""
    ran = [each.sql for each in step.facts.statements] if step.facts else []
    return [sql for sql in ran if not sql.lstrip().upper().startswith("SELECT")]


def _table(step: Step) -> str:
    """Return the table that the operation altered, quoted as its statements have it."""
    for sql in _sql(step):
        found = re.search(r'(?:ALTER TABLE|\bON|UPDATE|DROP TABLE)\s+(?:ONLY\s+)?(?P<table>"[^"]+"|[\w.]+)', sql)
        if found:
            return found["table"]
    return ""


def _column_of(step: Step, name: str) -> str:
    """Return the column of a field: its name, or with the suffix of a key where a statement says so."""
    return f'"{name}_id"' if any(f'"{name}_id"' in sql for sql in _sql(step)) else f'"{name}"'


def _without(field: str, *names: str) -> str:
    for name in names:
        field = re.sub(_FLAG.format(name=name), "", field)
    return field.replace("(, ", "(")


def _with(field: str, argument: str) -> str:
    head, _, tail = field.rpartition(")")
    name = argument.partition("=")[0]
    head = re.sub(_FLAG.format(name=name), "", head)
    return f"{head}{'' if head.endswith('(') else ', '}{argument}){tail}".replace("(, ", "(")


def _short(name: str) -> str:
    """Return a name of at most 30 characters, the most for an index; long ones with a digest, so that they differ."""
    name = name.lower()
    digest = hashlib.blake2b(name.encode(), digest_size=3).hexdigest()
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 7]}_{digest}"
