"""Expand: when a student completed a quiz; unknown for what was completed before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_submission_grader_foreign_key")]

    operations = [
        migrations.AddField("userprogress", "completed_at", models.DateTimeField(blank=True, null=True)),
    ]
