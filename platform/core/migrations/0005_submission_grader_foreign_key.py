"""Constrain: graders are users; for new rows at once, for old ones when it is validated."""

import django.db.models.deletion
from core.zero_downtime import AddForeignKeyNotValid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_submission_grading"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddForeignKeyNotValid(
            "submission",
            "graded_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="graded_submissions",
                to=settings.AUTH_USER_MODEL,
            ),
            constraint="assessment_submission_graded_by_id_fk",
        ),
    ]
