"""Hands the tasks over to core, after everything that refers to them; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0001_initial"),
        ("learning", "0002_hand_over_to_core"),
        ("assessment", "0002_hand_over_to_core"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("QuizTask"),
                migrations.DeleteModel("AssessmentTask"),
                migrations.DeleteModel("LearningTask"),
            ]
        ),
    ]
