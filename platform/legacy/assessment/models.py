from django.conf import settings
from django.db import models

from tasks.models import AssessmentTask, QuizTask


class Submission(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submissions")
    task = models.ForeignKey(AssessmentTask, on_delete=models.CASCADE, related_name="submissions")
    content = models.TextField()
    submitted_at = models.DateTimeField(auto_now_add=True)
    grade = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)

    class Meta:
        unique_together = [("user", "task")]

    def __str__(self):
        return f"{self.user} - {self.task}"


class Quiz(models.Model):
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    tasks = models.ManyToManyField(QuizTask, blank=True, related_name="quizzes")

    def __str__(self):
        return self.title


class UserProgress(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="progress")
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="progress")
    completed_tasks = models.ManyToManyField(QuizTask, blank=True, related_name="completed_in")
    total_score = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    is_completed = models.BooleanField(default=False)

    class Meta:
        unique_together = [("user", "quiz")]

    def __str__(self):
        return f"{self.user} - {self.quiz}"
