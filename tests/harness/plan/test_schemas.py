"""The JSON Schemas that editors use are those of the code, and accept the files of this repository."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from harness.schemas import schemas, write_schemas

ROOT = Path(__file__).parents[3]
FILES = {"rollout.json": "rollout.toml", "operations.json": "operations.toml"}


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_up_to_date(name):
    published = (ROOT / "docs" / "schemas" / name).read_text(encoding="utf-8")
    assert published == schemas()[name], "write them again: python -m harness.schemas docs/schemas"


@pytest.mark.parametrize("name", FILES)
def test_a_schema_accepts_the_file_of_this_repository_and_refuses_unknown_keys(name):
    validator = jsonschema.Draft202012Validator(json.loads(schemas()[name]))
    document = tomllib.loads((ROOT / FILES[name]).read_text(encoding="utf-8"))
    document = json.loads(json.dumps(document, default=str))
    assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({**document, "folder": "/x"}))


def test_schemas_are_written_into_a_new_folder(tmp_path):
    write_schemas(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(FILES)
