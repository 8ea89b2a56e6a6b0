"""docs/services.md: its examples run, and it names every public method of every service."""

import doctest
import re
from pathlib import Path

import pytest

from assessment.services import AssessmentService
from learning.services import CourseService
from tasks.services import AssessmentTaskService, LearningTaskService, QuizTaskService
from tests.factories import UserFactory
from users.models import User
from users.services import UserService

PAGE = (Path(__file__).parents[2] / "docs" / "services.md").read_text(encoding="utf-8")
EXAMPLES = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVICES = [
    CourseService,
    AssessmentService,
    LearningTaskService,
    AssessmentTaskService,
    QuizTaskService,
    UserService,
]


@pytest.fixture
def people(db):
    roles = {"instructor": User.Role.INSTRUCTOR, "administrator": User.Role.ADMINISTRATOR}
    names = ["student", "another_student", "instructor", "administrator"]
    return {name: UserFactory(username=name, role=roles.get(name, User.Role.STUDENT)) for name in names}


def run(text, names):
    """How many examples there are, how many fail, and what is said about them."""
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    result = runner.run(doctest.DocTestParser().get_doctest(text, dict(names), "services", None, 0), out=said.append)
    return result.attempted, result.failed, "".join(said)


def test_the_examples_run_as_shown(people):
    attempted, failed, said = run("\n".join(EXAMPLES.findall(PAGE)), people)
    assert (attempted > 40, failed) == (True, 0), said


def test_an_example_that_is_wrong_is_noticed(people):
    assert run(">>> student.username\n'teacher'\n", people)[1] == 1


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_method_is_named_and_says_what_it_does(service):
    methods = {name: getattr(service, name) for name in dir(service) if not name.startswith("_")}
    methods = {name: method for name, method in methods.items() if callable(method) and name != "repository_class"}
    assert [name for name in methods if not re.search(rf"[`.]{name}\b", PAGE)] == []
    assert [name for name, method in methods.items() if not method.__doc__] == []
    assert service.__name__ in PAGE
