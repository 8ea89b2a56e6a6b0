"""Constrain: checks the rows from before; each statement commits alone and can be repeated."""

from core.zero_downtime import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0007_place_course_tasks")]

    operations = [
        ValidateConstraint("coursetask", "course_task_position_not_negative"),
        ValidateConstraint("submission", "submission_grader_has_time"),
        ValidateConstraint("submission", "assessment_submission_graded_by_id_fk"),
    ]
