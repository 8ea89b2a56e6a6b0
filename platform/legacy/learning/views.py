from django.shortcuts import get_object_or_404
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from config.exceptions import Conflict
from learning.models import Course
from learning.serializers import CourseDetailSerializer, CourseSerializer, CourseWriteSerializer
from tasks.models import LearningTask
from tasks.serializers import TaskReferenceSerializer


class CourseListView(generics.ListAPIView):
    queryset = Course.objects.order_by("id")
    serializer_class = CourseSerializer

    def post(self, request):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        serializer = CourseWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if request.user.role == "instructor":
            if serializer.validated_data.get("instructor", request.user) != request.user:
                raise PermissionDenied("Only an administrator may choose the instructor.")
            course = serializer.save(instructor=request.user)
        else:
            course = serializer.save()
        return Response(CourseDetailSerializer(course).data, status=status.HTTP_201_CREATED)


class CourseDetailView(APIView):
    def get(self, request, pk):
        course = get_object_or_404(Course, pk=pk)
        return Response(CourseDetailSerializer(course).data)

    def patch(self, request, pk):
        course = get_object_or_404(Course, pk=pk)
        if request.user.role != "administrator":
            if request.user.role != "instructor" or course.instructor != request.user:
                raise PermissionDenied
        serializer = CourseWriteSerializer(course, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if request.user.role == "instructor":
            if serializer.validated_data.get("instructor", request.user) != request.user:
                raise PermissionDenied("Only an administrator may choose the instructor.")
        course = serializer.save()
        return Response(CourseDetailSerializer(course).data)

    def delete(self, request, pk):
        if request.user.role != "administrator":
            raise PermissionDenied
        get_object_or_404(Course, pk=pk).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseTaskListView(APIView):
    def post(self, request, pk):
        course = get_object_or_404(Course, pk=pk)
        if request.user.role != "administrator":
            if request.user.role != "instructor" or course.instructor != request.user:
                raise PermissionDenied
        serializer = TaskReferenceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        task = get_object_or_404(LearningTask, pk=serializer.validated_data["task"])
        for present in course.tasks.all():
            if present.pk == task.pk:
                raise Conflict("The task is already part of this course.")
        course.tasks.add(task)
        return Response(CourseDetailSerializer(course).data, status=status.HTTP_201_CREATED)


class CourseTaskDetailView(APIView):
    def delete(self, request, pk, task_pk):
        course = get_object_or_404(Course, pk=pk)
        if request.user.role != "administrator":
            if request.user.role != "instructor" or course.instructor != request.user:
                raise PermissionDenied
        task = get_object_or_404(LearningTask, pk=task_pk)
        if not course.tasks.filter(pk=task.pk).exists():
            raise NotFound("The task is not part of this course.")
        course.tasks.remove(task)
        return Response(status=status.HTTP_204_NO_CONTENT)
