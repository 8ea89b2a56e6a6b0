from rest_framework import serializers

from tasks.models import AssessmentTask, LearningTask, QuizTask

TASK_FIELDS = ["id", "title", "description", "created_at", "updated_at", "due_date", "difficulty_level"]


class TaskReferenceSerializer(serializers.Serializer):
    """The body {"task": id} of a request that adds or completes a task."""

    task = serializers.IntegerField()


class LearningTaskSummarySerializer(serializers.ModelSerializer):
    class Meta:
        model = LearningTask
        fields = ["id", "title", "difficulty_level"]


class LearningTaskSerializer(serializers.ModelSerializer):
    courses = serializers.SerializerMethodField()

    class Meta:
        model = LearningTask
        fields = [*TASK_FIELDS, "courses"]

    def get_courses(self, task):
        return [course.id for course in task.courses.order_by("id")]


class AssessmentTaskSerializer(serializers.ModelSerializer):
    submission_count = serializers.SerializerMethodField()

    class Meta:
        model = AssessmentTask
        fields = [*TASK_FIELDS, "max_score", "passing_score", "submission_count"]
        extra_kwargs = {"max_score": {"min_value": 0}, "passing_score": {"min_value": 0}}

    def get_submission_count(self, task):
        return task.submissions.count()


class QuizTaskSerializer(AssessmentTaskSerializer):
    class Meta(AssessmentTaskSerializer.Meta):
        model = QuizTask
        fields = [*AssessmentTaskSerializer.Meta.fields, "time_limit", "is_randomized"]
