"""The placeholders of a route, and the models and columns that each may stand for, most likely first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from harness.agent.views import Model, Told

_KEYS = ("id", "pk")
_ATTRIBUTES = (*_KEYS, "slug", "key", "number", "code", "uuid", "name", "hash", "reference", "username")
_NO_STEM = ("object", "obj", "instance", "item")
_APP = re.compile(r"(?:.*_)?app(?:_label|_name)?")
_MODEL = re.compile(r"(?:.*_)?model(?:_name)?")
_SHORTEST = 3
_MOST = 4


class Placeholder(NamedTuple):
    """`page_id` of `<int:page_id>`; `kind` is the converter, "" where none is told."""

    name: str
    kind: str

    @property
    def words(self) -> tuple[list[str], str]:
        """What its name says: the words for the model, and the attribute ("pk" where it names none)."""
        words = self.name.lower().split("_")
        places = [place for place, word in enumerate(words) if word in _ATTRIBUTES]
        stem, attribute = (words[: places[-1]], words[places[-1]]) if places else (words, "pk")
        return [] if "".join(stem) in _NO_STEM else stem, "pk" if attribute in _KEYS else attribute


class Choice(NamedTuple):
    """A model, the column behind each placeholder that it fills, and a condition (names of the code, no values)."""

    model: Model
    columns: dict[str, str]
    condition: str = ""


class Surroundings(NamedTuple):
    """What stands around a placeholder: what the view tells, and the words of path and namespace, nearest first."""

    view: Told
    words: list[str]


def choices(placeholders: list[Placeholder], around: Surroundings) -> list[list[Choice]]:
    """Return what may fill the placeholders: for each of them, or for app and model together, a list, likeliest first.

    A list that is empty belongs to a placeholder of which nothing is known.
    """
    pair = [each for form in (_APP, _MODEL) for each in placeholders if form.fullmatch(each.name)][:2]
    if len({each.name for each in pair}) < 2:
        pair = []
    single = [_ranked(each, around) for each in placeholders if each not in pair]
    return [*single, *([_types(pair[0].name, pair[1].name, around)] if pair else [])]


def singular(word: str) -> str:
    """Return an English noun of a path in the singular, as the name of a model has it."""
    for plural, ending in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if word.endswith(plural):
            return word[: -len(plural)] + ending
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def children(model: Model) -> list[Model]:
    """Return the models that inherit the table of a model."""
    return [each for each in apps.get_models() if model in each._meta.parents and not each._meta.proxy]


def _ranked(placeholder: Placeholder, around: Surroundings) -> list[Choice]:
    found = []
    for model in apps.get_models():
        field = None if model._meta.proxy else _field(model, placeholder, around.view)
        score = _score(model, placeholder, around) if field is not None else 0
        if field is not None and score:
            choice = Choice(field.model, {placeholder.name: field.column})
            found.append((-score - _nearness(model, around), model._meta.label, choice))
    return list({choice.model: choice for _, _, choice in sorted(found, key=lambda each: each[:2])}.values())[:_MOST]


def _field(model: Model, placeholder: Placeholder, view: Told) -> Any:
    """Return the field of a model that a placeholder is compared with, None where it has none that fits."""
    names = [placeholder.name, placeholder.words[1]]
    if model in view.declared[:1]:
        names.insert(0, view.lookups.get(placeholder.name, ""))
    for name in names:
        field = model._meta.pk if name == "pk" else _concrete(model).get(name)
        if field is not None and _fits(field, placeholder.kind):
            return field
    return None


def _concrete(model: Model) -> dict[str, Any]:
    return {field.name: field for field in model._meta.concrete_fields}


def _fits(field: Any, kind: str) -> bool:
    while field.remote_field:
        field = field.target_field
    wanted = {"int": models.IntegerField, "uuid": models.UUIDField}.get(kind, models.Field)
    return isinstance(field, wanted)


def _score(model: Model, placeholder: Placeholder, around: Surroundings) -> int:
    """Return how much says that a placeholder stands for a model, 0 for nothing."""
    stem, _ = placeholder.words
    name, view = model._meta.model_name or "", around.view
    if not stem or placeholder.name in view.lookups or placeholder.name in _concrete(model):
        declared = (3 if view.lists else 10) * (model in view.declared)
        named = max(7 - view.named.index(model), 4) if model in view.named else 0
        said = max(_by_path(name, around.words), declared, named)
    else:
        said = 2 * (model in view.declared or model in view.named)
    related = [each._meta.get_field("_".join(stem)).related_model for each in view.declared if _has(each, stem)]
    return max(said, _by_name(name, stem), 9 * (model in related))


def _has(model: Model, stem: list[str]) -> bool:
    field = _concrete(model).get("_".join(stem))
    return field is not None and field.is_relation


def _by_name(model: str, stem: list[str]) -> int:
    """Compare a model with the words of a placeholder: the same, the last words, the end of the model's, some words."""
    spans = {"".join(stem[first:last]) for first in range(len(stem)) for last in range(first + 1, len(stem) + 1)}
    tails = {"".join(stem[first:]) for first in range(len(stem))}
    if model and model == "".join(stem):
        return 8
    if model in tails:
        return 6
    if len("".join(stem)) >= _SHORTEST and model.endswith("".join(stem)):
        return 5
    return 4 if model in spans else 0


def _by_path(model: str, words: list[str]) -> int:
    """Compare a model with the words of the path, the nearest ones first; its end with the nearest alone."""
    if model in words:
        return max(6 - 2 * words.index(model), 1)
    return 3 if words and len(words[0]) >= _SHORTEST and model.endswith(words[0]) else 0


def _nearness(model: Model, around: Surroundings) -> float:
    view, app = around.view, model._meta.app_label
    near = 1.5 * (model in view.declared and not view.lists) + 1.0 * (app == view.app) + 1.0 * (model in view.named)
    return near + 0.5 * any(word == singular(app) or word in app for word in around.words)


def _types(app: str, model: str, around: Surroundings) -> list[Choice]:
    """Return content types for a pair of placeholders; those that inherit before what they inherit."""
    if not apps.is_installed("django.contrib.contenttypes"):
        return []
    # A view that looks the type up names the model of the types, too.
    tops = [each for each in _ranked(Placeholder("pk", ""), around) if each.model._meta.app_label != "contenttypes"]
    concerned = dict.fromkeys(each for top in tops for each in (*children(top.model), top.model))
    return [_type(app, model, each._meta) for each in list(concerned)[:_MOST]]


def _type(app: str, model: str, meta: Any) -> Choice:
    from django.contrib.contenttypes.models import ContentType

    condition = f"app_label = '{meta.app_label}' AND model = '{meta.model_name}'"
    return Choice(ContentType, {app: "app_label", model: "model"}, condition)


def unknown_of(placeholders: list[Placeholder], found: list[list[Choice]]) -> list[str]:
    """Return the names of the placeholders that nothing is known of."""
    filled = {name for each in found if each for name in each[0].columns}
    return [each.name for each in placeholders if each.name not in filled]


def words_of(texts: list[str]) -> Iterator[str]:
    """Yield the words of path segments and namespaces in the singular: "user-addresses" is also "useraddress"."""
    for text in texts:
        words = list(filter(None, re.split(r"[^a-z0-9]+", text.lower())))
        yield from map(singular, ["".join(words), *words] if len(words) > 1 else words)
