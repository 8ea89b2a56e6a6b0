"""Lists of Django's admin: whose columns made a query run, and which queries are the list's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType

_DEEPEST = 200
_COLUMNS = "django.contrib.admin.templatetags.admin_list", "items_for_result"
_MAIN = "django.contrib.admin.views.main"


def admin_of(frame: FrameType | None) -> str:
    """Return the name of the ModelAdmin whose list was being shown on this stack, "" where none was."""
    module = sys.modules.get(_COLUMNS[0])
    code = getattr(getattr(module, _COLUMNS[1], None), "__code__", None)
    if code is None:
        return ""
    for each in _outwards(frame):
        if each.f_code is code:
            admin = each.f_locals["cl"].model_admin
            own = type(admin).__module__ != "django.contrib.admin.options"
            return type(admin).__name__ if own else f"a ModelAdmin of {admin.model._meta.label}"
    return ""


def is_counting(codes: set[int]) -> bool:
    """Tell by the code on the stack (identities) whether the admin counts a list: it asks twice, also for all rows."""
    changes = getattr(sys.modules.get(_MAIN), "ChangeList", None)
    return changes is not None and id(changes.get_results.__code__) in codes


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    for _ in range(_DEEPEST):
        if frame is None:
            return
        yield frame
        frame = frame.f_back
