"""What a plan that broke off is called, and how it is told."""

from __future__ import annotations

from harness.probes.migrations.facts import Failure
from harness.probes.migrations.transactions import LEFT_OPEN

BEYOND = "reaches-beyond-the-database"
# What PostgreSQL and Django say when CONCURRENTLY meets a transaction.
_IN_TRANSACTION = ("cannot run inside a transaction block", "cannot be executed inside a transaction")


def is_outside(broken: Failure) -> bool:
    """Tell whether it broke off at a statement that runs outside a transaction only."""
    return any(words in broken.message for words in _IN_TRANSACTION)


def code(broken: Failure) -> str:
    """Return the code of the finding about it, on the way forward."""
    if is_outside(broken) and "CONCURRENTLY" in f"{broken.statement} {broken.message}".upper():
        return "concurrent-build-in-transaction"
    return {"LeftOpen": LEFT_OPEN, "ReachesBeyond": BEYOND}.get(broken.kind, "migration-fails")


def explain(failure: Failure) -> str:
    """Say which statement it was, why, what is left and what was done."""
    said = f"{failure.kind}: {failure.message}"
    said += f", in the statement {failure.statement!r}" if failure.statement else ""
    done = ", ".join(".".join(key) for key in failure.done) or "none"
    said += f". {failure.left} Migrations of the plan that were done: {done}."
    if failure.invalid_indexes:
        said += f" Invalid indexes are left: {', '.join(failure.invalid_indexes)}; drop them."
    return said
