"""Hands the course over to core; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Course")]),
    ]
