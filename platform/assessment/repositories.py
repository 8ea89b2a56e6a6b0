"""Queries for submissions, quizzes and progress."""

from decimal import Decimal

from django.db.models import Count, DecimalField, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.models import AssessmentTask, Quiz, QuizTask, Submission, UserProgress
from core.repositories import Repository
from tasks.repositories import QuizTaskRepository
from users.models import User

POINTS = DecimalField(max_digits=12, decimal_places=2)


class SubmissionRepository(Repository[Submission]):
    """Submissions, each with its user and task."""

    model = Submission

    def all(self) -> QuerySet[Submission]:
        """Every submission in one query."""
        shown = ["user__username", "task__title", "task__max_score", "task__passing_score"]
        own = ["content", "submitted_at", "grade", "graded_at", "graded_by_id"]
        return super().all().select_related("user", "task").only("user_id", "task_id", *own, *shown)

    def of(self, user: User) -> QuerySet[Submission]:
        """The submissions of one user."""
        return self.all().filter(user=user)

    def tasks(self) -> QuerySet[AssessmentTask]:
        """What can be handed in."""
        return AssessmentTask.objects.all()


class QuizRepository(Repository[Quiz]):
    """Quizzes, each with its `task_count` and `total_points`."""

    model = Quiz

    def all(self) -> QuerySet[Quiz]:
        """Every quiz in one query, however many tasks they have."""
        places = Quiz.tasks.through.objects.filter(quiz=OuterRef("pk")).order_by().values("quiz")
        count = Subquery(places.annotate(count=Count("pk")).values("count"))
        points = Subquery(places.annotate(points=Sum("quiztask__max_score")).values("points"))
        return (
            super()
            .all()
            .annotate(task_count=Coalesce(count, 0), total_points=Coalesce(points, Decimal(0), output_field=POINTS))
        )

    def get(self, pk: int) -> Quiz:
        """The quiz with its tasks in full, by id, in two queries; raises NotFound."""
        return self.one(self.all().prefetch_related(Prefetch("tasks", QuizTaskRepository().all())), pk)

    def plain(self, pk: int) -> Quiz:
        """The quiz without its tasks, in one query; raises NotFound."""
        return self.one(super().all(), pk)

    def task(self, pk: int) -> QuizTask:
        """A task that may become part of a quiz; raises NotFound."""
        return QuizTaskRepository().one(QuizTask.objects.all(), pk)

    def place(self, quiz: Quiz, task: QuizTask) -> bool:
        """Adds the task; False if it is part of the quiz already."""
        _, added = Quiz.tasks.through.objects.get_or_create(quiz=quiz, quiztask=task)
        return added


class ProgressRepository(Repository[UserProgress]):
    """Progress, each with its user, its quiz with the quiz's tasks, and the completed tasks."""

    model = UserProgress

    def all(self) -> QuerySet[UserProgress]:
        """Every progress in three queries, however many tasks there are."""
        keys = QuizTask.objects.only("pk").order_by("pk")
        return (
            super()
            .all()
            .select_related("user", "quiz")
            .prefetch_related(Prefetch("completed_tasks", keys), Prefetch("quiz__tasks", keys))
        )

    def of(self, user: User) -> QuerySet[UserProgress]:
        """The progress of one user."""
        return self.all().filter(user=user)

    def started(self, user: User, quiz: Quiz) -> UserProgress:
        """The user's progress in the quiz, begun if need be, and locked until the transaction ends."""
        progress, _ = UserProgress.objects.select_for_update(no_key=True).get_or_create(user=user, quiz=quiz)
        progress.quiz = quiz  # so that nobody loads it again
        return progress

    def points(self, progress: UserProgress) -> Decimal:
        """The sum of the maximum scores of the completed tasks."""
        return progress.completed_tasks.aggregate(points=Coalesce(Sum("max_score"), Decimal(0)))["points"]

    def open_tasks(self, progress: UserProgress) -> QuerySet[QuizTask]:
        """The tasks of the quiz that are still to be completed."""
        return progress.quiz.tasks.exclude(pk__in=progress.completed_tasks.values("pk"))
