"""Reads TOML into a typed structure; every mistake is one sentence with the file, the key and the nearest name."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from harness.errors import ConfigurationError

T = TypeVar("T")
_UNKNOWN = re.compile(r"unknown field `(?P<field>[^`]+)`")
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def read(path: Path, kind: type[T]) -> T:
    """Read `path` as a `kind` (a msgspec structure that forbids unknown fields).

    Raises ConfigurationError where the file is missing, is not TOML, or does not fit.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist; run the command in the project's folder or name it with --project."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
    return convert(raw, kind, str(path))


def convert(raw: Any, kind: type[T], where: str) -> T:
    """Convert plain data to a `kind`; `where` names its origin in the message of a ConfigurationError."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{where}: {_explain(str(error), kind)}") from None


def _explain(message: str, kind: Any) -> str:
    found = _PATH.search(message)
    key = found["path"] if found else ""
    text = _PATH.sub("", message)
    text = text[0].lower() + text[1:]
    unknown = _UNKNOWN.search(message)
    if not unknown:
        text += _choices(kind, key) if "invalid enum value" in text else ""
        return f"key {key!r}: {text}." if key else f"{text}."
    near = difflib.get_close_matches(unknown["field"], sorted(_fields(kind)), n=1)
    hint = f" did you mean {near[0]!r}?" if near else " remove it."
    at = f" in {key!r}" if key else ""
    return f"unknown key {unknown['field']!r}{at};{hint}"


def _choices(kind: Any, key: str) -> str:
    """List what may stand at a key that takes one of a few values."""
    hint = _fields(kind).get(key.rpartition(".")[2])
    return f"; one of {', '.join(map(repr, get_args(hint)))}" if get_origin(hint) is Literal else ""


def _fields(kind: Any, seen: frozenset[Any] = frozenset()) -> dict[str, Any]:
    """Collect the keys of a structure and of all structures inside it, with their types."""
    if kind in seen:
        return {}
    fields: dict[str, Any] = {}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            fields |= {field.encode_name: field.type, **_fields(field.type, seen | {kind})}
    for inner in getattr(kind, "__args__", ()):
        fields |= _fields(inner, seen | {kind})
    return fields
