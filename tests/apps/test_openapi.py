"""The OpenAPI document: current, complete, and true; and the page that shows it."""

import json

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.management.commands.spectacular import SchemaGenerationError
from jsonschema import ValidationError

from core.openapi.views import ASSETS
from learning.openapi import OPERATIONS
from tests.apps.openapi import COMMITTED, check, document
from tests.factories import CourseFactory, LearningTaskFactory, QuizFactory, SubmissionFactory

pytestmark = pytest.mark.django_db
CURRENT = "python platform/manage.py spectacular --file docs/openapi.yaml"


def generate(path):
    GENERATOR_STATS.reset()
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(path))
    return path.read_text(encoding="utf-8")


def test_the_committed_document_is_the_current_one(tmp_path):
    assert COMMITTED.read_text(encoding="utf-8") == generate(tmp_path / "openapi.yaml"), f"run: {CURRENT}"


def test_an_operation_that_nobody_declared_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("learning.openapi.OPERATIONS", dict(list(OPERATIONS.items())[1:]))
    with pytest.raises(SchemaGenerationError):
        generate(tmp_path / "openapi.yaml")
    assert "learning.openapi does not declare GET of CourseListView" in capsys.readouterr().err


def test_the_document_is_served_to_everybody(client):
    answer = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert json.loads(answer.content) == document()


@pytest.mark.parametrize("name", ASSETS)
def test_the_page_comes_with_its_files(client, name):
    page = client.get("/api/docs/")
    assert f"/api/docs/{name}" in page.content.decode()
    assert "default-src 'self'" in page["Content-Security-Policy"]
    answer = client.get(f"/api/docs/{name}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == ASSETS[name]
    assert len(answer.content) > 500


def test_no_other_file_is_served(client):
    for name in ["swagger-ui.css.map", "..%2f__init__.py", "%2e%2e/__init__.py"]:
        assert client.get(f"/api/docs/{name}").status_code == 404


@pytest.fixture
def objects(student):
    """Objects that paths may name; the submissions are those of the student."""
    made = {
        "courses": CourseFactory,
        "quizzes": QuizFactory,
        "submissions": lambda: SubmissionFactory(user=student.user),
    }
    return lambda path: made[path.split("/")[2]]().pk if "{" in path else None


OF_STUDENTS = {
    ("/api/submissions/", "post"),
    ("/api/submissions/{id}/", "put"),
    ("/api/quizzes/{id}/complete/", "post"),
}


def bodies():
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"]["$ref"].rpartition("/")[2]
                yield pytest.param(path, method, document()["components"]["schemas"][name], id=f"{method} {path}")


@pytest.mark.parametrize(("path", "method", "schema"), list(bodies()))
def test_what_a_body_must_hold_is_what_the_api_asks_for(people, objects, path, method, schema):
    person = people["student"] if (path, method) in OF_STUDENTS else people["administrator"]
    answer = person.client.generic(method.upper(), path.format(id=objects(path)), "{}", "application/json")
    required = set(schema.get("required", []))
    assert answer.status_code == (400 if required else 200), answer.content
    assert not required or {each["field"] for each in answer.json()["errors"]} == required


@pytest.mark.parametrize("key", ["title", "unknown"])
def test_an_answer_that_differs_from_the_document_is_noticed(administrator, key):
    answer = administrator.get(f"courses/{CourseFactory(tasks=[LearningTaskFactory()]).pk}/")
    body = answer.json()
    answer.content = json.dumps(body | {"unknown": 1} if key == "unknown" else {k: body[k] for k in body if k != key})
    with pytest.raises(ValidationError, match=key):
        check("/api/courses/1/", "get", answer)


def test_an_answer_of_a_status_that_the_document_does_not_know_is_noticed(administrator):
    answer = administrator.get("courses/")
    answer.status_code = 418
    with pytest.raises(AssertionError, match="418 is not in the document"):
        check("/api/courses/", "get", answer)
    with pytest.raises(AssertionError, match="no path"):
        check("/api/lectures/", "get", answer)
