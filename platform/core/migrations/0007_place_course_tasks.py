"""Backfill: places the tasks of every course in the order in which the baseline release shows them, by id.

Each batch of courses commits alone, and only tasks without a place (2147483647) are touched: it can be interrupted and
repeated.
"""

from django.db import migrations

COURSES_PER_BATCH = 200

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


def batches(courses):
    """First and last primary key of each batch of courses, in order."""
    keys = courses.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:COURSES_PER_BATCH])
    while batch:
        yield batch[0], batch[-1]
        batch = list(keys.filter(pk__gt=batch[-1])[:COURSES_PER_BATCH])


def run_in_batches(statement):
    def run(apps, schema_editor):
        courses = apps.get_model("core", "Course").objects.using(schema_editor.connection.alias)
        for bounds in batches(courses):
            schema_editor.execute(statement, bounds)

    return run


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0006_progress_completed_at")]

    operations = [
        migrations.RunPython(run_in_batches(PLACE), run_in_batches(UNPLACE)),
    ]
