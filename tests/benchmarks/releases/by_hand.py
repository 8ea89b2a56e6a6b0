"""What the answers cost at least: hand-written SQL and `json.dumps`, as a plain Django view with nothing else.

The bodies are those of the API, byte for byte; the runner compares them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

USER = """SELECT u.id FROM authtoken_token t JOIN users_user u ON u.id = t.user_id WHERE t.key = %s AND u.is_active"""

COURSES = """
SELECT c.id, c.title, c.description, u.id, u.username, u.first_name, u.last_name
FROM learning_course c LEFT JOIN users_user u ON u.id = c.instructor_id {where} ORDER BY c.id {limit}"""

SUMMARIES = """
SELECT x.course_id, t.id, t.title, t.difficulty_level
FROM learning_course_tasks x JOIN tasks_learningtask t ON t.id = x.learningtask_id
WHERE x.course_id IN ({ids}) ORDER BY x.position, x.learningtask_id"""

FULL_TASKS = """
SELECT t.id, t.title, t.description, t.created_at, t.updated_at, t.due_date, t.difficulty_level
FROM learning_course_tasks x JOIN tasks_learningtask t ON t.id = x.learningtask_id
WHERE x.course_id = %s ORDER BY x.position, x.learningtask_id"""

MEMBERSHIPS = """
SELECT learningtask_id, course_id FROM learning_course_tasks WHERE learningtask_id IN ({ids}) ORDER BY course_id"""

SUBMISSIONS = """
SELECT s.id, u.id, u.username, t.id, t.title, t.max_score, s.content, s.submitted_at, s.grade,
  s.grade >= t.passing_score
FROM assessment_submission s JOIN users_user u ON u.id = s.user_id JOIN tasks_assessmenttask t ON t.id = s.task_id
ORDER BY s.id LIMIT %s OFFSET %s"""

PROGRESS = """
SELECT p.id, u.id, u.username, q.id, q.title, p.total_score, p.is_completed
FROM assessment_userprogress p JOIN users_user u ON u.id = p.user_id JOIN assessment_quiz q ON q.id = p.quiz_id
ORDER BY p.id LIMIT %s OFFSET %s"""

COMPLETED = """
SELECT userprogress_id, quiztask_id FROM assessment_userprogress_completed_tasks
WHERE userprogress_id IN ({ids}) ORDER BY quiztask_id"""

QUIZ_TASKS = "SELECT quiz_id, quiztask_id FROM assessment_quiz_tasks WHERE quiz_id IN ({ids})"


def rows(sql: str, *values: object) -> list[Any]:
    """Run a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def children(sql: str, parents: list[int]) -> defaultdict[int, list[Any]]:
    """Run a query for the children of all parents; the first column is the parent."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for parent, *child in rows(sql.format(ids=", ".join(map(str, parents)))):
        found[parent].append(child)
    return found


def page(request: HttpRequest, table: str, sql: str) -> tuple[dict[str, Any], list[Any]]:
    """The page that the request asks for: its frame, and the rows."""
    size, number = int(request.GET["page_size"]), int(request.GET.get("page", 1))
    ((count,),) = rows(f"SELECT COUNT(*) FROM {table}")
    here = request.build_absolute_uri(request.path)
    later = f"{here}?page={number + 1}&page_size={size}" if count > number * size else None
    return {"count": count, "next": later, "previous": None}, rows(sql, size, (number - 1) * size)


def moment(value: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return value and value.isoformat().removesuffix("+00:00") + "Z"


def points(value: Any) -> str | None:
    """Points as the API writes them; SQLite returns floats."""
    return None if value is None else f"{value:.2f}"


def answer(body: Any) -> HttpResponse:
    """The body as the API's renderer writes it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text.encode(), content_type="application/json")


def allowed(request: HttpRequest) -> bool:
    """Whether the token is somebody's."""
    return bool(rows(USER, request.headers["Authorization"].removeprefix("Token ")))


def courses(request: HttpRequest) -> HttpResponse:
    """List courses."""
    if not allowed(request):
        return HttpResponse(status=401)
    frame, found = page(request, "learning_course", COURSES.format(where="", limit="LIMIT %s OFFSET %s"))
    tasks = children(SUMMARIES, [row[0] for row in found])
    results = [
        course(row, [dict(zip(("id", "title", "difficulty_level"), task, strict=True)) for task in tasks[row[0]]])
        for row in found
    ]
    return answer({**frame, "results": results})


def course(row: Any, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """A course with its tasks."""
    instructor = dict(zip(("id", "username", "first_name", "last_name"), row[3:], strict=True)) if row[3] else None
    return {
        "id": row[0],
        "title": row[1],
        "description": row[2],
        "instructor": instructor,
        "tasks": tasks,
        "task_count": len(tasks),
    }


def one_course(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course with its tasks in full."""
    if not allowed(request):
        return HttpResponse(status=401)
    found = rows(COURSES.format(where="WHERE c.id = %s", limit=""), pk)
    if not found:
        return HttpResponse(status=404)
    tasks = rows(FULL_TASKS, pk)
    memberships = children(MEMBERSHIPS, [task[0] for task in tasks])
    shown = [
        {
            "id": task[0],
            "title": task[1],
            "description": task[2],
            "created_at": moment(task[3]),
            "updated_at": moment(task[4]),
            "due_date": moment(task[5]),
            "difficulty_level": task[6],
            "courses": [row[0] for row in memberships[task[0]]],
        }
        for task in tasks
    ]
    return answer(course(found[0], shown))


def submissions(request: HttpRequest) -> HttpResponse:
    """List submissions."""
    if not allowed(request):
        return HttpResponse(status=401)
    frame, found = page(request, "assessment_submission", SUBMISSIONS)
    results = [
        {
            "id": row[0],
            "user": {"id": row[1], "username": row[2]},
            "task": {"id": row[3], "title": row[4], "max_score": points(row[5])},
            "content": row[6],
            "submitted_at": moment(row[7]),
            "grade": points(row[8]),
            "passed": None if row[9] is None else bool(row[9]),
        }
        for row in found
    ]
    return answer({**frame, "results": results})


def progress(request: HttpRequest) -> HttpResponse:
    """List progress."""
    if not allowed(request):
        return HttpResponse(status=401)
    frame, found = page(request, "assessment_userprogress", PROGRESS)
    completed = children(COMPLETED, [row[0] for row in found])
    wanted = children(QUIZ_TASKS, list({row[3] for row in found}))
    results = []
    for row in found:
        done, all_tasks = [task for (task,) in completed[row[0]]], {task for (task,) in wanted[row[3]]}
        results.append(
            {
                "id": row[0],
                "user": {"id": row[1], "username": row[2]},
                "quiz": {"id": row[3], "title": row[4]},
                "completed_tasks": done,
                "total_score": points(row[5]),
                "is_completed": bool(row[6]),
                "percent": len(all_tasks.intersection(done)) * 100 // len(all_tasks) if all_tasks else 0,
            }
        )
    return answer({**frame, "results": results})


urlpatterns = [
    path("api/courses/", courses),
    path("api/courses/<int:pk>/", one_course),
    path("api/submissions/", submissions),
    path("api/progress/", progress),
]
