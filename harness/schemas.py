"""The JSON Schemas of both TOML files, for editors: ``python -m harness.schemas docs/schemas``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from harness.operations import Catalog
from harness.rollout import Rollout

_INTERNAL = {"Rollout": ("folder",)}


def schemas() -> dict[str, str]:
    """Return the text of each schema by file name."""
    return {"rollout.json": _schema(Rollout), "operations.json": _schema(Catalog)}


def write_schemas(folder: Path) -> None:
    """Write the schemas into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def _schema(kind: Any) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
    for name, keys in _INTERNAL.items():
        for key in keys:
            schema["$defs"].get(name, {}).get("properties", {}).pop(key, None)
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
