"""Expand: when a course was created, filled in by the database, so that the baseline release need not know it.

Column first, default second: courses from before stay unknown instead of looking as if they were created today.
"""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("core", "0001_adopt")]

    operations = [
        migrations.AddField("course", "created_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField("course", "created_at", models.DateTimeField(db_default=Now(), editable=False, null=True)),
    ]
