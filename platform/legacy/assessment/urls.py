from django.urls import path

from assessment import views

urlpatterns = [
    path("submissions/", views.SubmissionListView.as_view()),
    path("submissions/<int:pk>/", views.SubmissionDetailView.as_view()),
    path("submissions/<int:pk>/grade/", views.SubmissionGradeView.as_view()),
    path("quizzes/", views.QuizListView.as_view()),
    path("quizzes/<int:pk>/", views.QuizDetailView.as_view()),
    path("quizzes/<int:pk>/tasks/", views.QuizTaskListView.as_view()),
    path("quizzes/<int:pk>/complete/", views.QuizCompleteView.as_view()),
    path("progress/", views.ProgressListView.as_view()),
    path("progress/<int:pk>/", views.ProgressDetailView.as_view()),
]
