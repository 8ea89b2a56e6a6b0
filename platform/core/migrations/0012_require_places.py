"""Contract: who adds a task to a course says where; the default was for the baseline release, which did not."""

import django.core.validators
from core.zero_downtime import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    contract = True  # the release serves without it
    dependencies = [("core", "0011_place_the_rest")]

    operations = [
        migrations.AlterField(
            "coursetask",
            "position",
            models.IntegerField(
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1_000_000),
                ]
            ),
        ),
        AddConstraintNotValid(
            "coursetask",
            models.CheckConstraint(condition=models.Q(position__lt=2147483647), name="course_task_is_placed"),
        ),
    ]
