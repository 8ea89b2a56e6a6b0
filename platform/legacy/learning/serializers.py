from rest_framework import serializers

from learning.models import Course
from tasks.serializers import LearningTaskSerializer, LearningTaskSummarySerializer
from users.models import User
from users.serializers import InstructorSerializer


class CourseSerializer(serializers.ModelSerializer):
    instructor = InstructorSerializer(read_only=True)
    tasks = serializers.SerializerMethodField()
    task_count = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = ["id", "title", "description", "instructor", "tasks", "task_count"]

    def get_tasks(self, course):
        return LearningTaskSummarySerializer(course.tasks.order_by("id"), many=True).data

    def get_task_count(self, course):
        return course.tasks.count()


class CourseDetailSerializer(CourseSerializer):
    def get_tasks(self, course):
        return LearningTaskSerializer(course.tasks.order_by("id"), many=True).data


class CourseWriteSerializer(serializers.ModelSerializer):
    instructor = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(role="instructor"), required=False, allow_null=True
    )

    class Meta:
        model = Course
        fields = ["title", "description", "instructor"]
