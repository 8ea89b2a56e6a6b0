"""Writes the safe form of an operation as code for this very operation: its model, its field, its index."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.probes.migrations.facts import Step
from harness.probes.migrations.safe_forms import batches, columns, indexes, rules

OUTSIDE = "class Migration(migrations.Migration):\n    atomic = False"
_CONTROL = re.compile(
    r"(?:^|(?<=;))\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?\s*(?:;|$)",
    re.IGNORECASE,
)
_INDEXES = {
    "AddIndex": indexes.add_index,
    "RemoveIndex": indexes.remove_index,
    "AddField": indexes.of_field,
    "AlterField": indexes.of_field,
    "AddConstraint": indexes.unique_constraint,
    "AlterUniqueTogether": indexes.unique_constraint,
}
_SCANS = {"AddConstraint": rules.constraint, "AlterField": rules.altered, "AddField": rules.column_with_check}
_EXPAND = {
    "RemoveField": columns.removed_field,
    "RenameField": columns.renamed_field,
    "RenameModel": columns.renamed_model,
    "DeleteModel": columns.deleted_model,
    "AddConstraint": columns.tightened,
}


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
        return columns.rewritten if kind in ("AlterField", "AddField") else None
    if code in ("rows-written-in-one-transaction", "data-mixed-with-schema"):
        return rules.altered if kind == "AlterField" else batches.fill
    if code == "transaction-ended":
        return _in_one_transaction
    if code == "old-code-cannot-insert" and kind == "AddField":
        return columns.with_default
    if code.startswith("old-code"):
        return _EXPAND.get(kind)
    return rules.validate_later if code == "validated-in-the-same-transaction" else None


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
