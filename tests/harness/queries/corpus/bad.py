"""Bad patterns: the number of queries follows the number of courses.

Each function takes `fix`, a callable that changes a queryset as the harness's advice says; without it (`as_is`) the
pattern is as bad as it was found. A pattern whose advice is no change of a queryset has a second function, `fixed`.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, connections, transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Sum, prefetch_related_objects
from django.db.models.signals import post_init
from django.template.loader import render_to_string

from tests.harness.queries.corpus.models import (
    Badge,
    Course,
    Enrolment,
    Essay,
    Label,
    Log,
    School,
    ShortCourse,
    Student,
    Syllabus,
    Task,
)


def as_is(queryset):
    return queryset


@dataclass
class Pattern:
    """A pattern, the relation that is behind it, the method that mends it, and the code after that."""

    run: Any
    relation: str = ""
    advice: str = ""
    fixed: Any = None

    @property
    def name(self) -> str:
        return self.run.__name__.replace("_", " ")


BAD: list[Pattern] = []


def bad(relation: str = "", advice: str = "", fixed: Any = None) -> Any:
    def keep(run: Any) -> Any:
        BAD.append(Pattern(run, relation and f"corpus.{relation}", advice, fixed))
        return run

    return keep


# ------------------------------------------------------------------ relations to one


@bad("Course.school", 'select_related("school")')
def forward_key(fix=as_is):
    return [course.school.name for course in fix(Course.objects.all())]


@bad("Course.school", 'select_related("course__school")')
def forward_key_of_forward_key(fix=as_is):
    return [task.course.school.name for task in fix(Task.objects.all())]


@bad("Course.school", 'select_related("course__school")')
def second_step_after_select_related(fix=as_is):
    return [task.course.school.name for task in fix(Task.objects.select_related("course"))]


@bad("Course.syllabus", 'select_related("syllabus")')
def reverse_one_to_one(fix=as_is):
    return [course.syllabus.text for course in fix(Course.objects.all())]


@bad("Syllabus.course", 'select_related("course")')
def forward_one_to_one(fix=as_is):
    return [syllabus.course.title for syllabus in fix(Syllabus.objects.all())]


@bad("Task.essay", 'select_related("essay")')
def child_of_inherited_model(fix=as_is):
    return [task.essay.words for task in fix(Task.objects.filter(essay__isnull=False))]


@bad("Course.parent", 'select_related("parent")')
def key_to_itself(fix=as_is):
    return [course.parent.title for course in fix(Course.objects.filter(parent__isnull=False))]


@bad("Course.school", 'select_related("school")')
def property_that_hides_a_key(fix=as_is):
    def school_name(course):
        return course.school.name

    return list(map(school_name, fix(Course.objects.all())))


@bad("Course.school", 'select_related("school")')
def sorting_by_a_key(fix=as_is):
    return sorted(fix(Course.objects.all()), key=lambda course: course.school.name)


@bad("Enrolment.student", 'select_related("student")')
def through_model(fix=as_is):
    return [enrolment.student.name for enrolment in fix(Enrolment.objects.all())]


# ------------------------------------------------------------------ relations to many


@bad("Course.tasks", 'prefetch_related("tasks")')
def reverse_key(fix=as_is):
    return [[task.title for task in course.tasks.all()] for course in fix(Course.objects.all())]


@bad("Course.students", 'prefetch_related("students")')
def many_to_many(fix=as_is):
    return [[student.name for student in course.students.all()] for course in fix(Course.objects.all())]


@bad("Student.courses", 'prefetch_related("courses")')
def reverse_many_to_many(fix=as_is):
    return [[course.title for course in student.courses.all()] for student in fix(Student.objects.all())]


@bad("Task.author", 'prefetch_related("tasks__author")')
def key_behind_reverse_key(fix=as_is):
    return [[task.author.name for task in course.tasks.all()] for course in fix(Course.objects.all())]


@bad("Student.badges", 'prefetch_related("author__badges")')
def many_to_many_behind_key(fix=as_is):
    return [[badge.name for badge in task.author.badges.all()] for task in fix(Task.objects.all())]


@bad("Course.labels", 'prefetch_related("labels")')
def generic_relation(fix=as_is):
    return [[label.text for label in course.labels.all()] for course in fix(Course.objects.all())]


@bad("Label.target", 'prefetch_related("target")')
def generic_key(fix=as_is):
    return [label.target.title for label in fix(Label.objects.all())]


@bad("Course.tasks", 'prefetch_related("tasks")')
def membership(fix=as_is):
    wanted = Task.objects.first()
    return [wanted in course.tasks.all() for course in fix(Course.objects.all())]


@bad("Course.tasks", 'prefetch_related("tasks")')
def length_of_a_relation(fix=as_is):
    return [len(course.tasks.all()) for course in fix(Course.objects.all())]


def filtered_once():
    tasks = Prefetch("tasks", queryset=Task.objects.filter(score=1), to_attr="easy")
    return [course.easy for course in Course.objects.prefetch_related(tasks)]


@bad("Course.tasks", "prefetch_related", filtered_once)
def filtered_relation(fix=as_is):
    return [list(course.tasks.filter(score=1)) for course in fix(Course.objects.all())]


def first_once():
    tasks = Prefetch("tasks", queryset=Task.objects.order_by("pk"), to_attr="ordered")
    return [course.ordered[0] for course in Course.objects.prefetch_related(tasks)]


@bad("Course.tasks", "prefetch_related", first_once)
def first_of_a_relation(fix=as_is):
    return [course.tasks.order_by("pk").first() for course in fix(Course.objects.all())]


def values_once():
    tasks = Prefetch("tasks", queryset=Task.objects.only("title", "course"))
    return [[task.title for task in course.tasks.all()] for course in Course.objects.prefetch_related(tasks)]


@bad("Course.tasks", "prefetch_related", values_once)
def values_of_a_relation(fix=as_is):
    return [list(course.tasks.filter(score=1).values_list("title")) for course in fix(Course.objects.all())]


@bad("Course.tasks", "prefetch_related", filtered_once)
def filter_by_the_parent(fix=as_is):
    return [list(Task.objects.filter(course=course, score=1)) for course in fix(Course.objects.all())]


# ------------------------------------------------------------------ computed per row


def counted_once():
    return [course.n for course in Course.objects.annotate(n=Count("tasks"))]


@bad("Course.tasks", "annotate", counted_once)
def count_of_a_relation(fix=as_is):
    return [course.tasks.count() for course in fix(Course.objects.all())]


@bad("Course.students", "annotate", lambda: [each.n for each in Course.objects.annotate(n=Count("students"))])
def count_of_many_to_many(fix=as_is):
    return [course.students.count() for course in fix(Course.objects.all())]


def existing_once():
    tasks = Task.objects.filter(course=OuterRef("pk"))
    return [course.found for course in Course.objects.annotate(found=Exists(tasks))]


@bad("Course.tasks", "annotate", existing_once)
def existence_of_a_relation(fix=as_is):
    return [course.tasks.exists() for course in fix(Course.objects.all())]


@bad("Course.tasks", "annotate", existing_once)
def existence_by_filter(fix=as_is):
    return [Task.objects.filter(course=course).exists() for course in fix(Course.objects.all())]


def summed_once():
    return [course.total for course in Course.objects.annotate(total=Sum("tasks__score"))]


@bad("Course.tasks", "annotate", summed_once)
def sum_of_a_relation(fix=as_is):
    return [course.tasks.aggregate(total=Sum("score")) for course in fix(Course.objects.all())]


def counted_by_text():
    return dict(Task.objects.filter(title__in=["a", "b"]).values_list("title").annotate(n=Count("pk")))


@bad("", "aggregate", counted_by_text)
def count_without_a_relation(fix=as_is):
    return [Task.objects.filter(title__startswith=course.title).count() for course in fix(Course.objects.all())]


@bad("Course.notes", "defer", lambda: [course.notes for course in Course.objects.all()])
def deferred_field(fix=as_is):
    return [course.notes for course in fix(Course.objects.defer("notes"))]


@bad("Course.hours", "defer", lambda: [course.hours for course in Course.objects.only("title", "hours")])
def field_not_in_only(fix=as_is):
    return [course.hours for course in fix(Course.objects.only("title"))]


# ------------------------------------------------------------------ one by one


def keys():
    return list(Course.objects.values_list("pk", flat=True))


@bad("", "in_bulk", lambda: list(Course.objects.in_bulk(keys()).values()))
def get_by_key(fix=as_is):
    return [Course.objects.get(pk=key) for key in keys()]


@bad("", "in_bulk", lambda: Course.objects.filter(pk__in=keys()).exists())
def filter_and_first(fix=as_is):
    return [Course.objects.filter(pk=key).first() for key in keys()]


@bad("", "in_bulk", lambda: [course.title for course in Course.objects.in_bulk(keys()).values()])
def refresh_from_db(fix=as_is):
    for course in list(Course.objects.all()):
        course.refresh_from_db()


def saved_once():
    courses = list(Course.objects.all())
    for course in courses:
        course.hours += 1
    Course.objects.bulk_update(courses, ["hours"])


@bad("", "bulk_update", saved_once)
def save_in_a_loop(fix=as_is):
    for course in fix(Course.objects.all()):
        course.hours += 1
        course.save()


@bad("", "bulk_create", lambda: Badge.objects.bulk_create(Badge(name=str(key)) for key in keys()))
def create_in_a_loop(fix=as_is):
    for key in keys():
        Badge.objects.create(name=str(key))


def got_or_created_once():
    known = set(Badge.objects.filter(name__in=map(str, keys())).values_list("name", flat=True))
    Badge.objects.bulk_create(Badge(name=str(key)) for key in keys() if str(key) not in known)


@bad("", "bulk_create", got_or_created_once)
def get_or_create_in_a_loop(fix=as_is):
    for key in keys():
        Badge.objects.get_or_create(name=str(key))


@bad("", "bulk_update", lambda: Course.objects.filter(pk__in=keys()).update(hours=F("hours") + 1))
def update_in_a_loop(fix=as_is):
    for key in keys():
        Course.objects.filter(pk=key).update(hours=2)


@bad("", "delete", lambda: Badge.objects.filter(pk__in=Badge.objects.values("pk")).delete())
def delete_in_a_loop(fix=as_is):
    for badge in list(Badge.objects.all()):
        badge.delete()


@bad("", "delete", lambda: Badge.objects.filter(name__in=["1", "2"]).delete())
def delete_by_filter_in_a_loop(fix=as_is):
    for badge in list(Badge.objects.all()):
        Badge.objects.filter(name=badge.name).delete()


@bad("", "execute", lambda: connection.cursor().execute("SELECT COUNT(*) FROM corpus_task WHERE course_id IN (1, 2)"))
def raw_cursor(fix=as_is):
    with connection.cursor() as cursor:
        for key in keys():
            cursor.execute("SELECT COUNT(*) FROM corpus_task WHERE course_id = %s", [key])


@bad("", "execute", lambda: list(Task.objects.raw("SELECT * FROM corpus_task WHERE course_id IN (1, 2)")))
def raw_queryset(fix=as_is):
    for key in keys():
        list(Task.objects.raw("SELECT * FROM corpus_task WHERE course_id = %s", [key]))


def prefetched_once():
    courses = list(Course.objects.all())
    prefetch_related_objects(courses, "tasks")
    return [list(course.tasks.all()) for course in courses]


@bad("", "prefetch_related_objects", prefetched_once)
def prefetch_of_each_object(fix=as_is):
    for course in list(Course.objects.all()):
        prefetch_related_objects([course], "tasks")
        list(course.tasks.all())


@bad("", "bulk_create", lambda: Enrolment.objects.bulk_create(_enrolments()))
def add_in_a_loop(fix=as_is):
    student = Student.objects.create(name="New")
    for course in list(Course.objects.all()):
        Enrolment.objects.create(course=course, student=student)


def _enrolments():
    student = Student.objects.create(name="New")
    return [Enrolment(course_id=key, student=student) for key in keys()]


@bad("", "bulk_create", lambda: Badge.objects.bulk_create(Badge(name=str(key)) for key in keys()))
def nested_transactions(fix=as_is):
    for key in keys():
        with transaction.atomic():
            Badge.objects.create(name=str(key))


# ------------------------------------------------------------------ where the lines hide


@bad("Course.school", 'select_related("school")')
def template(fix=as_is):
    return render_to_string("list.html", {"courses": fix(Course.objects.all())})


@bad("Course.school", 'select_related("school")')
def template_with_include(fix=as_is):
    return render_to_string("including.html", {"courses": fix(Course.objects.all())})


@bad("Course.tasks", 'prefetch_related("tasks")')
def template_with_inheritance(fix=as_is):
    return render_to_string("child.html", {"courses": fix(Course.objects.all())})


@bad("Course.school", 'select_related("school")')
def async_relation(fix=as_is):
    async def work():
        return [
            await sync_to_async(lambda course=course: course.school.name)()
            async for course in fix(Course.objects.all())
        ]

    return async_to_sync(work)()


@bad("", "in_bulk", lambda: list(Course.objects.in_bulk(keys()).values()))
def async_get_in_a_loop(fix=as_is):
    wanted = keys()

    async def work():
        return [await Course.objects.aget(pk=key) for key in wanted]

    return async_to_sync(work)()


@bad("Course.tasks", "annotate", counted_once)
def async_count(fix=as_is):
    async def work():
        return [await course.tasks.acount() async for course in fix(Course.objects.all())]

    return async_to_sync(work)()


def gathered_once():
    async def work():
        return [log async for log in Log.objects.using("other").filter(number__in=[1, 2])]

    return async_to_sync(work)()


@bad("", "in_bulk", gathered_once)
def gather(fix=as_is):
    async def load(number):
        return await Log.objects.using("other").filter(number=number).afirst()

    async def work():
        return await asyncio.gather(*(load(number) for number in range(len(NUMBERS))))

    return async_to_sync(work)()


def climbed_once():
    parents = dict(Course.objects.values_list("pk", "parent_id"))
    depth, key = 0, max(parents)
    while key := parents[key]:
        depth += 1
    return depth


@bad("Course.parent", "WITH RECURSIVE", climbed_once)
def recursion_upwards(fix=as_is):
    def depth(course):
        return 1 + depth(course.parent) if course.parent else 0

    return depth(Course.objects.last())


@bad("Course.parts", "WITH RECURSIVE", climbed_once)
def recursion_downwards(fix=as_is):
    def size(course):
        return 1 + sum(size(part) for part in course.parts.all())

    return size(Course.objects.first())


@bad("", "in_bulk", lambda: list(Log.objects.using("other").filter(number__in=NUMBERS)))
def other_database(fix=as_is):
    return [Log.objects.using("other").filter(number=number).first() for number in NUMBERS]


@bad("", "execute", lambda: connections["other"].cursor().execute("SELECT COUNT(*) FROM corpus_log"))
def raw_cursor_of_another_database(fix=as_is):
    for number in NUMBERS:
        with connections["other"].cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM corpus_log WHERE number = %s", [number])


@bad("Course.school", 'select_related("school")')
def iterator(fix=as_is):
    return [course.school.name for course in fix(Course.objects.all()).iterator()]


@bad("Essay.course", 'select_related("course")')
def key_of_inherited_model(fix=as_is):
    return [essay.course.title for essay in fix(Essay.objects.all())]


# ------------------------------------------------------------------ half mended, and hidden in Django's own tools


@bad("Task.author", 'prefetch_related("tasks__author")')
def key_behind_a_prefetch(fix=as_is):
    courses = fix(Course.objects.prefetch_related("tasks"))
    return [[task.author.name for task in course.tasks.all()] for course in courses]


@bad("Student.badges", 'prefetch_related("students__badges")')
def many_to_many_behind_a_prefetch(fix=as_is):
    courses = fix(Course.objects.prefetch_related("students"))
    return [[list(student.badges.all()) for student in course.students.all()] for course in courses]


@bad("Course.tasks", 'prefetch_related("tasks")')
def template_with_length(fix=as_is):
    return render_to_string("length.html", {"courses": fix(Course.objects.all())})


@bad("Course.tasks", "annotate", counted_once)
def template_with_count(fix=as_is):
    return render_to_string("count.html", {"courses": fix(Course.objects.all())})


@bad("Course.school", 'select_related("school")')
def template_with_regroup(fix=as_is):
    return render_to_string("regroup.html", {"courses": fix(Course.objects.all())})


@bad("ShortCourse.school", 'select_related("school")')
def key_of_a_proxy(fix=as_is):
    return [course.school.name for course in fix(ShortCourse.objects.all())]


@bad("Course.school", 'select_related("school")')
def cached_property_that_hides_a_key(fix=as_is):
    return [Row(course).school_name for course in fix(Course.objects.all())]


class Row:
    def __init__(self, course):
        self.course = course

    @cached_property
    def school_name(self):
        return self.course.school.name


def contained_once():
    wanted = Task.objects.first()
    return [wanted in course.tasks.all() for course in Course.objects.prefetch_related("tasks")]


@bad("Course.tasks", "prefetch_related", contained_once)
def contains_of_a_relation(fix=as_is):
    wanted = Task.objects.first()
    return [course.tasks.contains(wanted) for course in fix(Course.objects.all())]


@bad("", "bulk_create", got_or_created_once)
def update_or_create_in_a_loop(fix=as_is):
    for key in keys():
        Badge.objects.update_or_create(name=str(key), defaults={"name": str(key)})


@bad("", "in_bulk", lambda: list(Course.objects.select_for_update().filter(pk__in=keys())))
def lock_in_a_loop(fix=as_is):
    return [Course.objects.select_for_update().get(pk=key) for key in keys()]


@bad("", "in_bulk", lambda: list(Course.objects.in_bulk(keys()).values()))
def exists_before_get(fix=as_is):
    return [Course.objects.get(pk=key) for key in keys() if Course.objects.filter(pk=key).exists()]


def asked_once():
    from django.forms import Form, ModelChoiceField, formset_factory

    choices = [(school.pk, school.name) for school in School.objects.all()]

    class Choice(Form):
        school = ModelChoiceField(School.objects.none())

        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.fields["school"].choices = choices

    return formset_factory(Choice, extra=len(choices))().as_p()


@bad("", "form_kwargs", asked_once)
def choices_in_a_formset(fix=as_is):
    from django.forms import Form, ModelChoiceField, formset_factory

    class Choice(Form):
        school = ModelChoiceField(School.objects.all())

    return formset_factory(Choice, extra=len(NUMBERS))().as_p()


def all_badges():
    student = Student.objects.create(name="New")
    student.badges.add(*Badge.objects.all())


@bad("Student.badges", "add(*objects)", all_badges)
def add_to_many_to_many_in_a_loop(fix=as_is):
    student = Student.objects.create(name="New")
    for badge in list(Badge.objects.all()):
        student.badges.add(badge)


@bad("", "aggregate", counted_by_text)
def receiver_of_a_signal(fix=as_is):
    def count(sender, instance, **_):
        Task.objects.filter(title=instance.title).count()

    post_init.connect(count, sender=Course)
    try:
        return list(Course.objects.all())
    finally:
        post_init.disconnect(count, sender=Course)


@bad("Course.school", 'select_related("school")')
def threads_of_a_pool(fix=as_is):
    shared = connections["default"]
    shared.inc_thread_sharing()

    def name(course):
        connections["default"] = shared
        return course.school.name

    with ThreadPoolExecutor(2) as pool:
        names = list(pool.map(name, fix(Course.objects.all())))
    shared.dec_thread_sharing()
    return names


def pairs(key):
    return [Badge(name=f"{key} {number}") for number in range(2)]


@bad("", "bulk_create", lambda: Badge.objects.bulk_create(badge for key in keys() for badge in pairs(key)))
def bulk_create_for_each_row(fix=as_is):
    for key in keys():
        Badge.objects.bulk_create(pairs(key))


def all_scored():
    tasks = list(Task.objects.all())
    for task in tasks:
        task.score += 1
    Task.objects.bulk_update(tasks, ["score"])


@bad("", "bulk_update", all_scored)
def bulk_update_for_each_row(fix=as_is):
    for course in Course.objects.prefetch_related("tasks"):
        for task in (tasks := list(course.tasks.all())):
            task.score += 1
        Task.objects.bulk_update(tasks, ["score"])


def all_schools():
    schools = list(School.objects.all())
    return [schools for _ in NUMBERS]


@bad("", "read all rows once", all_schools)
def whole_table_for_each_row(fix=as_is):
    return [list(School.objects.all()) for _ in NUMBERS]


def listed_once():
    schools = list(School.objects.filter(name__startswith="School"))
    return [schools for _ in NUMBERS]


@bad("", "keep the result", listed_once)
def same_list_for_each_row(fix=as_is):
    return [list(School.objects.filter(name__startswith="School")) for _ in NUMBERS]


def same_count():
    n = School.objects.filter(name__startswith="School").count()
    return [n for _ in NUMBERS]


@bad("", "keep the result", same_count)
def same_count_for_each_row(fix=as_is):
    schools = School.objects.filter(name__startswith="School")
    return [schools.count() for _ in NUMBERS]


def same_tasks():
    tasks = list(Course.objects.first().tasks.filter(score=1))
    return [tasks for _ in NUMBERS]


@bad("Course.tasks", "keep the result", same_tasks)
def same_part_of_a_relation_for_each_row(fix=as_is):
    course = Course.objects.first()
    return [list(course.tasks.filter(score=1)) for _ in NUMBERS]


NUMBERS: list[int] = []
