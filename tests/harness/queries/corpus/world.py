"""The project of the corpus: its settings, and its rows in any number."""

from __future__ import annotations

import os
from collections.abc import Sequence

TEMPLATES = {
    "list.html": "<ul>\n{% for course in courses %}\n<li>{{ course.school.name }}</li>\n{% endfor %}\n</ul>",
    "including.html": "{% for course in courses %}\n{% include 'item.html' %}\n{% endfor %}",
    "item.html": "<p>\n{# one course #}\n{{ course.school.name }}</p>",
    "length.html": "{% for course in courses %}\n{{ course.tasks.all|length }}\n{% endfor %}",
    "count.html": "{% for course in courses %}\n{{ course.tasks.count }}\n{% endfor %}",
    "regroup.html": "{% regroup courses by school.name as all %}{% for each in all %}{{ each.grouper }}{% endfor %}",
    "base.html": "<body>\n{% block body %}{% endblock %}\n</body>",
    "child.html": "{% extends 'base.html' %}\n\n{% block body %}\n{% for course in courses %}\n"
    "{% for task in course.tasks.all %}{{ task.title }}{% endfor %}\n{% endfor %}\n{% endblock %}",
}
DJANGO = (
    *("django.contrib.contenttypes", "django.contrib.auth", "django.contrib.messages"),
    "django.contrib.admin.apps.SimpleAdminConfig",
)
LOADERS = [
    ("django.template.loaders.locmem.Loader", TEMPLATES),
    "django.template.loaders.app_directories.Loader",
]


def configure(more: Sequence[str] = ()) -> None:
    """Start Django with two databases in memory, and `more` apps."""
    import django
    from django.conf import settings

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    engine = "django.db.backends.sqlite3"
    settings.configure(
        INSTALLED_APPS=[*DJANGO, "tests.harness.queries.corpus", *more],
        ROOT_URLCONF="tests.harness.queries.corpus.frameworks",
        DATABASES={name: {"ENGINE": engine, "NAME": ":memory:"} for name in ("default", "other")},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": LOADERS},
            }
        ],
    )
    django.setup()


def create_tables() -> None:
    """Make the tables in both databases."""
    from django.core.management import call_command

    for alias in ("default", "other"):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)


def populate(n: int) -> None:
    """Write n courses with everything around them: every parent has children of its own, and two at least."""
    from tests.harness.queries.corpus import bad
    from tests.harness.queries.corpus.models import (
        Badge,
        Course,
        Enrolment,
        Essay,
        Label,
        Log,
        School,
        Student,
        Syllabus,
        Task,
    )

    parent = None
    for number in range(n):
        school = School.objects.create(name=f"School {number}")
        parent = Course.objects.create(title=f"Course {number}", school=school, parent=parent)
        Syllabus.objects.create(course=parent, text="Syllabus")
        student = Student.objects.create(name=f"Student {number}")
        badge = Badge.objects.create(name=f"Badge {number}")
        student.badges.add(badge)
        Enrolment.objects.create(course=parent, student=student)
        Task.objects.create(course=parent, author=student, title="Task")
        Essay.objects.create(course=parent, author=Student.objects.create(name="B"), title="Essay")
        Label.objects.create(text="Label", target=parent)
        Log.objects.using("other").create(text="Log", number=number)
    bad.NUMBERS[:] = range(n)
