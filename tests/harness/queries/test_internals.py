"""The methods of Django and asgiref that the capture hooks into or recognises are there, and work as it expects."""

from __future__ import annotations

import inspect
from pathlib import Path

import django
from asgiref.sync import SyncToAsync
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.handlers.base import BaseHandler
from django.db.backends.utils import CursorWrapper
from django.db.models.query import QuerySet
from django.template.base import Node
from django.test import override_settings

from harness.agent import hooks
from harness.agent.capture import Capture


def test_every_statement_passes_the_method_that_is_replaced() -> None:
    for method in (CursorWrapper.execute, CursorWrapper.executemany):
        assert "_execute_with_wrappers" in inspect.getsource(method)
    assert list(inspect.signature(CursorWrapper._execute_with_wrappers).parameters) == [
        *("self", "sql", "params", "many", "executor")
    ]


def test_a_template_renders_its_nodes_by_the_method_that_is_recognised() -> None:
    assert "self.render(context)" in inspect.getsource(Node.render_annotated)


def test_a_queryset_reads_rows_by_the_methods_that_are_recognised() -> None:
    assert "_prefetch_related_objects" in inspect.getsource(QuerySet._fetch_all)
    assert "prefetch_related_objects" in inspect.getsource(QuerySet._iterator)
    assert "_insert" in inspect.getsource(QuerySet._batched_insert)


def test_the_admin_and_the_handler_work_by_the_methods_that_are_recognised() -> None:
    # Read, not imported: the admin's modules need a project.
    admin = Path(django.__file__).parent / "contrib/admin"
    columns = (admin / "templatetags/admin_list.py").read_text().partition("def items_for_result(cl, ")[2]
    results = (admin / "views/main.py").read_text().partition("def get_results(self")[2]
    assert "enumerate(cl.list_display)" in columns.partition("\ndef ")[0]
    assert "full_result_count = self.root_queryset.count()" in results.partition("\n    def ")[0]
    assert "wrapped_callback(request" in inspect.getsource(BaseHandler._get_response)  # type: ignore[attr-defined]


def test_after_the_last_capture_nothing_of_the_hooks_is_left() -> None:
    hooks.let_go()
    before = _hooked()
    with Capture(), Capture():
        assert _hooked() != before
        assert len(hooks.active) == 2

    assert _hooked() == before
    assert not hooks.active


def test_hooks_that_are_held_stay_between_captures_until_they_are_let_go() -> None:
    hooks.let_go()
    before = _hooked()
    hooks.hold()
    with Capture():
        inside = _hooked()
    try:
        assert _hooked() == inside != before
    finally:
        hooks.let_go()
    assert _hooked() == before


def test_a_cache_that_is_configured_while_the_hooks_are_held_is_counted() -> None:
    hooks.hold()
    try:
        with Capture():
            pass
        with (
            override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}),
            Capture() as capture,
        ):
            caches["default"].get("key")
    finally:
        hooks.let_go()

    assert capture.operations == {"get": 1}


def _hooked() -> tuple[object, ...]:
    return CursorWrapper._execute_with_wrappers, SyncToAsync.__call__, LocMemCache.get
