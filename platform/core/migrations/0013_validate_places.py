"""Contract: checks the tasks of all courses; the statement commits alone and can be repeated."""

from core.zero_downtime import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    contract = True  # the release serves without it
    atomic = False

    dependencies = [("core", "0012_require_places")]

    operations = [
        ValidateConstraint("coursetask", "course_task_is_placed"),
    ]
