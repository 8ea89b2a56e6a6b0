"""The seed: deterministic, skewed as platforms are, consistent, and only for an empty database."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from assessment.models import Quiz, Submission, UserProgress
from learning.models import Course
from seeding import factories
from seeding.bulk import ProgressLine
from tasks.models import AssessmentTask, LearningTask, QuizTask
from users.models import User

APPS = ("users", "tasks", "learning", "assessment", "authtoken")
LEARNERS = 60
FINGERPRINT = "fbcd016232d5c75211da583ab57e84ab45bd80492a16022da2899c4234c9573c"  # of 60 learners and seed 1
Tables = dict[str, list[tuple[Any, ...]]]


def seed(learners: int = LEARNERS, seed: int = 1, **options: Any) -> str:
    output = StringIO()
    call_command("seed", learners=learners, seed=seed, stdout=output, **options)
    return output.getvalue()


def read_tables() -> Tables:
    """Return the rows of every table of the platform, apart from ids that other rows used up before."""
    tables = {}
    for app in APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            names = [field.attname for field in model._meta.concrete_fields]
            tables[model._meta.db_table] = sorted(model._base_manager.values_list(*names), key=repr)
    tables["users_user_groups"] = sorted(User.groups.through.objects.values_list("user_id", "group__name"))
    grants = User.user_permissions.through.objects.values_list("user_id", "permission__codename")
    tables["users_user_user_permissions"] = sorted(grants)
    return tables


@pytest.fixture
def empty(db: None) -> None:
    if User.objects.exists():
        pytest.skip("the seed needs a database without users")


@pytest.fixture(scope="module")
def tables_of(django_db_setup: None, django_db_blocker: Any) -> Callable[[int, int], Tables]:
    """Return a function that seeds a database, reads it and takes everything back; each platform is seeded once."""
    known: dict[tuple[int, int], Tables] = {}

    def read(learners: int = LEARNERS, number: int = 1, again: bool = False) -> Tables:
        if again or (learners, number) not in known:
            with django_db_blocker.unblock(), transaction.atomic():
                if User.objects.exists():
                    pytest.skip("the seed needs a database without users")
                seed(learners, number)
                known[learners, number] = read_tables()
                transaction.set_rollback(True)
        return known[learners, number]

    return read


@pytest.fixture(scope="module")
def tables(tables_of: Callable[..., Tables]) -> Tables:
    return tables_of()


def rows(tables: Tables, model: Any, *names: str) -> list[tuple[Any, ...]]:
    """Return the asked columns of a table that was read."""
    places = [[field.attname for field in model._meta.concrete_fields].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in tables[model._meta.db_table]]


def test_the_same_seed_gives_the_same_platform(tables: Tables, tables_of: Callable[..., Tables]) -> None:
    assert tables_of(again=True) == tables


def test_another_seed_gives_another_platform(tables: Tables, tables_of: Callable[..., Tables]) -> None:
    other = tables_of(LEARNERS, 2)
    assert [table for table in tables if other[table] == tables[table]] == [
        "users_user_groups",
        "users_user_user_permissions",
    ]


def test_content_is_the_same_on_every_machine(tables: Tables) -> None:
    content = json.dumps(tables, sort_keys=True, default=str)
    assert hashlib.sha256(content.encode()).hexdigest() == FINGERPRINT


def test_there_are_as_many_users_as_asked(tables: Tables) -> None:
    roles = Counter(role for (role,) in rows(tables, User, "role"))
    assert roles == {"student": LEARNERS, "instructor": 2, "administrator": 2}
    assert len(tables["authtoken_token"]) == len(tables["users_user_groups"]) == LEARNERS + 4
    assert Counter(group for _, group in tables["users_user_groups"]) == {
        "Students": LEARNERS,
        "Instructors": 2,
        "Administrators": 2,
    }


def test_one_learner_stands_for_about_fifty_rows(tables_of: Callable[..., Tables]) -> None:
    learners = 400
    total = sum(len(each) for each in tables_of(learners).values())
    assert 35 * learners < total < 65 * learners


def test_a_few_courses_are_large_and_many_are_small(tables_of: Callable[..., Tables]) -> None:
    tables = tables_of(400)
    sizes = Counter(course for (course,) in rows(tables, Course.tasks.through, "course_id"))
    ordered = sorted((sizes[course] for (course,) in rows(tables, Course, "id")), reverse=True)
    assert sum(ordered[: len(ordered) // 5]) > sum(ordered) / 2
    assert ordered[-1] < 10 < 60 < ordered[0]


def test_some_courses_have_no_instructor(tables_of: Callable[..., Tables]) -> None:
    instructors = Counter(instructor for (instructor,) in rows(tables_of(400), Course, "instructor_id"))
    assert 0 < instructors[None] < 10


def test_submissions_favour_a_few_tasks(tables_of: Callable[..., Tables]) -> None:
    tables = tables_of(400)
    by_task = Counter(task for (task,) in rows(tables, Submission, "task_id"))
    ordered = [number for _, number in by_task.most_common()]
    assert ordered[0] > 4 * ordered[len(ordered) // 2]
    by_user = Counter(user for (user,) in rows(tables, Submission, "user_id"))
    assert max(by_user.values()) > 3 * sum(by_user.values()) / 400


def test_late_submissions_are_mostly_ungraded(tables_of: Callable[..., Tables]) -> None:
    submissions = sorted(rows(tables_of(400), Submission, "submitted_at", "grade"), key=lambda row: row[0])
    latest = submissions[-len(submissions) // 20 :]
    ungraded = [sum(grade is None for _, grade in part) / len(part) for part in (submissions, latest)]
    assert 0.1 < ungraded[0] < 0.4 < 0.7 < ungraded[1]


def test_grades_stay_within_the_scale(tables: Tables) -> None:
    scales = dict(rows(tables, AssessmentTask, "id", "max_score"))
    graded = [row for row in rows(tables, Submission, "task_id", "grade") if row[1] is not None]
    assert all(0 <= grade <= scales[task] for task, grade in graded)
    assert any(grade == scales[task] for task, grade in graded)
    assert all(0 <= passing <= scale for passing, scale in rows(tables, AssessmentTask, "passing_score", "max_score"))


def test_progress_agrees_with_the_completed_tasks(tables: Tables) -> None:
    scales = dict(rows(tables, AssessmentTask, "id", "max_score"))
    tasks_of: dict[int, set[int]] = {}
    for quiz, task in rows(tables, Quiz.tasks.through, "quiz_id", "quiztask_id"):
        tasks_of.setdefault(quiz, set()).add(task)
    done: dict[int, set[int]] = {}
    for progress, task in rows(tables, UserProgress.completed_tasks.through, "userprogress_id", "quiztask_id"):
        done.setdefault(progress, set()).add(task)
    states = Counter()
    for pk, quiz, total, is_completed in rows(tables, UserProgress, "id", "quiz_id", "total_score", "is_completed"):
        completed = done.get(pk, set())
        assert completed <= tasks_of[quiz]
        assert total == sum(scales[task] for task in completed)
        assert is_completed == (completed == tasks_of[quiz])
        states["complete" if is_completed else "begun" if completed else "not begun"] += 1
    assert all(states[state] > 5 for state in ("complete", "begun", "not begun"))


def test_the_difficult_cases_of_text_occur(tables_of: Callable[..., Tables]) -> None:
    tables = tables_of(400)
    names = [name for row in rows(tables, User, "first_name", "last_name", "email") for name in row]
    texts = [text for (text,) in rows(tables, LearningTask, "description")]
    titles = [title for (title,) in rows(tables, LearningTask, "title")]
    contents = [content for (content,) in rows(tables, Submission, "content")]
    assert "" in names
    assert "" in texts
    assert not all(name.isascii() for name in names)
    assert max(map(len, names)) == 150
    assert max(map(len, titles)) <= 200
    assert max(map(len, contents)) > 2000
    assert all(contents)
    assert any("\t" in content and '"' in content and "\\" in content for content in contents)


def test_nothing_is_dated_by_the_clock(tables: Tables) -> None:
    moments = [moment for row in rows(tables, AssessmentTask, "created_at", "updated_at") for moment in row]
    moments += [moment for (moment,) in rows(tables, Submission, "submitted_at")]
    assert {moment.year for moment in moments} <= {2024, 2025, 2026}
    assert max(moments).isoformat() < "2026-01-02"


def test_every_user_has_a_token_that_works(empty: None) -> None:
    seed()
    for role in ("student", "instructor", "administrator"):
        token = Token.objects.get(user__username=role)
        shown = APIClient(HTTP_AUTHORIZATION=f"Token {token.key}").get("/api/users/me/").json()
        assert shown["role"] == role


def test_every_operation_finds_something_to_do(empty: None) -> None:
    seed()
    students = User.objects.filter(role="student")
    open_tasks = QuizTask.objects.count()
    assert students.filter(progress__is_completed=False).distinct().count() > LEARNERS / 2
    assert min(AssessmentTask.objects.count() - user.submissions.count() for user in students) >= open_tasks // 3
    assert User.objects.get(username="instructor").courses.exists()
    assert Quiz.objects.filter(tasks=None).count() == 1


def test_new_rows_follow_after_the_seeded_ones(empty: None) -> None:
    seed()
    for factory in (
        factories.UserFactory,
        factories.CourseFactory,
        factories.LearningTaskFactory,
        factories.QuizTaskFactory,
        factories.SubmissionFactory,
        factories.UserProgressFactory,
    ):
        created = factory()
        assert created.pk == type(created).objects.order_by("-pk")[0].pk
    Course.objects.get(pk=1).tasks.add(factories.LearningTaskFactory())
    UserProgress.objects.get(pk=1).completed_tasks.add(factories.QuizTaskFactory())
    User.objects.get(pk=1).groups.add(Group.objects.get(name="Students"))


def test_groups_grant_what_their_members_need(empty: None) -> None:
    seed()
    assert User.objects.get(username="student").has_perm("assessment.add_submission")
    assert not User.objects.get(username="student").has_perm("assessment.change_submission")
    assert User.objects.get(username="instructor").has_perms(["learning.change_course", "assessment.delete_submission"])
    assert not User.objects.get(username="instructor2").has_perm("assessment.delete_submission")
    assert User.objects.get(username="administrator").has_perms(["users.delete_user", "tasks.delete_quiztask"])


def test_a_password_is_for_the_users_to_demonstrate_with(empty: None) -> None:
    seed(5, password="open sesame")
    assert User.objects.get(username="student").check_password("open sesame")
    assert not User.objects.get(username="learner2").has_usable_password()
    credentials = {"username": "instructor", "password": "open sesame"}
    assert APIClient().post("/api/tokens/", credentials).status_code == 200


def test_nobody_has_a_password_unless_asked(empty: None) -> None:
    seed(5)
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_a_platform_of_one_learner_is_complete(empty: None) -> None:
    seed(1)
    assert User.objects.filter(role="student").count() == 1
    assert Submission.objects.exists()
    assert UserProgress.objects.exists()


def test_seeding_states_the_number_of_rows(empty: None) -> None:
    output = seed(verbosity=2)
    assert sum(int(line.split()[-1].replace(",", "")) for line in output.splitlines()[:-1]) == int(
        output.splitlines()[-1].split()[1].replace(",", "")
    )
    assert f"assessment_submission {Submission.objects.count():>32,}" in output


def test_seeding_takes_few_statements(empty: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        seed()
    assert len(queries) < 80


def test_a_database_with_users_is_left_alone(db: None, student: User) -> None:
    before = Course.objects.count()
    with pytest.raises(CommandError, match="The database already has users: seed an empty one"):
        seed()
    assert Course.objects.count() == before


@pytest.mark.parametrize("learners", [0, -1])
def test_a_platform_without_learners_is_refused(learners: int, db: None) -> None:
    with pytest.raises(CommandError, match="--learners must be at least 1"):
        seed(learners)


def test_a_missing_permission_is_named_and_nothing_is_kept(empty: None) -> None:
    Permission.objects.filter(codename="change_quiz").delete()
    with pytest.raises(CommandError, match=r"permission change_quiz does not exist: run manage.py migrate first"):
        seed()
    assert not User.objects.exists()


def test_a_database_without_tables_is_named(empty: None) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE users_user RENAME TO elsewhere")
        with pytest.raises(CommandError, match=r"no tables yet: run manage.py migrate first"):
            seed()
        transaction.set_rollback(True)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = Terminal(), StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    seed()
    assert "seeding assessment_submission: 0 rows" in terminal.getvalue()
    ProgressLine(file)("users_user", 1)
    assert file.getvalue() == ""
