"""The URLs of tokens and users."""

from django.urls import path

from users import api

urlpatterns = [
    path("tokens/", api.TokenView.as_view()),
    path("users/", api.UserListView.as_view()),
    path("users/me/", api.MeView.as_view()),
    path("users/<int:pk>/", api.UserView.as_view()),
]
