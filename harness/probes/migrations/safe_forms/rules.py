"""Safe forms of what checks a rule on all rows: add it NOT VALID, validate it later."""

from __future__ import annotations

import re

from harness.probes.migrations import remedies
from harness.probes.migrations.facts import Step
from harness.probes.migrations.safe_forms.batches import fill_nulls
from harness.probes.migrations.safe_forms.source import (
    SPLIT,
    column,
    default,
    field_operation,
    run_sql,
    short,
    sql,
    table,
    with_argument,
)


def constraint(step: Step) -> str:
    """Write AddConstraintNotValid and ValidateConstraint."""
    model, added = step.details["model_name"], step.details["constraint"]
    name = re.search(r"name='(?P<name>[^']+)'", added)
    return (
        f"AddConstraintNotValid({model!r}, {added}){SPLIT}"
        f"ValidateConstraint({model!r}, {name['name'] if name else '...'!r})"
    )


def validate_later(step: Step) -> str:
    """Write ValidateConstraint for the next migration."""
    return f"# the next migration\nValidateConstraint({step.details['model_name']!r}, {step.details['name']!r})"


def column_with_check(step: Step) -> str:
    """Write a column whose type has a CHECK (a positive integer) without it, and the CHECK later."""
    added = r'ALTER TABLE (?P<table>\S+) ADD COLUMN (?P<column>"[^"]+") (?P<type>.*?) CHECK (?P<check>\(.*?\))(?:;|$)'
    found = next((match for each in sql(step) if (match := re.search(added, each))), None)
    if found is None:
        return foreign_key(step)
    where, field, value = found["table"], step.details["field"], default(step.details["field"])
    type_ = found["type"]
    if "%s" in type_:
        if not value:
            return ""
        # The database keeps the default: the old release, which does not know the column, goes on inserting.
        type_, field = type_.replace("%s", value), with_argument(field, f"db_default={value}")
    name = '"' + table(step).strip('"') + f'_{step.details["name"]}_check"'
    alone = run_sql(
        f"ALTER TABLE {where} ADD COLUMN {found['column']} {type_}",
        f"ALTER TABLE {where} DROP COLUMN {found['column']}",
        field_operation(step, field),
    )
    return SPLIT.join([alone, *_not_valid(where, name, f"CHECK {found['check']}")])


def _not_valid(where: str, name: str, rule: str, state: str = "") -> list[str]:
    """Write a rule that is not checked on the rows of now, and the migration that checks it without blocking."""
    added = run_sql(
        f"ALTER TABLE {where} ADD CONSTRAINT {name} {rule} NOT VALID",
        f"ALTER TABLE {where} DROP CONSTRAINT {name}",
        state,
    )
    return [added, run_sql(f"ALTER TABLE {where} VALIDATE CONSTRAINT {name}", "")]


def altered(step: Step) -> str:
    """Write an altered field whose rule is checked: NOT NULL, a CHECK of its type, or a key."""
    ran = "; ".join(sql(step))
    if "SET NOT NULL" in ran.upper():
        return not_null(step)
    if remedies.validated_anew(ran):
        return _same_key(step, ran)
    return _check_of_field(step, ran) or foreign_key(step)


def _same_key(step: Step, ran: str) -> str:
    """Drop NOT NULL without Django's detour over the foreign key; anything else needs the detour."""
    if "DROP NOT NULL" not in ran or " TYPE " in ran:
        return ""
    alter = f"ALTER TABLE {table(step)} ALTER COLUMN {column(step, step.details['name'])}"
    return run_sql(f"{alter} DROP NOT NULL", f"{alter} SET NOT NULL", field_operation(step))


def _check_of_field(step: Step, ran: str) -> str:
    """Add the CHECK that comes with a type (a positive integer) without reading the table, and validate it later."""
    found = re.search(r"ALTER TABLE (?P<table>\S+) ADD CONSTRAINT (?P<name>\S+) (?P<rule>CHECK \([^;]*\))", ran)
    if not found or "ALTER COLUMN" in ran:
        return ""
    return SPLIT.join(_not_valid(found["table"], found["name"], found["rule"], field_operation(step)))


def not_null(step: Step, *, filled: bool = False) -> str:
    """Write NOT NULL by way of a CHECK that is validated before: PostgreSQL then does not read the table for it.

    `filled` tells that a migration before this one filled the NULLs.
    """
    model, name = step.details["model_name"], step.details["name"]
    check = short(f"{model}_{name}_not_null")
    condition = f"models.CheckConstraint(condition=models.Q({name}__isnull=False), name={check!r})"
    rule = SPLIT.join(
        [
            f"AddConstraintNotValid({model!r}, {condition})",
            f"ValidateConstraint({model!r}, {check!r})",
            f"{_set_not_null(step)}\nmigrations.RemoveConstraint({model!r}, {check!r})",
        ]
    )
    if filled:
        return rule
    batches = fill_nulls(step)
    return f"{batches}{SPLIT}{rule}" if batches else f"# fill the NULLs in batches first\n{rule}"


def _set_not_null(step: Step) -> str:
    """Write the last step alone: Django drops a foreign key and validates it anew, and looks for NULLs to fill."""
    last = field_operation(step, kind="AlterField")
    ran = "; ".join(sql(step)).upper()
    if " TYPE " in ran or ("FOREIGN KEY" not in ran and "default=" not in step.details["field"]):
        return last
    alter = f"ALTER TABLE {table(step)} ALTER COLUMN {column(step, step.details['name'])}"
    return f"migrations.RunSQL('{alter} SET NOT NULL', '{alter} DROP NOT NULL',\n    state_operations=[{last}])"


def foreign_key(step: Step) -> str:
    """Write a foreign key that is validated later."""
    made = next((each for each in sql(step) if " REFERENCES " in each.upper()), "")
    found = re.search(r'CONSTRAINT (?P<name>"[^"]+").*?REFERENCES (?P<target>"[^"]+" ?\("[^"]+"\))', made)
    if not found:
        return ""
    # A column that is new has got its index as an index of the model.
    field = step.details["field"]
    field = with_argument(field, "db_index=False") if step.kind == "AddField" else field
    rule = (
        f"FOREIGN KEY ({column(step, step.details['name'])}) REFERENCES {found['target']} DEFERRABLE INITIALLY DEFERRED"
    )
    state = field_operation(step, field, kind="AlterField")
    return SPLIT.join(_not_valid(table(step), found["name"], rule, state))
