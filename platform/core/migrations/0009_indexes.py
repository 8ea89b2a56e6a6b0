"""Constrain: indexes for the new columns and queries, built while everybody reads and writes."""

from core.zero_downtime import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0008_validate")]

    operations = [
        AddIndexConcurrently("coursetask", models.Index(fields=["course", "position"], name="course_task_in_order")),
        AddIndexConcurrently(
            "submission",
            models.Index(
                condition=models.Q(grade__isnull=True), fields=["task"], name="submission_ungraded_by_task"
            ),
        ),
        AddIndexConcurrently("submission", models.Index(fields=["graded_by"], name="submission_by_grader")),
    ]
