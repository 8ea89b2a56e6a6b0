from decimal import Decimal

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from assessment.models import Quiz, Submission, UserProgress
from assessment.serializers import (
    GradeSerializer,
    QuizDetailSerializer,
    QuizSerializer,
    SubmissionFilterSerializer,
    SubmissionSerializer,
    SubmissionWriteSerializer,
    UserProgressSerializer,
)
from config.exceptions import Conflict
from tasks.models import QuizTask
from tasks.serializers import TaskReferenceSerializer


class SubmissionListView(generics.ListAPIView):
    serializer_class = SubmissionSerializer

    def get_queryset(self):
        submissions = Submission.objects.order_by("id")
        if self.request.user.role not in ("instructor", "administrator"):
            submissions = submissions.filter(user=self.request.user)
        filters = SubmissionFilterSerializer(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        if "task" in filters.validated_data:
            submissions = submissions.filter(task__pk=filters.validated_data["task"])
        if "user" in filters.validated_data:
            submissions = submissions.filter(user__pk=filters.validated_data["user"])
        return submissions

    def post(self, request):
        if request.user.role != "student":
            raise PermissionDenied
        serializer = SubmissionWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if Submission.objects.filter(user=request.user, task=serializer.validated_data["task"]).exists():
            raise Conflict("You have already submitted this task.")
        try:
            with transaction.atomic():
                submission = serializer.save(user=request.user)
        except IntegrityError as error:  # another request was quicker
            raise Conflict("You have already submitted this task.") from error
        return Response(SubmissionSerializer(submission).data, status=status.HTTP_201_CREATED)


class SubmissionDetailView(APIView):
    def get(self, request, pk):
        submission = get_object_or_404(Submission, pk=pk)
        if request.user.role not in ("instructor", "administrator") and submission.user != request.user:
            raise NotFound("No Submission matches the given query.")
        return Response(SubmissionSerializer(submission).data)


class SubmissionGradeView(APIView):
    def post(self, request, pk):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        submission = get_object_or_404(Submission, pk=pk)
        serializer = GradeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        grade = serializer.validated_data["grade"]
        if grade > submission.task.max_score:
            raise ValidationError({"grade": ["The grade must not exceed the maximum score of the task."]})
        submission.grade = grade
        submission.save()
        return Response(SubmissionSerializer(submission).data)


class QuizListView(generics.ListAPIView):
    queryset = Quiz.objects.order_by("id")
    serializer_class = QuizSerializer

    def post(self, request):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        serializer = QuizSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        quiz = serializer.save()
        return Response(QuizDetailSerializer(quiz).data, status=status.HTTP_201_CREATED)


class QuizDetailView(APIView):
    def get(self, request, pk):
        quiz = get_object_or_404(Quiz, pk=pk)
        return Response(QuizDetailSerializer(quiz).data)


class QuizTaskListView(APIView):
    def post(self, request, pk):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        quiz = get_object_or_404(Quiz, pk=pk)
        serializer = TaskReferenceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        task = get_object_or_404(QuizTask, id=serializer.validated_data["task"])
        for present in quiz.tasks.all():
            if present.pk == task.pk:
                raise Conflict("The task is already part of this quiz.")
        quiz.tasks.add(task)
        return Response(QuizDetailSerializer(quiz).data, status=status.HTTP_201_CREATED)


class QuizCompleteView(APIView):
    def post(self, request, pk):
        if request.user.role != "student":
            raise PermissionDenied
        quiz = get_object_or_404(Quiz, pk=pk)
        serializer = TaskReferenceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        task = quiz.tasks.filter(id=serializer.validated_data["task"]).first()
        if task is None:
            raise ValidationError({"task": ["The task is not part of this quiz."]})
        with transaction.atomic():
            UserProgress.objects.get_or_create(user=request.user, quiz=quiz)
            # Two tasks completed at the same time must both count, so the row is locked before the sum is taken.
            progress = UserProgress.objects.select_for_update().get(user=request.user, quiz=quiz)
            progress.completed_tasks.add(task)
            progress.total_score = Decimal(0)
            completed_ids = []
            for completed in progress.completed_tasks.all():
                progress.total_score += completed.max_score
                completed_ids.append(completed.id)
            progress.is_completed = all(each.id in completed_ids for each in quiz.tasks.all())
            progress.save()
        return Response(UserProgressSerializer(progress).data)


class ProgressListView(generics.ListAPIView):
    serializer_class = UserProgressSerializer

    def get_queryset(self):
        progress = UserProgress.objects.order_by("id")
        if self.request.user.role not in ("instructor", "administrator"):
            progress = progress.filter(user=self.request.user)
        return progress


class ProgressDetailView(APIView):
    def get(self, request, pk):
        progress = get_object_or_404(UserProgress, pk=pk)
        if request.user.role not in ("instructor", "administrator") and progress.user != request.user:
            raise NotFound("No UserProgress matches the given query.")
        return Response(UserProgressSerializer(progress).data)
