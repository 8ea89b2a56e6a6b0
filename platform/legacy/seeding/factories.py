"""What one object of the platform looks like.

The tests create objects with these; the seed builds its prototypes with them.
"""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory
from factory.random import randgen

from assessment.models import Quiz, Submission, UserProgress
from learning.models import Course
from seeding import text
from tasks.models import AssessmentTask, BaseTask, LearningTask, QuizTask
from users.models import User

MAX_SCORES = [Decimal(score) for score in ("5.00", "7.50", "10.00", "20.00", "25.00", "50.00", "100.00", "999.99")]
PASSING_SHARES = [Decimal(share) for share in ("0.00", "0.40", "0.50", "0.60", "1.00")]
CENT = Decimal("0.01")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"user-{number}")
    first_name = factory.LazyFunction(text.first_name)
    last_name = factory.LazyFunction(text.last_name)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = "!no password"
    role = User.Role.STUDENT
    date_joined = factory.LazyFunction(text.moment)

    class Params:
        instructor = factory.Trait(role=User.Role.INSTRUCTOR)
        administrator = factory.Trait(role=User.Role.ADMINISTRATOR)


class BaseTaskFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    title = factory.LazyFunction(text.task_title)
    description = factory.LazyFunction(text.paragraph)
    due_date = factory.LazyFunction(lambda: text.moment(text.YEAR, 3 * text.YEAR) if text.chance(70) else None)
    difficulty_level = factory.LazyFunction(lambda: randgen.choice(BaseTask.Difficulty.values))


class LearningTaskFactory(BaseTaskFactory):
    class Meta:
        model = LearningTask


class AssessmentTaskFactory(BaseTaskFactory):
    class Meta:
        model = AssessmentTask

    max_score = factory.LazyFunction(lambda: randgen.choice(MAX_SCORES))
    passing_score = factory.LazyAttribute(lambda task: (task.max_score * randgen.choice(PASSING_SHARES)).quantize(CENT))


class QuizTaskFactory(AssessmentTaskFactory):
    class Meta:
        model = QuizTask

    time_limit = factory.LazyFunction(lambda: randgen.choice([0, 1, 5, 10, 15, 30, 45, 60, 90, 180]))
    is_randomized = factory.LazyFunction(lambda: text.chance(40))


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course
        skip_postgeneration_save = True

    title = factory.LazyAttributeSequence(lambda course, number: f"{text.subject()} ({number})")
    description = factory.LazyFunction(text.paragraph)
    instructor = factory.SubFactory(UserFactory, instructor=True)

    @factory.post_generation
    def tasks(self, create, extracted, **kwargs):
        if create and extracted:
            self.tasks.add(*extracted)


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    user = factory.SubFactory(UserFactory)
    task = factory.SubFactory(AssessmentTaskFactory)
    content = factory.LazyFunction(text.answer)
    grade = None

    class Params:
        graded = factory.Trait(grade=factory.LazyAttribute(lambda submission: submission.task.passing_score))


class QuizFactory(DjangoModelFactory):
    class Meta:
        model = Quiz
        skip_postgeneration_save = True

    title = factory.LazyFunction(lambda: f"Quiz: {text.subject()}")
    description = factory.LazyFunction(text.paragraph)

    @factory.post_generation
    def tasks(self, create, extracted, **kwargs):
        if create and extracted:
            self.tasks.add(*extracted)


class UserProgressFactory(DjangoModelFactory):
    class Meta:
        model = UserProgress
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    quiz = factory.SubFactory(QuizFactory)

    @factory.post_generation
    def completed_tasks(self, create, extracted, **kwargs):
        if create and extracted:
            self.completed_tasks.add(*extracted)
            self.total_score = sum(task.max_score for task in extracted)
            self.is_completed = {task.pk for task in extracted} >= {task.pk for task in self.quiz.tasks.all()}
            self.save()
