"""Why a query ran, read from Django's own frames below the project's line: through which relation, by which method."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from types import CodeType, FrameType
from typing import Any

from asgiref.sync import SyncToAsync
from django.apps import apps
from django.db.models import Model
from django.db.models.deletion import Collector
from django.db.models.fields import related_descriptors as related
from django.db.models.query import QuerySet, RawQuerySet, prefetch_one_level, prefetch_related_objects
from django.db.models.query_utils import DeferredAttribute

from harness.agent.admin_lists import admin_of, is_counting
from harness.agent.callpath import is_boundary

# Frames with the identity of their code: its hash is computed from its whole content each time.
Frames = list[tuple[int, FrameType]]
_DEEPEST = 60
# Who cuts batches by hand cuts large ones; fewer rows in one statement are those of one object.
_FEW = 50


@dataclass(frozen=True)
class Cause:
    """What made a query run.

    `kind`: "forward", "reverse one", "deferred", "generic", "related", "count", "exists", "aggregate", "pick" (one row
    of a relation or table: first, get, filter), "whole" (all rows of a table), "save", "add" (to a relation to many),
    "update", "delete", "prefetch", "raw", "batch" or "other".
    `model` is the model whose instances were walked over (of a "pick" without relation: the model asked for), `name`
    its relation or field, `target` the model behind it, all as labels. `narrowed`: the relation was filtered further.
    `admin` is the ModelAdmin whose list was being shown.
    """

    kind: str
    model: str = ""
    name: str = ""
    target: str = ""
    narrowed: bool = False
    method: str = ""
    admin: str = ""

    @property
    def benign(self) -> bool:
        """Whether Django itself splits one operation into several statements."""
        return self.kind == "batch"

    @property
    def relation(self) -> str:
        """The relation or field as "app.Model.name", "" where none is behind it."""
        return f"{self.model}.{self.name}" if self.name else ""


def find_cause(frame: FrameType | None, sql: str) -> Cause:
    """Find the cause of a query, `frame` being the one that executed it; reads locals of Django's frames only."""
    cause = _find(frame, sql)
    # Without a relation there is nothing that its list could load at once.
    admin = admin_of(frame) if cause.name else ""
    return replace(cause, admin=admin) if admin else cause


def _find(frame: FrameType | None, sql: str) -> Cause:
    frames = _below_project(frame)
    codes = {code for code, _ in frames}
    if not any(_is_orm(each.f_code) for _, each in frames):
        return Cause("raw")
    if written := _written_whole(frames):
        return written
    if (
        is_counting(codes)
        or codes & _BATCHES
        or (_PREFETCH in codes and codes & _ITERATOR)
        or _is_chunk_of_aiterator(frames)
    ):
        return Cause("batch")
    for code, each in frames:
        reader = _descriptors().get(code)
        if reader:
            cause: Cause = reader(each)
            return cause
    if _PREFETCH in codes:
        return Cause("prefetch")
    return _by_model(frames, codes, sql) or _by_queryset(frames) or Cause("other")


def _written_whole(frames: Frames) -> Cause | None:
    """Recognise bulk_create(), bulk_update() or add() of a few objects: if it comes again, Django did not split it."""
    for code, frame in frames:
        if code not in _BATCHES:
            continue
        rows = len(frame.f_locals["objs"])
        if rows > 1 and (rows > _FEW or rows > (frame.f_locals["batch_size"] or rows)):
            return None
        if manager := _many_to_many_manager(frames):
            return Cause("add", _label(type(manager.instance)), manager.prefetch_cache_name, _label(manager.model))
        kind, method = ("save", "bulk_create") if code in _INSERTS else ("update", "bulk_update")
        return Cause(kind, _label(frame.f_locals["self"].model), method=method)
    return None


def _is_chunk_of_aiterator(frames: Frames) -> bool:
    """Whether rows are prefetched that a coroutine of Django's collected: aiterator() is not on the thread's stack."""
    rows = [frame.f_locals["model_instances"] for code, frame in frames if code == _PREFETCH]
    return bool(rows) and len(rows[-1]) > 1 and any(code == _THREAD for code, _ in frames)


def find_prefetch(frame: FrameType | None) -> tuple[str, str] | None:
    """Return (model of the list, path to what is loaded) where a query is one of prefetch_related(), else None."""
    path = ""
    for code, each in _below_project(frame):
        if code == _PREFETCH_LEVEL:
            path = each.f_locals["lookup"].get_current_prefetch_to(each.f_locals["level"])
        elif code == _PREFETCH and path:
            rows = each.f_locals["model_instances"]
            return (_label(type(rows[0])), path) if rows and isinstance(rows[0], Model) else None
    return None


def _below_project(frame: FrameType | None) -> Frames:
    found: Frames = []
    while frame is not None and len(found) < _DEEPEST and not is_boundary(frame.f_code):
        found.append((id(frame.f_code), frame))
        frame = frame.f_back
    return found


def _is_orm(code: CodeType) -> bool:
    return "/django/db/models/" in code.co_filename.replace("\\", "/")


def _is_of_choices(code: CodeType) -> bool:
    return code.co_name == "__iter__" and code.co_filename.replace("\\", "/").endswith("/django/forms/models.py")


def _label(model: Any) -> str:
    return str(model._meta.label)


def _forward(frame: FrameType) -> Cause:
    field, instance = frame.f_locals["self"].field, frame.f_locals["instance"]
    return Cause("forward", _label(type(instance)), field.name, _label(field.related_model))


def _reverse_one(frame: FrameType) -> Cause:
    relation, instance = frame.f_locals["self"].related, frame.f_locals["instance"]
    return Cause("reverse one", _label(type(instance)), relation.get_accessor_name(), _label(relation.related_model))


def _deferred(frame: FrameType) -> Cause:
    field, instance = frame.f_locals["self"].field, frame.f_locals["instance"]
    return Cause("deferred", _label(type(instance)), field.name)


def _generic(frame: FrameType) -> Cause:
    descriptor, instance = frame.f_locals["self"], frame.f_locals["instance"]
    return Cause("generic", _label(type(instance)), getattr(descriptor, "field", descriptor).name)


def _by_model(frames: Frames, codes: set[int], sql: str) -> Cause | None:
    """Recognise a model that saves or deletes itself, and what a queryset's deletion splits into batches."""
    for code, frame in frames:
        if code == _SAVE:
            kind = "update" if sql.startswith("UPDATE") else "save"
            return Cause(kind, _label(type(frame.f_locals["self"])))
        if code == _DELETE_ONE:
            return Cause("delete", _label(type(frame.f_locals["self"])))
        if code == _DELETE_ALL:
            many = " IN (" in sql and bool(codes & _COLLECTING)
            return Cause("batch") if many else Cause("delete", _label(frame.f_locals["self"].model))
    return None


def _by_queryset(frames: Frames) -> Cause | None:
    """Take the outermost method of a queryset: first() asks through __getitem__, get_or_create() through get()."""
    outermost = next(((_METHODS[code], frame) for code, frame in reversed(frames) if code in _METHODS), None)
    if outermost is None:
        return Cause("raw") if any(code in _RAW for code, _ in frames) else None
    name, frame = outermost
    if name in ("count", "exists") and (manager := _many_to_many_manager(frames)):
        instance = _label(type(manager.instance))
        return Cause(name, instance, manager.prefetch_cache_name, _label(manager.model), method=name)
    queryset = frame.f_locals.get("self")
    if not isinstance(queryset, QuerySet):
        return None
    if name in ("update", "bulk_create", "create", "get_or_create", "update_or_create"):
        kind = "update" if name == "update" else "save"
        return Cause(kind, _label(queryset.model), method=name)
    kind = {"_fetch_all": "related", "_iterator": "related"}.get(name, name)
    kind = kind if kind in ("related", "count", "exists", "aggregate") else "pick"
    relation, narrowed = _relation(queryset)
    if relation is None and kind == "related" and not queryset.query.where.children and not queryset.query.is_sliced:
        choices = any(_is_of_choices(each.f_code) for _, each in frames)
        return Cause("whole", _label(queryset.model), method="choices" if choices else name)
    if relation is None:
        return Cause("pick" if kind == "related" else kind, _label(queryset.model), method=name)
    owner, accessor = relation
    return Cause(kind, _label(owner), accessor, _label(queryset.model), narrowed, name)


def _many_to_many_manager(frames: Frames) -> Any:
    """Find the manager of a many-to-many relation, which counts in the table between without joining the models."""
    for _, frame in frames:
        manager = frame.f_locals.get("self") if frame.f_code.co_filename == related.__file__ else None
        if hasattr(manager, "prefetch_cache_name") and hasattr(manager, "instance"):
            return manager
    return None


def _relation(queryset: Any) -> tuple[tuple[Any, str] | None, bool]:
    """Return (model, accessor) of the relation that a queryset came from, and whether it was filtered further."""
    instance = queryset._hints.get("instance")
    conditions = len(queryset.query.where.children)
    narrowed = conditions > 1 or queryset.query.is_sliced
    for field in queryset._known_related_objects:
        if instance is not None and not getattr(field, "many_to_many", False):
            return (type(instance), field.remote_field.get_accessor_name()), narrowed
    if isinstance(instance, Model):
        for name, model in _many_relations(type(instance), queryset):
            if model is queryset.model or issubclass(queryset.model, model):
                return (type(instance), name), narrowed or conditions > 2
    if generic := _generic_relation(queryset):
        return generic, conditions > 2
    return _compared(queryset), conditions > 1


def _many_relations(model: Any, queryset: Any) -> list[tuple[str, Any]]:
    """List the many-to-many relations of a model that a query joins, by accessor."""
    joined = {getattr(each, "table_name", "") for each in queryset.query.alias_map.values()}
    found = [
        (field.name, field.related_model)
        for field in model._meta.many_to_many
        if field.remote_field.through._meta.db_table in joined
    ]
    found += [
        (each.get_accessor_name(), each.related_model)
        for each in model._meta.related_objects
        if each.many_to_many and each.through._meta.db_table in joined
    ]
    return found


def _generic_relation(queryset: Any) -> tuple[Any, str] | None:
    """Find the generic relation whose two columns a query compares; its content type is looked up in Django's cache."""
    exact = {
        condition.lhs.target.name: condition.rhs
        for condition in queryset.query.where.children
        if getattr(condition, "lookup_name", "") == "exact" and hasattr(condition.lhs, "target")
    }
    for model in apps.get_models():
        for field in model._meta.private_fields:
            names = {getattr(field, "content_type_field_name", ""), getattr(field, "object_id_field_name", "")}
            if field.related_model is queryset.model and names <= set(exact):
                types = sys.modules["django.contrib.contenttypes.models"].ContentType.objects
                known = types._cache.get(queryset.db, {}).get((model._meta.app_label, model._meta.model_name))
                if known is not None and known.pk == exact[field.content_type_field_name]:
                    return model, field.name
    return None


def _compared(queryset: Any) -> tuple[Any, str] | None:
    """Read filter(course=course), which a related manager would have been: the parent and its accessor."""
    for condition in queryset.query.where.children:
        field = getattr(getattr(condition, "lhs", None), "target", None)
        exact = getattr(condition, "lookup_name", "") == "exact"
        if exact and field is not None and field.remote_field and field.model is queryset.model:
            accessor = field.remote_field.get_accessor_name()
            if accessor and not field.remote_field.hidden:
                return field.related_model, accessor
    return None


def _descriptors() -> dict[int, Any]:
    fields: Any = sys.modules.get("django.contrib.contenttypes.fields")
    if fields is not None and "generic" not in _KNOWN:
        descriptor = getattr(fields, "GenericForeignKeyDescriptor", fields.GenericForeignKey)
        _KNOWN["generic"] = True
        _READERS[id(descriptor.__get__.__code__)] = _generic
    return _READERS


def _code(function: Any) -> int:
    return id(getattr(function, "__wrapped__", function).__code__)


def _codes(kind: Any, *names: str) -> set[int]:
    """Return the code of some methods; what another version of Django does not have is never met."""
    return {_code(getattr(kind, name)) for name in names if hasattr(kind, name)}


_KNOWN: dict[str, bool] = {}
_READERS: dict[int, Any] = {
    _code(related.ForwardManyToOneDescriptor.__get__): _forward,
    _code(related.ReverseOneToOneDescriptor.__get__): _reverse_one,
    _code(DeferredAttribute.__get__): _deferred,
}
_PREFETCH = _code(prefetch_related_objects)
_PREFETCH_LEVEL = _code(prefetch_one_level)
_SAVE = _code(Model.save_base)
_DELETE_ONE = _code(Model.delete)
_DELETE_ALL = _code(QuerySet.delete)
_COLLECTING = {_code(Collector.collect), _code(Collector.delete)}
_ITERATOR = _codes(QuerySet, "_iterator")
_THREAD = _code(SyncToAsync.thread_handler)
_INSERTS = _codes(QuerySet, "_batched_insert")
_BATCHES = _codes(QuerySet, "_batched_insert", "bulk_update")
_RAW = _codes(RawQuerySet, "__iter__", "_fetch_all")
_METHODS = {
    _code(getattr(QuerySet, name)): name
    for name in (
        *("_fetch_all", "_iterator", "aggregate", "count", "create", "exists", "get", "get_or_create"),
        *("contains", "first", "last", "in_bulk", "update", "update_or_create", "__getitem__", "bulk_create"),
    )
    if hasattr(QuerySet, name)
}
