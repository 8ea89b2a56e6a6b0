"""Builds and inserts rows that satisfy foreign keys, unique sets and, by example, check constraints."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, models

from harness.agent.samples.uniqueness import own_fields, unique_sets
from harness.agent.samples.values import NoSample, ordinary

DEEPEST = 6
Values = dict[str, Any]


class Builder:
    """Makes the values of new rows; `number` moves on with every row, so that unique values never repeat."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.inserted: list[models.Model] = []

    def example(self, model: type[models.Model], skip: int = 0) -> Values | None:
        """Return the values of an existing row by column attribute, None where there are not so many."""
        names = [field.attname for field in own_fields(model)]
        rows = _rows(model).order_by("pk").values(*names)[skip : skip + 1] if names else []
        return next(iter(rows), None)

    def copied(self, model: type[models.Model], example: Values) -> Values:
        """Return the values of an example, with others only where they have to be unique."""
        return self._made_unique(model, dict(example), set())

    def ordinary(self, model: type[models.Model], example: Values | None = None, depth: int = 0) -> Values:
        """Return ordinary values in every column; foreign keys come from the example or point at an existing row.

        An example may have only some of the columns.
        """
        self.number += 1
        values: Values = {}
        for field in own_fields(model):
            if field.remote_field:
                known = example is not None and field.attname in example
                own = _own_type(model, field)
                values[field.attname] = own or (example[field.attname] if known else self._parent(field, {}, depth))  # type: ignore[index]
            else:
                values[field.attname] = ordinary(field, self.number)
        return self._made_unique(model, values, set(values), depth)

    def insert(self, model: type[models.Model], values: Values, *, raw: bool = False) -> models.Model:
        """Insert a row past the model's own `save`, and with `raw` past what its fields do before they are saved too.

        Raises what the database or the driver objects to.
        """
        row = model(**values)
        row.save_base(raw=raw, force_insert=True, using=DEFAULT_DB_ALIAS)
        self.inserted.append(row)
        return row

    def _made_unique(self, model: type[models.Model], values: Values, new: set[str], depth: int = 0) -> Values:
        """Change one field of every unique set that could repeat an existing row; `new` names those that cannot."""
        new = {name for name in new if not _is_small(model._meta.get_field(name))}
        for fields in unique_sets(model):
            names = {field.attname for field in fields}
            if names & new or not names <= set(values):
                continue
            self.number += 1
            field = min(fields, key=lambda each: (bool(each.remote_field), _is_small(each)))
            others = {name: values[name] for name in names - {field.attname}}
            is_key = bool(field.remote_field)
            values[field.attname] = self._parent(field, others, depth) if is_key else ordinary(field, self.number)
            new.add(field.attname)
        return values

    def _parent(self, field: Any, others: Values, depth: int) -> Any:
        """Return the key of an existing row that is not used together with `others` yet, or of a new one."""
        parent, target = field.remote_field.model, field.target_field
        free = _rows(parent).order_by("pk" if self.number % 2 else "-pk")
        if others or field.unique:
            used = _rows(field.model).filter(**others).exclude(**{field.attname: None}).values(field.attname)
            free = free.exclude(**{f"{target.name}__in": used})
        found = free.values_list(target.attname, flat=True).first()
        if found is None and not (field.null and not others):
            if depth >= DEEPEST:
                raise NoSample(f"the foreign keys of {field.model._meta.label} lead in a circle")
            row = self.insert(parent, self.ordinary(parent, depth=depth + 1))
            found = getattr(row, target.attname)
        return found


def _rows(model: type[models.Model]) -> Any:
    return model._base_manager.using(DEFAULT_DB_ALIAS)


def _own_type(model: type[models.Model], field: Any) -> Any:
    """Return the key of a model's content type, for the field in which its parent notes what a row really is."""
    target = field.remote_field.model
    has_children = any(getattr(each.field.remote_field, "parent_link", False) for each in model._meta.related_objects)
    if (field.model is model and not has_children) or target._meta.label_lower != "contenttypes.contenttype":
        return None
    own = _rows(target).filter(app_label=model._meta.app_label, model=model._meta.model_name)
    return own.values_list(field.target_field.attname, flat=True).first()


def _is_small(field: Any) -> bool:
    """Tell whether a field has so few values that a new row may repeat one."""
    return bool(field.choices) or isinstance(field, models.BooleanField) or bool(field.remote_field)
