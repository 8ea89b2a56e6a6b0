"""The URLs of the refactored release: one JSON API below /api/."""

from django.urls import include, path

from core.health import healthz

handler400 = "rest_framework.exceptions.bad_request"
handler500 = "rest_framework.exceptions.server_error"

urlpatterns = [
    path("healthz", healthz),
    path("api/", include("core.openapi.urls")),
    path("api/", include("users.urls")),
    path("api/", include("tasks.urls")),
    path("api/", include("learning.urls")),
    path("api/", include("assessment.urls")),
]
