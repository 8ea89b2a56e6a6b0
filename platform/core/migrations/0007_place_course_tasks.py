"""Backfill: places the tasks of every course in the order in which the baseline release shows them, by id.

Each batch of courses commits alone, and only tasks without a place (2147483647) are touched: it can be interrupted and
repeated.
"""

from core.migrations._batches import run_in_batches
from django.db import migrations

PLACE = """
UPDATE learning_course_tasks SET position = placed.place
FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY course_id ORDER BY learningtask_id) AS place
    FROM learning_course_tasks WHERE course_id BETWEEN %s AND %s
) AS placed
WHERE placed.id = learning_course_tasks.id AND learning_course_tasks.position = 2147483647
"""
UNPLACE = """
UPDATE learning_course_tasks SET position = 2147483647
WHERE course_id BETWEEN %s AND %s AND position <> 2147483647
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0006_progress_completed_at")]

    operations = [
        migrations.RunPython(run_in_batches(PLACE), run_in_batches(UNPLACE)),
    ]
