"""The URLs of submissions, quizzes and progress."""

from django.urls import path

from assessment.api import grades, overview, progress, quizzes, submissions

urlpatterns = [
    path("submissions/", submissions.SubmissionListView.as_view()),
    path("submissions/grades/", grades.GradesView.as_view()),
    path("submissions/<int:pk>/", submissions.SubmissionView.as_view()),
    path("submissions/<int:pk>/grade/", grades.GradeView.as_view()),
    path("assessment-tasks/<int:pk>/submissions/", grades.TaskSubmissionsView.as_view()),
    path("users/me/overview/", overview.LearnerOverviewView.as_view()),
    path("quizzes/", quizzes.QuizListView.as_view()),
    path("quizzes/<int:pk>/", quizzes.QuizView.as_view()),
    path("quizzes/<int:pk>/tasks/", quizzes.QuizTasksView.as_view()),
    path("quizzes/<int:pk>/complete/", progress.CompleteView.as_view()),
    path("progress/", progress.ProgressListView.as_view()),
    path("progress/<int:pk>/", progress.ProgressView.as_view()),
]
