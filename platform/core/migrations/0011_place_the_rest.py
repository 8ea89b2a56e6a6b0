"""Contract: places the tasks that the baseline release added after phase 3, behind the others, by id.

They were shown in that order all the time, so nobody sees a difference, and going back leaves them placed. Each batch
of courses commits alone, and only tasks without a place (2147483647) are touched: it can be interrupted and repeated.
"""

from core.migrations._batches import run_in_batches
from django.db import migrations

PLACE = """
UPDATE learning_course_tasks SET position = placed.place
FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY course_id ORDER BY learningtask_id) + (
        SELECT COALESCE(MAX(position), 0) FROM learning_course_tasks AS other
        WHERE other.course_id = rest.course_id AND other.position < 2147483647
    ) AS place
    FROM learning_course_tasks AS rest WHERE course_id BETWEEN %s AND %s AND position = 2147483647
) AS placed
WHERE placed.id = learning_course_tasks.id
"""


class Migration(migrations.Migration):
    contract = True  # the release serves without it
    atomic = False

    dependencies = [("core", "0010_copy_permissions")]

    operations = [
        migrations.RunPython(run_in_batches(PLACE), migrations.RunPython.noop),
    ]
