"""A client that holds every answer of the API against the OpenAPI document."""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yaml"
OWN_PAGES = ("/api/schema/", "/api/docs/")


class DescribedClient(Client):
    """Fails when an answer is not as the document says: status, media type, and every key of the body."""

    def request(self, **request: Any) -> HttpResponse:
        response = super().request(**request)
        path, method = request["PATH_INFO"], request["REQUEST_METHOD"].lower()
        if path.startswith("/api/") and path not in OWN_PAGES:
            check(path, method, response)
        return response


@cache
def document() -> dict[str, Any]:
    """The committed document; a test keeps it current."""
    return yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))


@cache
def strict_components() -> dict[str, Any]:
    """The parts of the document, without the leave to hold more than they list."""
    components = deepcopy(document()["components"])
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return components


def described(path: str) -> dict[str, Any] | None:
    """What the document says about a path."""
    for template, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", template), path):
            return operations
    return None


def check(path: str, method: str, response: HttpResponse) -> None:
    """Raises AssertionError, or ValidationError of jsonschema, unless the answer is as the document says."""
    operations = described(path)
    assert operations is not None, f"the document has no path for {path}"
    if method not in operations:
        assert response.status_code in (401, 405), f"the document does not know {method} {path}"
        return
    answers = operations[method]["responses"]
    assert str(response.status_code) in answers, f"{method} {path}: {response.status_code} is not in the document"
    content = answers[str(response.status_code)].get("content")
    if content is None:
        assert not response.content
        return
    schema = content[response.headers["Content-Type"].partition(";")[0]]["schema"]
    Draft202012Validator({**schema, "components": strict_components()}).validate(json.loads(response.content))
