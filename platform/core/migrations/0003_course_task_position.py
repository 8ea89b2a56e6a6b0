"""Expand: tasks of a course have an order; a task that the baseline release adds comes last."""

from core.zero_downtime import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_course_created_at")]

    operations = [
        migrations.AddField("coursetask", "position", models.IntegerField(db_default=2147483647)),
        AddConstraintNotValid(
            "coursetask",
            models.CheckConstraint(condition=models.Q(position__gte=0), name="course_task_position_not_negative"),
        ),
    ]
