"""The URLs of tasks."""

from django.urls import path

from tasks import api

urlpatterns = [
    path("learning-tasks/", api.LearningTaskListView.as_view()),
    path("learning-tasks/<int:pk>/", api.LearningTaskView.as_view()),
    path("assessment-tasks/", api.AssessmentTaskListView.as_view()),
    path("assessment-tasks/<int:pk>/", api.AssessmentTaskView.as_view()),
    path("quiz-tasks/", api.QuizTaskListView.as_view()),
]
