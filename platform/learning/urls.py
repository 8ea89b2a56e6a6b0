"""The URLs of courses."""

from django.urls import path

from learning import api

urlpatterns = [
    path("courses/", api.CourseListView.as_view()),
    path("courses/<int:pk>/", api.CourseView.as_view()),
    path("courses/<int:pk>/overview/", api.CourseOverviewView.as_view()),
    path("courses/<int:pk>/tasks/", api.CourseTasksView.as_view()),
    path("courses/<int:pk>/tasks/<int:task_pk>/", api.CourseTaskView.as_view()),
]
