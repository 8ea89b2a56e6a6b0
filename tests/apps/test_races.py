"""Two requests at once, each in a session of its own, on a real PostgreSQL: one of the serial orders comes out."""

import threading
from decimal import Decimal
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from assessment.services import AssessmentService
from core.exceptions import Conflict, ServiceError
from core.models import CourseTask, Submission
from learning.services import CourseService
from tests.factories import AssessmentTaskFactory, CourseFactory, LearningTaskFactory, SubmissionFactory, UserFactory
from users.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("engine", ["postgresql"], indirect=True)]

WAITING = "SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE NOT granted"
PATIENCE = 20


class Session(threading.Thread):
    """A call in a session of its own; `outcome` is what it returned, or how it was refused."""

    def __init__(self, call):
        super().__init__()
        self.call, self.outcome = call, None
        self.start()

    def run(self):
        try:
            self.outcome = self.call()
        except ServiceError as error:
            self.outcome = error
        finally:
            connection.close()


def wait_for_waiting(count):
    """Returns when that many sessions wait for a lock."""
    until = monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while cursor.execute(WAITING).fetchone()[0] < count:
            assert monotonic() < until, "nobody waits for the lock"
            sleep(0.01)


def behind(change, *calls):
    """Makes the change, starts the calls while it is not committed and sees them wait; returns their outcomes."""
    with transaction.atomic():
        change()
        sessions = [Session(call) for call in calls]
        wait_for_waiting(len(calls))
    for session in sessions:
        session.join(PATIENCE)
    return [session.outcome for session in sessions]


def at_once(*calls):
    """Starts the calls together; returns their outcomes."""
    barrier = threading.Barrier(len(calls))

    def together(call):
        barrier.wait()
        return call()

    sessions = [Session(lambda call=call: together(call)) for call in calls]
    for session in sessions:
        session.join(PATIENCE)
    return [session.outcome for session in sessions]


@pytest.fixture
def graders(phase3):
    return UserFactory.create_batch(2, role=User.Role.INSTRUCTOR)


def grade(submission, points, actor, **seen):
    return lambda: AssessmentService().grade(submission.pk, Decimal(points), actor=actor, **seen)


def left(submission):
    submission.refresh_from_db()
    return submission.grade, submission.graded_by


def test_who_saw_no_grade_does_not_overwrite_one_that_was_given_meanwhile(graders):
    submission = SubmissionFactory()
    first, second = (grade(submission, 3 + number, actor, previous=None) for number, actor in enumerate(graders))
    (outcome,) = behind(first, second)
    assert isinstance(outcome, Conflict)
    assert left(submission) == (3, graders[0])


def test_who_grades_anyway_waits_and_leaves_grade_and_grader_of_one(graders):
    submission = SubmissionFactory()
    (outcome,) = behind(grade(submission, 3, graders[0]), grade(submission, 4, graders[1]))
    assert outcome.grade == 4
    assert left(submission) == (4, graders[1])


def test_of_many_graders_who_saw_no_grade_one_wins(graders):
    submission = SubmissionFactory()
    outcomes = at_once(*(grade(submission, number, graders[number % 2], previous=None) for number in range(6)))
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Submission)]
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 5
    assert left(submission) == (winner.grade, User.objects.get(pk=winner.graded_by_id))


def test_what_is_being_graded_is_not_handed_in_again(graders):
    submission = SubmissionFactory(content="Graded")
    resubmit = AssessmentService().resubmit
    (outcome,) = behind(
        grade(submission, 3, graders[0]), lambda: resubmit(submission.pk, "Other", actor=submission.user)
    )
    assert isinstance(outcome, Conflict)
    assert Submission.objects.get(pk=submission.pk).content == "Graded"


def test_graders_of_the_same_many_do_not_deadlock(graders):
    keys = [each.pk for each in SubmissionFactory.create_batch(40)]

    def grade_all(order, points, actor):
        items = [{"submission": key, "grade": Decimal(points)} for key in order]
        return lambda: AssessmentService().grade_all(items, actor=actor)

    for _ in range(3):
        outcomes = at_once(grade_all(keys, 1, graders[0]), grade_all(keys[::-1], 2, graders[1]))
        assert [len(outcome) for outcome in outcomes] == [40, 40]
        assert Submission.objects.filter(pk__in=keys).values("grade", "graded_by").distinct().count() == 1


@pytest.fixture
def course(phase3):
    return CourseFactory(title="Race", tasks=LearningTaskFactory.create_batch(3))


def places(course):
    return list(CourseTask.objects.filter(course=course).order_by("position").values_list("task_id", "position"))


def test_whoever_reorders_learns_of_a_task_that_was_added_meanwhile(course):
    new, before = LearningTaskFactory(), places(course)
    service, actor = CourseService(), course.instructor
    backwards = [task for task, _ in before[::-1]]
    (outcome,) = behind(
        lambda: service.add_task(course.pk, new.pk, actor=actor),
        lambda: service.reorder_tasks(course.pk, backwards, actor=actor),
    )
    assert isinstance(outcome, Conflict)
    assert places(course) == [*before, (new.pk, 4)]


def test_tasks_that_are_added_at_once_get_places_of_their_own(course):
    new = LearningTaskFactory.create_batch(4)
    calls = [lambda task=task: CourseService().add_task(course.pk, task.pk, actor=course.instructor) for task in new]
    assert not any(isinstance(outcome, ServiceError) for outcome in at_once(*calls))
    assert [position for _, position in places(course)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_task_that_is_added_twice_at_once_is_there_once(course):
    new = LearningTaskFactory()
    outcomes = at_once(*[lambda: CourseService().add_task(course.pk, new.pk, actor=course.instructor)] * 3)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
    assert len(places(course)) == 4


def test_a_task_that_is_handed_in_twice_at_once_is_there_once(phase3):
    student, task = UserFactory(), AssessmentTaskFactory()
    outcomes = at_once(*[lambda: AssessmentService().submit(task.pk, "Mine", actor=student)] * 3)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
    assert Submission.objects.filter(user=student).count() == 1
