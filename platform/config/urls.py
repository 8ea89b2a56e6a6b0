"""The URLs of the refactored release: one JSON API below /api/."""

from django.urls import include, path

from core.health import healthz

handler400 = "core.errors_to_http.bad_request"
handler404 = "core.errors_to_http.not_found"
handler500 = "core.errors_to_http.server_error"

urlpatterns = [
    path("healthz", healthz),
    path("api/", include("core.openapi.urls")),
    path("api/", include("users.urls")),
    path("api/", include("tasks.urls")),
    path("api/", include("learning.urls")),
    path("api/", include("assessment.urls")),
]
