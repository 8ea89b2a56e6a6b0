"""What one object of the refactored platform looks like; every value can be given instead."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from core.models import AssessmentTask, Course, CourseTask, LearningTask, Quiz, QuizTask, Submission, UserProgress
from users.models import User


class UserFactory(DjangoModelFactory):
    """A student without a usable password."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Ada"
    last_name = "Lovelace"
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    role = User.Role.STUDENT


class LearningTaskFactory(DjangoModelFactory):
    class Meta:
        model = LearningTask

    title = factory.Sequence(lambda n: f"Read chapter {n}")


class AssessmentTaskFactory(DjangoModelFactory):
    class Meta:
        model = AssessmentTask

    title = factory.Sequence(lambda n: f"Essay {n}")
    max_score = Decimal("10.00")
    passing_score = Decimal("5.00")


class QuizTaskFactory(AssessmentTaskFactory):
    class Meta:
        model = QuizTask

    title = factory.Sequence(lambda n: f"Question {n}")
    time_limit = 5


class CourseFactory(DjangoModelFactory):
    """A course without tasks; `tasks=[...]` adds some in that order."""

    class Meta:
        model = Course
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Course {n}")
    instructor = factory.SubFactory(UserFactory, role=User.Role.INSTRUCTOR)

    @factory.post_generation
    def tasks(self, create, tasks):
        for position, task in enumerate(tasks or [], start=1):
            CourseTask.objects.create(course=self, task=task, position=position)


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    user = factory.SubFactory(UserFactory)
    task = factory.SubFactory(AssessmentTaskFactory)
    content = "My answer"


class QuizFactory(DjangoModelFactory):
    """A quiz without tasks; `tasks=[...]` adds some."""

    class Meta:
        model = Quiz
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Quiz {n}")

    @factory.post_generation
    def tasks(self, create, tasks):
        self.tasks.add(*(tasks or []))


class UserProgressFactory(DjangoModelFactory):
    """Progress in a quiz; `completed=[...]` adds completed tasks."""

    class Meta:
        model = UserProgress
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    quiz = factory.SubFactory(QuizFactory)

    @factory.post_generation
    def completed(self, create, tasks):
        self.completed_tasks.add(*(tasks or []))
