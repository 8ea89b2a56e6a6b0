"""Where a query comes from: the project's lines and template lines on the stack, without keeping a frame."""

from __future__ import annotations

import dis
import inspect
import os
import re
import sys
import sysconfig
from contextvars import ContextVar
from functools import cache
from types import CodeType, FrameType, TracebackType
from typing import Any

import django
from asgiref.sync import SyncToAsync
from django.core.handlers.base import BaseHandler
from django.template.base import Node

Place = tuple[Any, ...]
"""(identity of a code object, instruction), or (template name, file, line)."""
CallPath = tuple[Place, ...]

ORIGIN: ContextVar[CallPath] = ContextVar("harness_origin", default=())
"""The path that led into this thread, or to the `await` behind it."""

_COMPREHENSION = re.compile(r"\.<locals>\.<(?:list|set|dict)comp>")
_PACKAGES = re.compile(r".*[/\\](?:site|dist)-packages[/\\]")
_INSTALLED, _OURS, _TEMPLATE, _SEAM, _END = range(5)
_FOREIGN = (
    os.path.realpath(sysconfig.get_paths()["stdlib"]),
    os.path.realpath(os.path.dirname(django.__file__)),
    os.path.realpath(os.path.dirname(os.path.dirname(__file__))),
    # Where the scripts of installed packages are: that of a server is below all that it serves.
    os.path.realpath(sysconfig.get_paths()["scripts"]),
)
# Looked up by identity, because a code object's hash is computed from its whole content each time; _CODES keeps every
# code object that has a role, so that no other one gets its identity.
_ROLES: dict[int, int] = {}
_CODES: dict[int, CodeType] = {}
_FROM = [os.curdir]


def name_from(folder: str) -> None:
    """Name files that lie below a folder from there on; others are still named from the current one."""
    if folder not in _FROM:
        _FROM.insert(0, folder)


def end_at(code: CodeType) -> None:
    """Let no call path go further out than a function: the one that calls the tests, for instance."""
    _set_role(code, _END)


def join_at(code: CodeType) -> None:
    """Continue a call path that reaches this function with the one that led into the thread."""
    _set_role(code, _SEAM)


def call_path(frame: FrameType | None, opener: FrameType | None) -> CallPath:
    """Collect the project's places from `frame` out to the frame `opener` (None: all), innermost first.

    Every place occurs once, so recursion collapses into one path and a loop gives one path. It runs for every query:
    each instruction in its loop costs a tenth of a percent of one.
    """
    found: dict[Place, None] = {}
    roles = _ROLES
    in_template = False
    while frame is not None:
        try:
            role = roles[id(frame.f_code)]
        except KeyError:
            role = _set_role(frame.f_code, _OURS if _is_of_project(frame.f_code.co_filename) else _INSTALLED)
        if role:
            if role == _OURS:
                found[id(frame.f_code), frame.f_lasti] = None
            elif role == _END:
                break
            elif role == _SEAM:
                found.update(dict.fromkeys(ORIGIN.get()))
            elif not in_template and (line := _template_line(frame)):
                in_template = True
                found[line] = None
        if frame is opener:
            break
        frame = frame.f_back
    return tuple(found)


def is_boundary(code: CodeType) -> bool:
    """Tell whether a frame that was walked before is the project's or a template's."""
    return _ROLES.get(id(code), _INSTALLED) in (_OURS, _TEMPLATE, _END)


def owner(frame: FrameType | None, opener: FrameType | None) -> type[Any] | None:
    """Find the innermost object of the project where only a framework's code ran: a serializer, a generic view.

    It reads locals, so it is asked once for each statement that has no call path.
    """
    while frame is not None and frame is not opener:
        kind = type(frame.f_locals.get("self"))
        module = sys.modules.get(kind.__module__)
        if getattr(module, "__file__", None) and _is_of_project(str(module.__file__)):  # type: ignore[union-attr]
            return kind
        frame = frame.f_back
    return None


def installed(frame: FrameType | None, opener: FrameType | None) -> dict[str, Any] | None:
    """Find the innermost line of an installed package but Django, where nothing of the project's is on the stack.

    A line of a package's template counts; what is outside of the view (a middleware around it) does not.
    """
    while frame is not None and frame is not opener and frame.f_code is not _VIEW:
        if _is_of_package(frame.f_code.co_filename):
            return {**place(frame.f_code, frame.f_lineno), "installed": True}
        if _ROLES.get(id(frame.f_code)) == _TEMPLATE and (line := _node_line(frame)) and _is_of_package(line[1]):
            return {"file": _relative(line[1]), "line": line[2], "function": "template", "installed": True}
        frame = frame.f_back
    return None


def describe(path: CallPath) -> list[dict[str, Any]]:
    """Return the places of a path as JSON types: file, line, function (of a template: "template"), and "loop".

    "loop" tells whether the place is inside a loop of its function; of a template that is not known, and taken for so.
    """
    found: list[dict[str, Any]] = []
    for each in map(_describe, path):
        if found and {**found[-1], "loop": each["loop"]} == each:
            found[-1]["loop"] |= each["loop"]
        else:
            found.append(dict(each))
    return found


def place(code: CodeType, line: int) -> dict[str, Any]:
    """Return file (relative to the release's folder where it lies inside), line and function.

    A comprehension is part of its function, as it is from Python 3.12 on.
    """
    function = _COMPREHENSION.sub("", getattr(code, "co_qualname", code.co_name))
    return {"file": _relative(code.co_filename), "line": line, "function": function}


@cache
def place_of(something: Any) -> dict[str, Any]:
    """Return where a class or function of the project is defined; without its source, the line is 0."""
    file = sys.modules[something.__module__].__file__ or ""
    try:
        line = inspect.getsourcelines(something)[1]
    except (OSError, TypeError):
        line = 0
    found = {"file": _relative(file), "line": line, "function": something.__qualname__}
    return found if not file or _is_of_project(file) else {**found, "installed": True}


def culprit(trace: TracebackType | None) -> dict[str, Any] | None:
    """Return the innermost place of the project in a traceback."""
    found = None
    while trace is not None:
        if _is_of_project(trace.tb_frame.f_code.co_filename):
            found = place(trace.tb_frame.f_code, trace.tb_lineno)
        trace = trace.tb_next
    return found


@cache
def _loops(code: CodeType) -> list[tuple[int, int]]:
    """List the loops of a function as (first, last) instruction: what a jump backwards spans."""
    jumps = [each for each in dis.get_instructions(code) if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs]
    return [(each.argval, each.offset) for each in jumps if each.argval <= each.offset]


def line_of(code: CodeType, instruction: int) -> int:
    """Return the line of an instruction."""
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno


def _set_role(code: CodeType, role: int) -> int:
    _CODES[id(code)] = code
    _ROLES[id(code)] = role
    return role


@cache
def _describe(each: Place) -> dict[str, Any]:
    if len(each) == 2:
        code, instruction = _CODES[each[0]], each[1]
        loop = any(first <= instruction <= last for first, last in _loops(code))
        return {**place(code, line_of(code, instruction)), "loop": loop}
    name, file, line = each
    inside = _relative(file) if os.path.isabs(file) else ""
    return {"file": inside if "/" in inside else name, "line": line, "function": "template", "loop": True}


def _template_line(frame: FrameType) -> Place | None:
    """Return the line of the template node that a frame renders, unless the template is an installed one."""
    line = _node_line(frame)
    return None if line and os.path.isabs(line[1]) and not _is_of_project(line[1]) else line


def _node_line(frame: FrameType) -> tuple[str, str, int] | None:
    node = frame.f_locals.get("self")
    origin, token = getattr(node, "origin", None), getattr(node, "token", None)
    if origin is None or token is None:
        return None
    return str(origin.template_name or origin.name), str(origin.name), int(token.lineno or 0)


@cache
def _is_of_project(name: str) -> bool:
    """Whether a file is neither of the standard library, nor installed, nor of the harness."""
    if name.startswith("<"):
        return False
    path = os.path.realpath(name)
    if _PACKAGES.search(path):
        return False
    return not path.startswith(tuple(folder + os.sep for folder in _FOREIGN))


@cache
def _is_of_package(name: str) -> bool:
    """Whether a file is installed, and not Django's or the harness's."""
    path = os.path.realpath(name)
    return _PACKAGES.search(path) is not None and not path.startswith(tuple(folder + os.sep for folder in _FOREIGN[1:]))


@cache
def _relative(name: str) -> str:
    """Return a path from the release's folder, of an installed file that from its package's, of others the name."""
    path = os.path.realpath(name)
    if packages := _PACKAGES.search(path):
        return path[packages.end() :]
    inside = (os.path.relpath(path, folder) for folder in _FROM)
    return next((relative for relative in inside if not relative.startswith("..")), os.path.basename(name))


_VIEW = BaseHandler._get_response.__code__  # type: ignore[attr-defined]  # pinned by a test
_set_role(Node.render_annotated.__code__, _TEMPLATE)
_set_role(SyncToAsync.thread_handler.__code__, _SEAM)
