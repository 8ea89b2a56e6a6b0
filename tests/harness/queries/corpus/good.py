"""Good patterns: whatever they ask more than once, they do not ask once per row."""

from asgiref.sync import async_to_sync
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Count, Prefetch, prefetch_related_objects
from django.template.loader import render_to_string

from tests.harness.queries.corpus.models import Badge, Course, Enrolment, Essay, Label, Log, Student, Task

GOOD = []


def good(run):
    GOOD.append(run)
    return run


@good
def select_related():
    return [task.course.school.name for task in Task.objects.select_related("course__school")]


@good
def prefetch_related():
    return [
        [task.author.name for task in course.tasks.all()] for course in Course.objects.prefetch_related("tasks__author")
    ]


@good
def prefetch_with_a_queryset():
    tasks = Prefetch("tasks", queryset=Task.objects.filter(score=1).select_related("author"), to_attr="easy")
    return [[task.author.name for task in course.easy] for course in Course.objects.prefetch_related(tasks)]


@good
def prefetch_of_generic_keys():
    return [label.target.title for label in Label.objects.prefetch_related("target")]


@good
def prefetch_of_one_list():
    courses = list(Course.objects.all())
    prefetch_related_objects(courses, "tasks", "students")
    return [len(course.tasks.all()) + len(course.students.all()) for course in courses]


@good
def prefetch_in_chunks():
    return [len(course.tasks.all()) for course in Course.objects.prefetch_related("tasks").iterator(chunk_size=2)]


@good
def annotation():
    return [course.n for course in Course.objects.annotate(n=Count("tasks"))]


@good
def bulk_create_in_batches():
    return Badge.objects.bulk_create([Badge(name=str(number)) for number in range(9)], batch_size=2)


@good
def bulk_update_in_batches():
    courses = list(Course.objects.all())
    return Course.objects.bulk_update(courses, ["hours"], batch_size=2)


@good
def in_bulk():
    return Course.objects.in_bulk(list(Course.objects.values_list("pk", flat=True)))


@good
def two_lookups_on_two_lines():
    first = Course.objects.get(pk=Course.objects.order_by("pk").values_list("pk", flat=True)[0])
    last = Course.objects.get(pk=first.pk)
    return first, last


def _titles(score):
    return list(Task.objects.filter(score=score).values_list("title", flat=True))


@good
def one_helper_from_two_lines():
    easy = _titles(1)
    hard = _titles(5)
    return easy, hard


@good
def nested_atomic():
    for _ in range(4):
        with transaction.atomic():
            pass
    with transaction.atomic(), transaction.atomic():
        return Course.objects.count()


@good
def deletion_with_dependents():
    return Course.objects.all().delete()


@good
def pages():
    pages = Paginator(Task.objects.order_by("pk"), 2)
    return [list(page.object_list) for page in pages]


@good
def plain_iterator():
    return [course.title for course in Course.objects.iterator(chunk_size=2)]


@good
def cursor_over_many():
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM corpus_course")
        return cursor.fetchall()


@good
def executemany():
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE corpus_course SET hours = %s WHERE id = %s", [(1, 1), (2, 2), (3, 3)])


@good
def async_list():
    async def work():
        return [course.title async for course in Course.objects.select_related("school")]

    return async_to_sync(work)()


@good
def template():
    return render_to_string("list.html", {"courses": Course.objects.select_related("school")})


@good
def template_with_inheritance():
    return render_to_string("child.html", {"courses": Course.objects.prefetch_related("tasks")})


@good
def same_table_of_two_databases():
    return Log.objects.using("other").count(), Course.objects.count()


@good
def union():
    return list(Course.objects.filter(hours=1).union(Course.objects.filter(hours=2)))


@good
def many_to_many_at_once():
    student = Student.objects.first()
    student.badges.add(*Badge.objects.all())
    student.badges.set(Badge.objects.all()[:1])


@good
def update_at_once():
    return Enrolment.objects.filter(course__hours=1).update(student=Student.objects.first())


@good
def prefetch_to_an_attribute_in_another():
    tasks = Prefetch("tasks", queryset=Task.objects.prefetch_related("author__badges"), to_attr="all_tasks")
    courses = Course.objects.prefetch_related(tasks)
    return [[list(task.author.badges.all()) for task in course.all_tasks] for course in courses]


@good
def generic_prefetch():
    labels = Label.objects.prefetch_related(GenericPrefetch("target", [Course.objects.select_related("school")]))
    return [label.target.school.name for label in labels]


@good
def prefetched_lengths_in_a_template():
    return render_to_string("length.html", {"courses": Course.objects.prefetch_related("tasks")})


@good
def count_and_first_page():
    page = Paginator(Course.objects.order_by("pk"), 2).page(1)
    return page.paginator.count, list(page)


@good
def existence_before_a_get():
    found = Course.objects.filter(title="Course 1").exists()
    return Course.objects.get(title="Course 1") if found else None


@good
def asynchronous_iterator_with_prefetch():
    async def work():
        return [
            len(course.tasks.all()) async for course in Course.objects.prefetch_related("tasks").aiterator(chunk_size=2)
        ]

    return async_to_sync(work)()


@good
def locks_at_once():
    return list(Course.objects.select_for_update().filter(pk__in=[1, 2, 3]))


@good
def parent_of_inherited_model():
    return [essay.task_ptr.title for essay in Essay.objects.all()]


@good
def bulk_create_of_chunks():
    for first in range(0, 9, 3):
        Badge.objects.bulk_create([Badge(name=str(number)) for number in range(first, first + 60)])
