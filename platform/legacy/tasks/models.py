from django.db import models


class BaseTask(models.Model):
    class Difficulty(models.TextChoices):
        BEGINNER = "beginner"
        INTERMEDIATE = "intermediate"
        ADVANCED = "advanced"

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    due_date = models.DateTimeField(null=True, blank=True)
    difficulty_level = models.CharField(max_length=20, choices=Difficulty.choices, default=Difficulty.BEGINNER)

    class Meta:
        abstract = True

    def __str__(self):
        return self.title


class LearningTask(BaseTask):
    pass


class AssessmentTask(BaseTask):
    max_score = models.DecimalField(max_digits=6, decimal_places=2)
    passing_score = models.DecimalField(max_digits=6, decimal_places=2)


class QuizTask(AssessmentTask):
    time_limit = models.PositiveIntegerField(help_text="minutes")
    is_randomized = models.BooleanField(default=False)
