"""One case per kind of change: what breaks a client is named, what is only added is not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from harness.probes.api.comparison import Compared, compare
from harness.probes.api.document import Document

Root = dict[str, Any]
BOOK = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "title": {"type": "string", "maxLength": 200},
        "kind": {"$ref": "#/components/schemas/Kind"},
        "grade": {"type": ["number", "null"], "maximum": 10, "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "sequel": {"$ref": "#/components/schemas/Book"},
    },
}
ROOT: Root = {
    "openapi": "3.1.0",
    "paths": {
        "/books/{id}/": {
            "get": {
                "security": [{}, {"token": []}],
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}},
                    {"in": "query", "name": "page", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
                    "404": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                },
            },
            "patch": {
                "security": [{"token": []}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
                "responses": {"204": {"description": "done"}},
            },
        }
    },
    "components": {"schemas": {"Book": BOOK, "Kind": {"type": "string", "enum": ["novel", "poem"]}}},
}


def compared(change: Callable[[Root], Any]) -> Compared:
    new = copy.deepcopy(ROOT)
    change(new)
    return compare(Document(ROOT), Document(new))


def book(root: Root) -> Any:
    return root["components"]["schemas"]["Book"]


def get(root: Root) -> Any:
    return root["paths"]["/books/{id}/"]["get"]


def patch(root: Root) -> Any:
    return root["paths"]["/books/{id}/"]["patch"]


def only(root: Root, key: str) -> Any:
    """The schema of the body of one direction, apart from that of the other."""
    place = patch(root)["requestBody"] if key == "request" else get(root)["responses"]["200"]
    place["content"]["application/json"]["schema"] = schema = copy.deepcopy(book(root))
    return schema


BREAKING = {
    "path": (lambda r: r.update(paths={"/else/": {"get": {}}}), "path-removed", ""),
    "method": (lambda r: r["paths"]["/books/{id}/"].pop("patch"), "method-removed", ""),
    "authentication": (lambda r: get(r).update(security=[{"token": []}]), "authentication-required", ""),
    "parameter gone": (lambda r: get(r)["parameters"].pop(), "parameter-removed", "query page"),
    "parameter needed": (lambda r: get(r)["parameters"][1].update(required=True), "parameter-required", "query page"),
    "new parameter": (
        lambda r: get(r)["parameters"].append({"in": "query", "name": "q", "required": True}),
        "parameter-required",
        "query q",
    ),
    "parameter's type": (
        lambda r: get(r)["parameters"][0]["schema"].update(type="boolean"),
        "type-changed",
        "path 1",
    ),
    "body needed": (lambda r: patch(r)["requestBody"].update(required=True), "body-required", "request"),
    "answer gone": (lambda r: get(r)["responses"].pop("200"), "response-removed", "response 200"),
    "media type": (
        lambda r: get(r)["responses"]["404"].update(content={"application/json": {}}),
        "media-type-removed",
        "response 404",
    ),
    "field of an answer": (lambda r: book(r)["properties"].pop("title"), "field-removed", "response 200/title"),
    "field may be missing": (lambda r: book(r).update(required=[]), "field-optional", "response 200/title"),
    "field of a body": (lambda r: book(r)["properties"].pop("tags"), "field-ignored", "request/tags"),
    "field needed": (lambda r: book(r).update(required=["title", "kind"]), "field-required", "request/kind"),
    "new field needed": (
        lambda r: only(r, "request").update(required=["x"], properties={"title": {}, "x": {"type": "string"}}),
        "field-required",
        "request/x",
    ),
    "type in an answer": (
        lambda r: only(r, "response")["properties"]["title"].update(type="integer"),
        "type-changed",
        "response 200/title",
    ),
    "null in an answer": (
        lambda r: only(r, "response")["properties"]["title"].update(type=["string", "null"]),
        "type-changed",
        "response 200/title",
    ),
    "null in a body": (
        lambda r: only(r, "request")["properties"]["grade"].update(type="number"),
        "type-changed",
        "request/grade",
    ),
    "any type in an answer": (
        lambda r: only(r, "response")["properties"]["title"].pop("type"),
        "type-changed",
        "response 200/title",
    ),
    "inside a list": (
        lambda r: only(r, "response")["properties"]["tags"].update(items={"type": "integer"}),
        "type-changed",
        "response 200/tags/[]",
    ),
    "format": (
        lambda r: only(r, "request")["properties"]["title"].update(format="email"),
        "format-changed",
        "request/title",
    ),
    "value of a choice": (
        lambda r: r["components"]["schemas"]["Kind"].update(enum=["novel"]),
        "value-removed",
        "request/kind",
    ),
    "only some values": (
        lambda r: only(r, "request")["properties"]["title"].update(enum=["a"]),
        "value-removed",
        "request/title",
    ),
    "shorter text": (lambda r: book(r)["properties"]["title"].update(maxLength=100), "limit-narrower", "request/title"),
    "higher minimum": (lambda r: book(r)["properties"]["grade"].update(minimum=2), "limit-narrower", "request/grade"),
    "new limit": (lambda r: book(r)["properties"]["tags"].update(maxItems=3), "limit-narrower", "request/tags"),
    "pattern": (lambda r: book(r)["properties"]["title"].update(pattern="^a"), "limit-narrower", "request/title"),
    "nothing else": (lambda r: book(r).update(additionalProperties=False), "limit-narrower", "request"),
    "one choice less in a body": (
        lambda r: only(r, "request")["properties"].update(kind={"anyOf": [{"type": "integer"}, {"type": "boolean"}]}),
        "type-changed",
        "request/kind",
    ),
}


@pytest.mark.parametrize("case", BREAKING)
def test_a_breaking_change_is_named(case: str) -> None:
    change, code, place = BREAKING[case]
    found = compared(change).breaks
    assert (code, place) in [(each.code, each.place) for _, each in found]
    assert all(each.why for _, each in found)


HARMLESS: dict[str, Callable[[Root], Any]] = {
    "nothing": lambda r: None,
    "path": lambda r: r["paths"].update({"/new/": {"get": {}}}),
    "method": lambda r: r["paths"]["/books/{id}/"].update({"delete": {}}),
    "name of a path parameter": lambda r: (
        r["paths"].update({"/books/{pk}/": r["paths"].pop("/books/{id}/")}),
        r["paths"]["/books/{pk}/"]["get"]["parameters"][0].update(name="pk"),
    ),
    "optional parameter": lambda r: get(r)["parameters"].append({"in": "query", "name": "q"}),
    "field": lambda r: book(r)["properties"].update(isbn={"type": "string"}),
    "field always there": lambda r: only(r, "response").update(required=["title", "kind"]),
    "value of a choice": lambda r: r["components"]["schemas"]["Kind"].update(enum=["novel", "poem", "essay"]),
    "longer text": lambda r: book(r)["properties"]["title"].update(maxLength=300),
    "no limit": lambda r: book(r)["properties"]["grade"].pop("maximum"),
    "a limit that excludes nothing": lambda r: book(r)["properties"]["title"].update(minLength=0),
    "null accepted": lambda r: only(r, "request")["properties"]["title"].update(type=["string", "null"]),
    "null never sent": lambda r: only(r, "response")["properties"]["grade"].update(type="number"),
    "numbers accepted": lambda r: only(r, "request")["properties"]["id"].update(type="number"),
    "read-only field": lambda r: only(r, "request")["properties"].pop("id"),
    "answer": lambda r: get(r)["responses"].update({"410": {}}),
    "no authentication": lambda r: patch(r).update(security=[]),
    "one choice more in a body": lambda r: only(r, "request")["properties"].update(
        kind={"oneOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]}
    ),
    "the same in parts": lambda r: get(r)["responses"]["200"]["content"].update(
        {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Book"}, {"description": "one"}]}}}
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_only_added_breaks_nobody(case: str) -> None:
    assert compared(HARMLESS[case]).breaks == []


def test_what_is_new_is_listed() -> None:
    found = compared(lambda root: root["paths"].update({"/new/": {"get": {}}}))
    assert (found.shared, found.added) == (["GET /books/{id}/", "PATCH /books/{id}/"], ["GET /new/"])


def test_null_is_read_in_the_way_of_openapi_3_0() -> None:
    old = {"openapi": "3.0.3", "paths": {"/a/": {"get": {"responses": {"200": {"content": {"x": {}}}}}}}}
    new = copy.deepcopy(old)
    for root, schema in ((old, {"type": "string"}), (new, {"type": "string", "nullable": True})):
        root["paths"]["/a/"]["get"]["responses"]["200"]["content"]["x"]["schema"] = schema  # type: ignore[index]
    ((_, found),) = compare(Document(old), Document(new)).breaks
    assert (found.code, found.why) == ("type-changed", "its type was string and is null or string")
