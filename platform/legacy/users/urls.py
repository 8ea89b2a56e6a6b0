from django.urls import path

from users import views

urlpatterns = [
    path("tokens/", views.TokenView.as_view()),
    path("users/", views.UserListView.as_view()),
    path("users/me/", views.MeView.as_view()),
    path("users/<int:pk>/", views.UserDetailView.as_view()),
]
