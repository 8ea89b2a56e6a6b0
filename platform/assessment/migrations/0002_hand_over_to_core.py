"""Hands submissions, quizzes and progress over to core; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("UserProgress"),
                migrations.DeleteModel("Submission"),
                migrations.DeleteModel("Quiz"),
            ]
        ),
    ]
