"""The operations that both releases have and that matter most: every list, the pages of big objects, four writes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Operation(NamedTuple):
    """A request by an actor; its body may name the `{last}` task and an `{open_question}` of the student's quiz."""

    name: str
    path: str
    actor: str = "administrator"
    body: dict[str, str] | None = None
    by_hand: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it shows a page of parents."""
        return self.name.startswith("list")

    def request(self, parents: int) -> dict[str, Any]:
        """What the runner sends."""
        numbers = {"last": parents, "open_question": parents + 5}
        body = {key: value.format(**numbers) for key, value in self.body.items()} if self.body else None
        return {"method": "POST" if body else "GET", "path": self.path, "actor": self.actor, "body": body}


LARGEST_PAGE = "?page_size=200"
OPERATIONS = (
    Operation("list users", f"/api/users/{LARGEST_PAGE}"),
    Operation("list courses", f"/api/courses/{LARGEST_PAGE}", by_hand=True),
    Operation("list learning tasks", f"/api/learning-tasks/{LARGEST_PAGE}"),
    Operation("list assessment tasks", f"/api/assessment-tasks/{LARGEST_PAGE}"),
    Operation("list quiz tasks", f"/api/quiz-tasks/{LARGEST_PAGE}"),
    Operation("list submissions", f"/api/submissions/{LARGEST_PAGE}", by_hand=True),
    Operation("list quizzes", f"/api/quizzes/{LARGEST_PAGE}"),
    Operation("list progress", f"/api/progress/{LARGEST_PAGE}", by_hand=True),
    Operation("show course", "/api/courses/1/", by_hand=True),
    Operation("show quiz", "/api/quizzes/1/"),
    Operation("create submission", "/api/submissions/", "student", {"task": "1", "content": "My answer"}),
    Operation("grade submission", "/api/submissions/1/grade/", "instructor", {"grade": "7.50"}),
    Operation("add task to course", "/api/courses/1/tasks/", "instructor", {"task": "{last}"}),
    Operation("complete quiz task", "/api/quizzes/1/complete/", "student", {"task": "{open_question}"}),
)
