"""Safe forms of what builds an index: CONCURRENTLY, in a migration of its own."""

from __future__ import annotations

import re

from harness.probes.migrations.facts import Step
from harness.probes.migrations.safe_forms import rules
from harness.probes.migrations.safe_forms.source import (
    CONCURRENTLY,
    SPLIT,
    column,
    field_operation,
    run_sql,
    short,
    sql,
    table,
    with_argument,
    without,
)


def add_index(step: Step) -> str:
    """Write AddIndexConcurrently."""
    return f"{CONCURRENTLY}operations = [AddIndexConcurrently({step.details['model_name']!r}, {step.details['index']})]"


def remove_index(step: Step) -> str:
    """Write RemoveIndexConcurrently."""
    model, name = step.details["model_name"], step.details["name"]
    return f"{CONCURRENTLY}operations = [RemoveIndexConcurrently({model!r}, {name!r})]"


def of_field(step: Step) -> str:
    """Write a field without its index, the index as one of the model, and a foreign key without validation."""
    field = step.details["field"]
    if "unique=True" in field or "OneToOneField" in field:
        return _unique_field(step)
    model, name = step.details["model_name"], step.details["name"]
    is_key = "ForeignKey" in field
    plain = with_argument(without(field, "db_index", "db_constraint"), "db_index=False")
    plain = with_argument(plain, "db_constraint=False") if is_key else plain
    index = f"models.Index(fields=[{name!r}], name={short(f'{model}_{name}_idx')!r})"
    built = f"{CONCURRENTLY}operations = [AddIndexConcurrently({model!r}, {index})]"
    return SPLIT.join([field_operation(step, plain), built, *([rules.foreign_key(step)] if is_key else [])])


def _unique_field(step: Step) -> str:
    where, index = table(step), short(f"{step.details['model_name']}_{step.details['name']}_uniq")
    state = field_operation(step, kind="AlterField")
    parts = [
        CONCURRENTLY
        + run_sql(
            f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {where} ({column(step, step.details['name'])})",
            f"DROP INDEX CONCURRENTLY {index}",
        ),
        _attached(where, index, state),
    ]
    if step.kind == "AddField":
        parts.insert(0, field_operation(step, without(step.details["field"], "unique")))
    return SPLIT.join(parts)


def _attached(where: str, index: str, state: str) -> str:
    """Write the constraint that takes an index over; going back drops both."""
    return run_sql(
        f"ALTER TABLE {where} ADD CONSTRAINT {index} UNIQUE USING INDEX {index}",
        f"ALTER TABLE {where} DROP CONSTRAINT {index}",
        state,
    )


def unique_constraint(step: Step) -> str:
    """Write a unique constraint whose index is built before."""
    created = next((each for each in sql(step) if " UNIQUE" in each.upper()), "")
    columns = re.search(r"UNIQUE \((?P<columns>[^)]*)\)", created)
    name = re.search(r'CONSTRAINT (?P<name>"[^"]+")', created)
    if not columns or not name:
        return _unique_index(step)
    where, index = table(step), name["name"]
    built = run_sql(
        f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {where} ({columns['columns']})",
        f"DROP INDEX CONCURRENTLY {index}",
    )
    return f"{CONCURRENTLY}{built}{SPLIT}{_attached(where, index, _same(step))}"


def _unique_index(step: Step) -> str:
    """Write the index of a unique constraint with a condition or an expression: it is an index and nothing else."""
    pattern = r'CREATE UNIQUE INDEX (?P<name>"[^"]+") (?P<rest>ON .*)'
    found = next((match for each in sql(step) if (match := re.match(pattern, each))), None)
    if not found:
        return ""
    return CONCURRENTLY + run_sql(
        f"CREATE UNIQUE INDEX CONCURRENTLY {found['name']} {found['rest']}",
        f"DROP INDEX CONCURRENTLY {found['name']}",
        _same(step),
    )


def _same(step: Step) -> str:
    """Return the operation itself as source."""
    if step.kind == "AddConstraint":
        return f"migrations.AddConstraint({step.details['model_name']!r}, {step.details['constraint']})"
    options = next((value for key, value in step.details.items() if key.endswith("_together")), "...")
    return f"migrations.{step.kind}({step.details['name']!r}, {options})"
