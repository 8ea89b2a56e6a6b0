from django.urls import path

from learning import views

urlpatterns = [
    path("courses/", views.CourseListView.as_view()),
    path("courses/<int:pk>/", views.CourseDetailView.as_view()),
    path("courses/<int:pk>/tasks/", views.CourseTaskListView.as_view()),
    path("courses/<int:pk>/tasks/<int:task_pk>/", views.CourseTaskDetailView.as_view()),
]
