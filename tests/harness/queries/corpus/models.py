"""Relations of every kind: to one, to many, through, generic, one to one, to itself, inherited."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class School(models.Model):
    name = models.CharField(max_length=50)


class Course(models.Model):
    title = models.CharField(max_length=50)
    notes = models.TextField(default="")
    hours = models.IntegerField(default=1)
    school = models.ForeignKey(School, models.CASCADE, related_name="courses")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="parts")
    students = models.ManyToManyField("Student", through="Enrolment", related_name="courses")
    labels = GenericRelation("Label")


class ShortCourse(Course):
    class Meta:
        proxy = True


class Syllabus(models.Model):
    course = models.OneToOneField(Course, models.CASCADE, related_name="syllabus")
    text = models.CharField(max_length=50)


class Student(models.Model):
    name = models.CharField(max_length=50)
    badges = models.ManyToManyField("Badge")


class Badge(models.Model):
    name = models.CharField(max_length=50)


class Enrolment(models.Model):
    course = models.ForeignKey(Course, models.CASCADE)
    student = models.ForeignKey(Student, models.CASCADE)


class Task(models.Model):
    course = models.ForeignKey(Course, models.CASCADE, related_name="tasks")
    author = models.ForeignKey(Student, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=50)
    score = models.IntegerField(default=1)


class Essay(Task):
    words = models.IntegerField(default=100)


class Label(models.Model):
    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey()


class Log(models.Model):
    """Lives in the other database."""

    text = models.CharField(max_length=50)
    number = models.IntegerField()
