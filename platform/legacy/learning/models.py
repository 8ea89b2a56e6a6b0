from django.conf import settings
from django.db import models

from tasks.models import LearningTask


class Course(models.Model):
    title = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    instructor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="courses")
    tasks = models.ManyToManyField(LearningTask, blank=True, related_name="courses")

    def __str__(self):
        return self.title
