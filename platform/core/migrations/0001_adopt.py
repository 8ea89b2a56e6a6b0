"""Adopts the tables of the baseline release; nothing changes in the database."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DIFFICULTIES = [("beginner", "Beginner"), ("intermediate", "Intermediate"), ("advanced", "Advanced")]


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def task_fields():
    return [
        key(),
        ("title", models.CharField(max_length=200)),
        ("description", models.TextField(blank=True)),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("updated_at", models.DateTimeField(auto_now=True)),
        ("due_date", models.DateTimeField(blank=True, null=True)),
        ("difficulty_level", models.CharField(choices=DIFFICULTIES, default="beginner", max_length=20)),
    ]


def belongs_to(target, related_name, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=target, **options
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tasks", "0002_hand_over_to_core"),
        ("learning", "0002_hand_over_to_core"),
        ("assessment", "0002_hand_over_to_core"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel("LearningTask", task_fields(), options={"db_table": "tasks_learningtask"}),
                migrations.CreateModel(
                    "AssessmentTask",
                    [
                        *task_fields(),
                        ("max_score", models.DecimalField(decimal_places=2, max_digits=6)),
                        ("passing_score", models.DecimalField(decimal_places=2, max_digits=6)),
                    ],
                    options={"db_table": "tasks_assessmenttask"},
                ),
                migrations.CreateModel(
                    "QuizTask",
                    [
                        (
                            "assessmenttask_ptr",
                            models.OneToOneField(
                                auto_created=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                parent_link=True,
                                primary_key=True,
                                serialize=False,
                                to="core.assessmenttask",
                            ),
                        ),
                        ("time_limit", models.PositiveIntegerField(help_text="minutes")),
                        ("is_randomized", models.BooleanField(default=False)),
                    ],
                    options={"db_table": "tasks_quiztask"},
                    bases=("core.assessmenttask",),
                ),
                migrations.CreateModel(
                    "Course",
                    [
                        key(),
                        ("title", models.CharField(max_length=200, unique=True)),
                        ("description", models.TextField(blank=True)),
                        (
                            "instructor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="courses",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={"db_table": "learning_course"},
                ),
                migrations.CreateModel(
                    "CourseTask",
                    [
                        key(),
                        ("course", belongs_to("core.course", "course_tasks")),
                        ("task", belongs_to("core.learningtask", "course_tasks", db_column="learningtask_id")),
                    ],
                    options={"db_table": "learning_course_tasks", "unique_together": {("course", "task")}},
                ),
                migrations.AddField(
                    "course",
                    "tasks",
                    models.ManyToManyField(
                        blank=True, related_name="courses", through="core.CourseTask", to="core.learningtask"
                    ),
                ),
                migrations.CreateModel(
                    "Submission",
                    [
                        key(),
                        ("content", models.TextField()),
                        ("submitted_at", models.DateTimeField(auto_now_add=True)),
                        ("grade", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                        ("task", belongs_to("core.assessmenttask", "submissions")),
                        ("user", belongs_to(settings.AUTH_USER_MODEL, "submissions")),
                    ],
                    options={"db_table": "assessment_submission", "unique_together": {("user", "task")}},
                ),
                migrations.CreateModel(
                    "Quiz",
                    [
                        key(),
                        ("title", models.CharField(max_length=200)),
                        ("description", models.TextField(blank=True)),
                        (
                            "tasks",
                            models.ManyToManyField(
                                blank=True,
                                db_table="assessment_quiz_tasks",
                                related_name="quizzes",
                                to="core.quiztask",
                            ),
                        ),
                    ],
                    options={"db_table": "assessment_quiz"},
                ),
                migrations.CreateModel(
                    "UserProgress",
                    [
                        key(),
                        ("total_score", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                        ("is_completed", models.BooleanField(default=False)),
                        (
                            "completed_tasks",
                            models.ManyToManyField(
                                blank=True,
                                db_table="assessment_userprogress_completed_tasks",
                                related_name="completed_in",
                                to="core.quiztask",
                            ),
                        ),
                        ("quiz", belongs_to("core.quiz", "progress")),
                        ("user", belongs_to(settings.AUTH_USER_MODEL, "progress")),
                    ],
                    options={"db_table": "assessment_userprogress", "unique_together": {("user", "quiz")}},
                ),
            ]
        ),
    ]
