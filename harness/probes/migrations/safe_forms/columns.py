"""Safe forms of columns that are computed anew, and of what the old release does not know yet or still uses."""

from __future__ import annotations

import re

from harness.probes.migrations.facts import Step
from harness.probes.migrations.safe_forms import rules
from harness.probes.migrations.safe_forms.batches import fill_field
from harness.probes.migrations.safe_forms.source import (
    LATER,
    SPLIT,
    column,
    default,
    field_operation,
    sql,
    table,
    with_argument,
    without,
)

_DB_DEFAULT = re.compile(r"\bdb_default=(?P<value>[\w.]+(?:\([^()]*\))?)")


def rewritten(step: Step) -> str:
    """Write a column whose values all rows need, or a second one of a new type; nothing does so for a generated one."""
    if step.kind == "AddField":
        return _filled_later(step)
    model, name, field = step.details["model_name"], step.details["name"], step.details["field"]
    second = f"{name}_new"
    value = f"Cast({name!r}, models.JSONField())" if "JSONField" in field else f"models.F({name!r})"
    added = f"migrations.AddField({model!r}, {second!r}, {with_argument(without(field, 'null'), 'null=True')})"
    filled = fill_field(step, second, value, f", {name}__isnull=False")
    both = f"# the release of this phase writes {name} and {second}"
    return SPLIT.join([f"{added}\n{both}", filled, f"# read {second}, then drop {name} in the phase after"])


def _filled_later(step: Step) -> str:
    """Write a column that gets its default for new rows at once, and for old ones in batches."""
    field = step.details["field"]
    computed = _DB_DEFAULT.search(field)
    if not computed or "GeneratedField" in field:
        return ""
    plain = with_argument(without(field, "null", "db_default"), "null=True")
    for_new = with_argument(without(field, "null"), "null=True")
    parts = [
        f"{field_operation(step, plain)}\n{field_operation(step, for_new, kind='AlterField')}",
        fill_field(step, step.details["name"], computed["value"]),
    ]
    return SPLIT.join([*parts, *([] if "null=True" in field else [rules.not_null(step, filled=True)])])


def with_default(step: Step) -> str:
    """Write a new column that the old release, which does not know it, need not write."""
    field = step.details["field"]
    if "GeneratedField" in field:
        return ""
    value = default(field)
    return field_operation(step, with_argument(field, f"db_default={value}" if value else "null=True"))


def removed_field(step: Step) -> str:
    """Write a field that only the models forget, and its column a phase later."""
    model, name = step.details["model_name"], step.details["name"]
    return (
        "# this phase: the models forget it, the column stays (it needs null=True or a db_default before)\n"
        "migrations.SeparateDatabaseAndState(state_operations=["
        f"migrations.RemoveField({model!r}, {name!r})])\n"
        f"{LATER}migrations.RunSQL('ALTER TABLE {table(step)} DROP COLUMN {column(step, name)}')"
    )


def renamed_field(step: Step) -> str:
    """Write a field that only the code knows by its new name."""
    model, old, new = step.details["model_name"], step.details["old_name"], step.details["new_name"]
    renamed = next((match for each in sql(step) if (match := re.search(r'RENAME COLUMN "([^"]+)"', each))), None)
    return (
        f"# rename it in the code only; the new field gets db_column={renamed[1] if renamed else old!r}\n"
        "migrations.SeparateDatabaseAndState(state_operations=[\n"
        f"    migrations.RenameField({model!r}, {old!r}, {new!r}),\n"
        f"    migrations.AlterField({model!r}, {new!r}, ...),\n])"
    )


def renamed_model(step: Step) -> str:
    """Write a model that only the code knows by its new name."""
    name, where = step.details["new_name"], table(step).strip('"')
    return (
        f"# keep the table: class {name}: class Meta: db_table = {where!r}\n"
        "migrations.SeparateDatabaseAndState(state_operations=["
        f"migrations.RenameModel({step.details['old_name']!r}, {name!r}), "
        f"migrations.AlterModelTable({name!r}, {where!r})])"
    )


def deleted_model(step: Step) -> str:
    """Write a model that only the code forgets, and its table a phase later."""
    deleted = f"migrations.DeleteModel({step.details['name']!r})"
    return (
        f"# this phase\nmigrations.SeparateDatabaseAndState(state_operations=[{deleted}])\n"
        f"{LATER}migrations.RunSQL('DROP TABLE {table(step)}', ...)"
    )


def tightened(step: Step) -> str:
    """Write a rule for the time when the old release, which does not keep it, is gone."""
    return LATER + rules.constraint(step) if "Check" in step.details["constraint"] else ""
