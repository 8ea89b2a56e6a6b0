"""Bad and good patterns whose loop is the framework's: lists of Django's admin, serializers of REST framework."""

from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Count
from django.test import RequestFactory
from django.urls import path
from rest_framework import serializers

from tests.harness.queries.corpus.bad import as_is, bad
from tests.harness.queries.corpus.good import good
from tests.harness.queries.corpus.models import Course, Enrolment, School, Student, Task

SITE = AdminSite()
SITE.register([Course, Task])
urlpatterns = [path("admin/", SITE.urls)]


def changelist(kind, model=Course):
    from django.contrib.auth.models import User

    request = RequestFactory().get("/")
    request.user = User(is_staff=True, is_superuser=True)
    return kind(model, SITE).changelist_view(request).render().content


# ------------------------------------------------------------------ lists of the admin


class SchoolOfCourse(ModelAdmin):
    list_display = ("title", "school_name")

    def school_name(self, course):
        return course.school.name


class SchoolOfCourseAtOnce(SchoolOfCourse):
    list_select_related = ("school",)


@bad("Course.school", 'list_select_related = ["school"] in SchoolOfCourse', lambda: changelist(SchoolOfCourseAtOnce))
def column_of_the_admin_that_follows_a_key(fix=as_is):
    return changelist(SchoolOfCourse)


class Parents(ModelAdmin):
    # A method: of a key by its name Django 6.1 takes care itself.
    list_display = ("title", "above")

    def above(self, course):
        return course.parent


class ParentsAtOnce(Parents):
    list_select_related = ("parent",)


@bad("Course.parent", 'list_select_related = ["parent"] in Parents', lambda: changelist(ParentsAtOnce))
def column_of_the_admin_that_may_be_empty(fix=as_is):
    return changelist(Parents)


class Schools(ModelAdmin):
    list_display = ("title", "school")

    def title(self, task):
        return task.title

    def school(self, task):
        return task.course.school.name


class SchoolsAtOnce(Schools):
    list_select_related = ("course__school",)


@bad("Course.school", 'list_select_related = ["course__school"] in Schools', lambda: changelist(SchoolsAtOnce, Task))
def column_of_the_admin_two_keys_away(fix=as_is):
    return changelist(Schools, Task)


class Tasks(ModelAdmin):
    list_display = ("title", "task_titles")

    def task_titles(self, course):
        return ", ".join(task.title for task in course.tasks.all())


class TasksAtOnce(Tasks):
    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("tasks")


@bad("Course.tasks", 'prefetch_related("tasks") to get_queryset() of Tasks', lambda: changelist(TasksAtOnce))
def column_of_the_admin_with_many(fix=as_is):
    return changelist(Tasks)


class TaskCount(ModelAdmin):
    list_display = ("title", "number_of_tasks")

    def number_of_tasks(self, course):
        return course.tasks.count()


class TaskCountAtOnce(TaskCount):
    def get_queryset(self, request):
        return super().get_queryset(request).annotate(n=Count("tasks"))

    def number_of_tasks(self, course):
        return course.n


@bad("Course.tasks", 'annotate(n=Count("tasks")) to get_queryset() of TaskCount', lambda: changelist(TaskCountAtOnce))
def column_of_the_admin_that_counts(fix=as_is):
    return changelist(TaskCount)


@good
def columns_of_the_admin_at_once():
    return [
        changelist(SchoolOfCourseAtOnce),
        changelist(ParentsAtOnce),
        changelist(TasksAtOnce),
        changelist(TaskCountAtOnce),
    ]


class Keys(ModelAdmin):
    list_display = ("title", "course")


@good
def key_in_the_admin_that_is_never_empty():
    return changelist(Keys, Task)


# ------------------------------------------------------------------ serializers


def shown(serializer, queryset):
    return serializer(queryset, many=True).data


class SchoolShown(serializers.ModelSerializer):
    class Meta:
        model = School
        fields = ("name",)


class CourseShown(serializers.ModelSerializer):
    school = SchoolShown()

    class Meta:
        model = Course
        fields = ("title", "school")


@bad("Course.school", 'select_related("school")')
def nested_serializer(fix=as_is):
    return shown(CourseShown, fix(Course.objects.all()))


class TaskShown(serializers.ModelSerializer):
    course = CourseShown()

    class Meta:
        model = Task
        fields = ("title", "course")


@bad("Course.school", 'select_related("course__school")')
def serializer_in_a_nested_serializer(fix=as_is):
    return shown(TaskShown, fix(Task.objects.all()))


class TaskTitle(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ("title",)


class CourseWithTasks(serializers.ModelSerializer):
    tasks = TaskTitle(many=True)

    class Meta:
        model = Course
        fields = ("title", "tasks")


@bad("Course.tasks", 'prefetch_related("tasks")')
def nested_serializer_of_many(fix=as_is):
    return shown(CourseWithTasks, fix(Course.objects.all()))


class AuthorShown(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Task
        fields = ("title", "author")


class CourseWithAuthors(serializers.ModelSerializer):
    tasks = AuthorShown(many=True)

    class Meta:
        model = Course
        fields = ("title", "tasks")


@bad("Task.author", 'prefetch_related("tasks__author")')
def source_in_a_nested_serializer_of_many(fix=as_is):
    return shown(CourseWithAuthors, fix(Course.objects.all()))


class CourseFlat(serializers.ModelSerializer):
    school = serializers.CharField(source="school.name")

    class Meta:
        model = Course
        fields = ("title", "school")


@bad("Course.school", 'select_related("school")')
def source_with_a_dot(fix=as_is):
    return shown(CourseFlat, fix(Course.objects.all()))


class TaskFlat(serializers.ModelSerializer):
    school = serializers.CharField(source="course.school.name")

    class Meta:
        model = Task
        fields = ("title", "school")


@bad("Course.school", 'select_related("course__school")')
def source_with_two_dots(fix=as_is):
    return shown(TaskFlat, fix(Task.objects.all()))


class CourseByMethod(serializers.ModelSerializer):
    school = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ("title", "school")

    def get_school(self, course):
        return course.school.name


@bad("Course.school", 'select_related("school")')
def method_field(fix=as_is):
    return shown(CourseByMethod, fix(Course.objects.all()))


class CourseCounted(serializers.ModelSerializer):
    n = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ("title", "n")

    def get_n(self, course):
        return course.tasks.count()


class CourseAnnotated(serializers.ModelSerializer):
    n = serializers.IntegerField()

    class Meta:
        model = Course
        fields = ("title", "n")


@bad("Course.tasks", "annotate", lambda: shown(CourseAnnotated, Course.objects.annotate(n=Count("tasks"))))
def method_field_that_counts(fix=as_is):
    return shown(CourseCounted, fix(Course.objects.all()))


class EnrolmentNamed(serializers.ModelSerializer):
    student = serializers.SlugRelatedField("name", read_only=True)

    class Meta:
        model = Enrolment
        fields = ("student",)


@bad("Enrolment.student", 'select_related("student")')
def slug_of_a_related_object(fix=as_is):
    return shown(EnrolmentNamed, fix(Enrolment.objects.all()))


class StudentShown(serializers.ModelSerializer):
    class Meta:
        model = Student
        fields = ("name", "badges")


@bad("Student.badges", 'prefetch_related("badges")')
def keys_of_many_to_many(fix=as_is):
    return shown(StudentShown, fix(Student.objects.all()))


class KeysShown(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ("title", "course", "author")


@good
def keys_in_a_serializer():
    return shown(KeysShown, Task.objects.all())


@good
def serializers_at_once():
    return [
        shown(TaskShown, Task.objects.select_related("course__school")),
        shown(CourseWithAuthors, Course.objects.prefetch_related("tasks__author")),
        shown(StudentShown, Student.objects.prefetch_related("badges")),
        shown(CourseAnnotated, Course.objects.annotate(n=Count("tasks"))),
    ]
