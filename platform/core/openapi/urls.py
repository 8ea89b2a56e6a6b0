"""The URLs of the document and its page."""

from django.urls import path

from core.openapi import views

urlpatterns = [
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", views.DocsView.as_view()),
    path("docs/<str:name>", views.asset),
]
