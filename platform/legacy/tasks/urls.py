from django.urls import path

from tasks import views

urlpatterns = [
    path("learning-tasks/", views.LearningTaskListView.as_view()),
    path("learning-tasks/<int:pk>/", views.LearningTaskDetailView.as_view()),
    path("assessment-tasks/", views.AssessmentTaskListView.as_view()),
    path("assessment-tasks/<int:pk>/", views.AssessmentTaskDetailView.as_view()),
    path("quiz-tasks/", views.QuizTaskListView.as_view()),
]
