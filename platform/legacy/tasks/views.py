from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from tasks.models import AssessmentTask, LearningTask, QuizTask
from tasks.serializers import AssessmentTaskSerializer, LearningTaskSerializer, QuizTaskSerializer


class LearningTaskListView(generics.ListAPIView):
    queryset = LearningTask.objects.order_by("id")
    serializer_class = LearningTaskSerializer

    def post(self, request):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        serializer = LearningTaskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class LearningTaskDetailView(generics.RetrieveAPIView):
    queryset = LearningTask.objects.all()
    serializer_class = LearningTaskSerializer


class AssessmentTaskListView(generics.ListAPIView):
    queryset = AssessmentTask.objects.order_by("id")
    serializer_class = AssessmentTaskSerializer

    def post(self, request):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        serializer = AssessmentTaskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if serializer.validated_data["passing_score"] > serializer.validated_data["max_score"]:
            raise ValidationError({"passing_score": ["The passing score must not exceed the maximum score."]})
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class AssessmentTaskDetailView(generics.RetrieveAPIView):
    queryset = AssessmentTask.objects.all()
    serializer_class = AssessmentTaskSerializer


class QuizTaskListView(generics.ListAPIView):
    queryset = QuizTask.objects.order_by("id")
    serializer_class = QuizTaskSerializer

    def post(self, request):
        if request.user.role not in ("instructor", "administrator"):
            raise PermissionDenied
        serializer = QuizTaskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if serializer.validated_data["passing_score"] > serializer.validated_data["max_score"]:
            raise ValidationError({"passing_score": ["The passing score must not exceed the maximum score."]})
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)
