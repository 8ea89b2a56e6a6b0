from decimal import Decimal

from rest_framework import serializers

from assessment.models import Quiz, Submission, UserProgress
from tasks.models import AssessmentTask
from tasks.serializers import QuizTaskSerializer


class SubmissionSerializer(serializers.ModelSerializer):
    user = serializers.SerializerMethodField()
    task = serializers.SerializerMethodField()
    passed = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields = ["id", "user", "task", "content", "submitted_at", "grade", "passed"]

    def get_user(self, submission):
        return {"id": submission.user.id, "username": submission.user.username}

    def get_task(self, submission):
        task = submission.task
        return {"id": task.id, "title": task.title, "max_score": f"{task.max_score:.2f}"}

    def get_passed(self, submission):
        if submission.grade is None:
            return None
        return submission.grade >= submission.task.passing_score


class SubmissionWriteSerializer(serializers.ModelSerializer):
    task = serializers.PrimaryKeyRelatedField(queryset=AssessmentTask.objects.all())

    class Meta:
        model = Submission
        fields = ["task", "content"]


class SubmissionFilterSerializer(serializers.Serializer):
    task = serializers.IntegerField(required=False)
    user = serializers.IntegerField(required=False)


class GradeSerializer(serializers.Serializer):
    grade = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0)


class QuizSerializer(serializers.ModelSerializer):
    task_count = serializers.SerializerMethodField()
    total_points = serializers.SerializerMethodField()

    class Meta:
        model = Quiz
        fields = ["id", "title", "description", "task_count", "total_points"]

    def get_task_count(self, quiz):
        return quiz.tasks.count()

    def get_total_points(self, quiz):
        total = Decimal(0)
        for task in quiz.tasks.all():
            total += task.max_score
        return f"{total:.2f}"


class QuizDetailSerializer(QuizSerializer):
    tasks = serializers.SerializerMethodField()

    class Meta(QuizSerializer.Meta):
        fields = [*QuizSerializer.Meta.fields, "tasks"]

    def get_tasks(self, quiz):
        return QuizTaskSerializer(quiz.tasks.order_by("id"), many=True).data


class UserProgressSerializer(serializers.ModelSerializer):
    user = serializers.SerializerMethodField()
    quiz = serializers.SerializerMethodField()
    completed_tasks = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()

    class Meta:
        model = UserProgress
        fields = ["id", "user", "quiz", "completed_tasks", "total_score", "is_completed", "percent"]

    def get_user(self, progress):
        return {"id": progress.user.id, "username": progress.user.username}

    def get_quiz(self, progress):
        return {"id": progress.quiz.id, "title": progress.quiz.title}

    def get_completed_tasks(self, progress):
        return [task.id for task in progress.completed_tasks.order_by("id")]

    def get_percent(self, progress):
        """Return the completed share of the quiz's tasks in whole percent, rounded down, so that 100 means all."""
        total = progress.quiz.tasks.count()
        if total == 0:
            return 0
        completed = 0
        completed_ids = [task.id for task in progress.completed_tasks.all()]
        for task in progress.quiz.tasks.all():
            if task.id in completed_ids:
                completed += 1
        return completed * 100 // total
