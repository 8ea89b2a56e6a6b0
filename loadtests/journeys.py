"""People of the platform for the page: edit and add as you like; each class can be chosen by its name."""

from __future__ import annotations

import random
from typing import Any

from locust import task

from harness.load.journeys import Journey


def one_of(page: Any) -> Any:
    """Return one object of a list's page, None where it is empty."""
    return random.choice(page["results"]) if page and page["results"] else None  # noqa: S311  # nosec B311  # load


class BrowsingStudent(Journey):
    """Looks around in the courses and hands something in."""

    actor = "student"

    @task(4)
    def browse(self) -> None:
        """Open a course and one of its tasks."""
        course = one_of(self.get("list courses", "/api/courses/"))
        if course:
            shown = self.get("show course", f"/api/courses/{course['id']}/")
            for each in (shown or {}).get("tasks", [])[:2]:
                self.get("show learning task", f"/api/learning-tasks/{each['id']}/")

    @task(1)
    def submit(self) -> None:
        """Hand in a task; somebody who has done so before is told so, which is no failure."""
        found = one_of(self.get("list assessment tasks", "/api/assessment-tasks/"))
        if found:
            body = {"task": found["id"], "content": "What I found out."}
            self.post("create submission", "/api/submissions/", body, expect=(409,))


class QuizTaker(Journey):
    """Takes a quiz, question by question, and looks at the result."""

    actor = "student"

    @task
    def take_a_quiz(self) -> None:
        """Complete the first tasks of a quiz."""
        quiz = one_of(self.get("list quizzes", "/api/quizzes/"))
        if quiz:
            shown = self.get("show quiz", f"/api/quizzes/{quiz['id']}/")
            for each in (shown or {}).get("tasks", [])[:3]:
                self.post("complete quiz task", f"/api/quizzes/{quiz['id']}/complete/", {"task": each["id"]})
            self.get("list own progress", "/api/progress/")


class GradingInstructor(Journey):
    """Reads submissions and grades them."""

    actor = "instructor"

    @task
    def grade(self) -> None:
        """Grade one submission that has no grade yet."""
        page = self.get("list submissions", "/api/submissions/?page_size=20")
        for each in (page or {}).get("results", []):
            if each["grade"] is None:
                self.post("grade submission", f"/api/submissions/{each['id']}/grade/", {"grade": "1.00"})
                return


class OverlookingAdministrator(Journey):
    """Looks through the overviews, page after page."""

    actor = "administrator"

    @task
    def look_through(self) -> None:
        """Open the lists of users, and one user."""
        found = one_of(self.get("list users", "/api/users/"))
        if found:
            self.get("show user", f"/api/users/{found['id']}/")
            self.get("list users", "/api/users/?page_size=100")
