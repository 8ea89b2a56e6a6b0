"""Values that follow from others, for objects and for rows of lists alike."""

from collections.abc import Collection
from decimal import Decimal


def passes(grade: Decimal | None, passing_score: Decimal) -> bool | None:
    """Whether the grade suffices; None while there is none."""
    return None if grade is None else grade >= passing_score


def completed_percent(completed: Collection[int], wanted: Collection[int]) -> int:
    """The share of the wanted tasks that is completed, rounded down, so that 100 means all."""
    return len(set(wanted).intersection(completed)) * 100 // len(wanted) if wanted else 0


def summaries(task_rows: Collection[tuple[int, int, str, str]]) -> list[dict[str, object]]:
    """What lists of courses show of the tasks: rows of position, key, title and difficulty."""
    return [{"id": key, "title": title, "difficulty_level": level} for _, key, title, level in task_rows]
