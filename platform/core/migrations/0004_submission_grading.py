"""Expand: when and by whom a submission was graded; the foreign key's constraint and index follow separately."""

import django.db.models.deletion
from core.zero_downtime import AddConstraintNotValid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_course_task_position"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("submission", "graded_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "submission",
            "graded_by",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="graded_submissions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        AddConstraintNotValid(
            "submission",
            models.CheckConstraint(
                condition=models.Q(graded_by__isnull=True) | models.Q(graded_at__isnull=False),
                name="submission_grader_has_time",
            ),
        ),
    ]
