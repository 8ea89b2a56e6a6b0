"""Documents that cannot be compared are errors in one sentence, never an API without breaking changes."""

import json
from pathlib import Path

import pytest

from harness.errors import ProbeError
from harness.probes.api.document import Document, read_document

GOOD = {"openapi": "3.1.0", "paths": {"/a/": {"get": {}}}}


def written(folder: Path, text: str) -> Path:
    path = folder / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [json.dumps(GOOD), "openapi: 3.1.0\npaths:\n  /a/:\n    get: {}\n"])
def test_json_and_yaml_are_read(tmp_path: Path, text: str) -> None:
    assert list(read_document(written(tmp_path, text), "it").endpoints()) == [("GET", "/a/")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no OpenAPI document"),
        ("[]", "no OpenAPI document"),
        ("openapi: 3.1.0\n", "no OpenAPI document"),
        ("openapi: 3.1.0\npaths: {}\n", "describes no endpoint"),
        ("openapi: 3.1.0\npaths: {/a/: {summary: nothing}}\n", "describes no endpoint"),
        ("{", "no JSON"),
        ("a: [", "no YAML"),
    ],
)
def test_a_document_that_says_nothing_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProbeError, match=f"api.yaml.*{said}"):
        read_document(written(tmp_path, text), "api.yaml")


def test_a_missing_document_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match=r"api.yaml does not exist; generate it, commit it"):
        read_document(tmp_path / "api.yaml", "api.yaml")


@pytest.mark.parametrize("reference", ["#/components/nothing", "other.yaml#/Book"])
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    with pytest.raises(ProbeError, match="does not hold"):
        Document(GOOD).resolve({"$ref": reference})


def test_a_reference_in_a_circle_is_named() -> None:
    root = {**GOOD, "a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}
    with pytest.raises(ProbeError, match="circle"):
        Document(root).resolve({"$ref": "#/a"})
