"""Safe forms of what writes many rows: batches, each in a transaction of its own."""

from __future__ import annotations

from harness.probes.migrations.facts import Step
from harness.probes.migrations.safe_forms.source import default, table

_CODE = """atomic = False

def fill(apps, schema_editor):
    rows = {rows}
    while keys := list(rows.values_list('pk', flat=True)[:1000]):
        with transaction.atomic():
            rows.filter(pk__in=keys).update({values})

operations = [migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)]"""


def fill(step: Step) -> str:
    """Write batches for rows that only the migration's author knows."""
    where = table(step) or "the table"
    return _CODE.format(rows=f"...  # the model of {where}, only the rows that still need it", values="...")


def fill_nulls(step: Step) -> str:
    """Write batches that give a field its default where it is NULL, "" where it has no constant default."""
    value = default(step.details["field"])
    return fill_field(step, step.details["name"], value) if value else ""


def fill_field(step: Step, name: str, value: str, only: str = "") -> str:
    """Write batches that give a field a value where it is NULL, of the rows that `only` leaves."""
    model = f"{step.app!r}, {step.details['model_name']!r}"
    rows = f"apps.get_model({model}).objects.filter({name}__isnull=True{only})"
    return _CODE.format(rows=rows, values=f"{name}={value}")
