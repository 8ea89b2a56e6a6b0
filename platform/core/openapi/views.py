"""The document and the page that shows it, for everybody; neither needs anything from another host."""

from importlib.resources import files
from typing import Final

import drf_spectacular_sidecar
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from core.openapi.schema import Generator

ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
OWN_HOST_ONLY: Final = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


class SchemaView(SpectacularAPIView):
    """GET: the OpenAPI document, as YAML or JSON."""

    generator_class = Generator


class DocsView(SpectacularSwaggerSplitView):
    """GET: the page, which a browser lets load nothing from other hosts."""

    schema = None

    def get(self, request: Request) -> Response:
        """Show the page, or its script."""
        response = super().get(request)
        response["Content-Security-Policy"] = OWN_HOST_ONLY
        return response


@require_safe
@cache_control(public=True, max_age=86_400)
def asset(_request: HttpRequest, name: str) -> HttpResponse:
    """Send a file of the page."""
    if name not in ASSETS:
        raise Http404
    file = files(drf_spectacular_sidecar) / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist" / name
    return HttpResponse(file.read_bytes(), content_type=ASSETS[name])
