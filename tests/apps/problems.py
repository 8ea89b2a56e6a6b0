"""What a refusal says, read as a client of either release does."""

from typing import Any

from django.http import HttpResponse


def detail(response: HttpResponse) -> tuple[int, str]:
    """The status, and the one sentence of a refusal."""
    return response.status_code, response.json()["detail"]


def wrong(response: HttpResponse) -> dict[str, list[Any]]:
    """The messages of a refusal by the name of the wrong field."""
    assert response.status_code == 400, response.content
    return {name: found for name, found in response.json().items() if isinstance(found, list) and name != "errors"}
