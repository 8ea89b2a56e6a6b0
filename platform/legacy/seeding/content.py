"""The rows of a seeded platform, table by table, as a pure function of the number of learners and the seed.

Every table draws from its own random source, named after the seed and the table, and uses integers only where a
floating-point function could round differently on another machine. Rows are generated, never kept; what several tables
share is kept as small integers.
"""

import hashlib
from datetime import timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

import factory.random

from assessment.models import Quiz, Submission, UserProgress
from learning.models import Course
from seeding import factories, text
from tasks.models import AssessmentTask, LearningTask, QuizTask
from users.models import User

PROTOTYPES = 64
UNUSABLE = "!" + "0" * 40
ADMINISTRATORS = 2
LARGEST_COURSE = 80
SUBMISSIONS_PER_LEARNER = ([0, 2, 6, 12, 20, 32, 60, 110], [5, 11, 18, 24, 20, 13, 7, 2])
QUIZZES_PER_LEARNER = ([0, 1, 3, 5, 8, 14], [8, 14, 25, 25, 20, 8])
TASKS_PER_QUIZ = ([1, 4, 6, 8, 10, 15, 25], [4, 16, 24, 24, 18, 10, 4])
EMPTY_COURSES, UNTAUGHT_COURSES, UNGRADED_LATELY, UNGRADED_BEFORE = 4, 4, 85, 12  # percent


def token_key(seed, username):
    """Return the key of a seeded user's token: throw-away data, the same for the same seed."""
    return hashlib.sha256(f"{seed}:{username}".encode()).hexdigest()[:40]


def falling_weights(count, start=4):
    """Return cumulative integer weights that fall like 1/rank, as popularity does."""
    return list(accumulate(10**9 // (start + rank) for rank in range(count)))


class Content:
    """A platform with so many learners.

    Users have the ids 1 and 2 (administrators), then the instructors, then the learners. The first of each role is
    named after the role and is the one to demonstrate with.
    """

    def __init__(self, learners, seed, password_hash=UNUSABLE):
        self.learners = learners
        self.seed = seed
        self.password_hash = password_hash
        self.instructors = max(2, learners // 50)
        self.courses = max(6, learners // 20)
        self.learning_tasks = max(30, learners // 4)
        self.plain_assessment_tasks = max(16, learners // 10)
        self.quiz_tasks = max(24, learners // 8)
        self.quizzes = max(12, learners // 40)
        self.first_learner = ADMINISTRATORS + self.instructors + 1
        self.users = ADMINISTRATORS + self.instructors + learners
        self.assessment_tasks = self.plain_assessment_tasks + self.quiz_tasks
        self.first_quiz_task = self.plain_assessment_tasks + 1
        factory.random.reseed_random(f"{seed}:prototypes")
        self.user_prototypes = factories.UserFactory.build_batch(PROTOTYPES)
        self.learning_task_prototypes = factories.LearningTaskFactory.build_batch(PROTOTYPES)
        self.quiz_task_prototypes = factories.QuizTaskFactory.build_batch(PROTOTYPES)
        self.course_prototypes = factories.CourseFactory.build_batch(PROTOTYPES, instructor=None)
        self.quiz_prototypes = factories.QuizFactory.build_batch(PROTOTYPES)
        self.answers = [factories.SubmissionFactory.build(user=None, task=None).content for _ in range(PROTOTYPES)]

    def random(self, topic):
        return Random(f"{self.seed}:{topic}")

    def username(self, user_id):
        if user_id <= ADMINISTRATORS:
            return "administrator" if user_id == 1 else f"administrator{user_id}"
        if user_id < self.first_learner:
            number = user_id - ADMINISTRATORS
            return "instructor" if number == 1 else f"instructor{number}"
        number = user_id - self.first_learner + 1
        return "student" if number == 1 else f"learner{number}"

    def role(self, user_id):
        if user_id <= ADMINISTRATORS:
            return User.Role.ADMINISTRATOR.value
        return (User.Role.INSTRUCTOR if user_id < self.first_learner else User.Role.STUDENT).value

    def user_rows(self):
        random = self.random("users")
        for user_id in range(1, self.users + 1):
            named, surnamed = random.choices(self.user_prototypes, k=2)
            username = self.username(user_id)
            demonstrated = user_id in (1, ADMINISTRATORS + 1, self.first_learner)
            yield (
                user_id,
                self.password_hash if demonstrated else UNUSABLE,
                seconds_after(random, named.date_joined) if random.randrange(100) < 80 else None,
                False,
                username,
                named.first_name,
                surnamed.last_name,
                f"{username}@example.org" if random.randrange(100) < 95 else "",
                user_id <= ADMINISTRATORS,
                True,
                named.date_joined,
                self.role(user_id),
            )

    def token_rows(self):
        for user_id in range(1, self.users + 1):
            yield token_key(self.seed, self.username(user_id)), user_id, text.EPOCH + timedelta(seconds=user_id)

    def membership_rows(self, group_ids):
        """Yield every user as a member of the group of the role; group_ids maps roles to ids."""
        for user_id in range(1, self.users + 1):
            yield user_id, user_id, group_ids[self.role(user_id)]

    def learning_task_rows(self):
        random = self.random("learning tasks")
        for task_id in range(1, self.learning_tasks + 1):
            yield task_id, *self.task_values(random, self.learning_task_prototypes)

    @cached_property
    def scored_prototypes(self):
        """The prototype of each assessment task, in the order of the ids; a quiz task's is of the same pool."""
        return self.random("scores").choices(self.quiz_task_prototypes, k=self.assessment_tasks)

    def assessment_task_rows(self):
        random = self.random("assessment tasks")
        for task_id, scored in enumerate(self.scored_prototypes, start=1):
            values = self.task_values(random, self.quiz_task_prototypes)
            yield task_id, *values, scored.max_score, scored.passing_score

    def quiz_task_rows(self):
        for task_id in range(self.first_quiz_task, self.assessment_tasks + 1):
            prototype = self.scored_prototypes[task_id - 1]
            yield task_id, prototype.time_limit, prototype.is_randomized

    def task_values(self, random, prototypes):
        titled, described = random.choices(prototypes, k=2)
        created = text.EPOCH + timedelta(seconds=random.randrange(text.YEAR), microseconds=random.randrange(10**6))
        changed = seconds_after(random, created)
        return titled.title, described.description, created, changed, described.due_date, titled.difficulty_level

    def course_rows(self):
        random = self.random("courses")
        popularity = falling_weights(self.instructors, start=2)
        instructors = range(ADMINISTRATORS + 1, self.first_learner)
        for course_id in range(1, self.courses + 1):
            prototype = random.choice(self.course_prototypes)
            [instructor] = random.choices(instructors, cum_weights=popularity)
            if course_id == 1:
                instructor = instructors[0]
            elif course_id == self.courses or random.randrange(100) < UNTAUGHT_COURSES:
                instructor = None
            yield course_id, f"{random.choice(text.SUBJECTS)} {course_id}", prototype.description, instructor

    def course_task_rows(self):
        """Yield a few large courses and many small ones, in no order of size; tasks of a course by id."""
        random = self.random("course tasks")
        sizes = [min(self.learning_tasks, 2 + LARGEST_COURSE // rank) for rank in range(1, self.courses + 1)]
        random.shuffle(sizes)
        row_id = 0
        for course_id, size in enumerate(sizes, start=1):
            if course_id > 2 and random.randrange(100) < EMPTY_COURSES:
                continue
            for task_id in sorted(random.sample(range(1, self.learning_tasks + 1), size)):
                row_id += 1
                yield row_id, course_id, task_id

    def quiz_rows(self):
        random = self.random("quizzes")
        for quiz_id in range(1, self.quizzes + 1):
            prototype = random.choice(self.quiz_prototypes)
            yield quiz_id, prototype.title, prototype.description

    @cached_property
    def tasks_of_quizzes(self):
        """The task ids of each quiz, in the order of the ids; the last quiz has none yet."""
        random = self.random("quiz tasks")
        sizes, weights = TASKS_PER_QUIZ
        ids = range(self.first_quiz_task, self.assessment_tasks + 1)
        drawn = random.choices([min(size, len(ids)) for size in sizes], weights, k=self.quizzes - 1)
        return [*(sorted(random.sample(ids, size)) for size in drawn), []]

    def quiz_task_link_rows(self):
        row_id = 0
        for quiz_id, task_ids in enumerate(self.tasks_of_quizzes, start=1):
            for task_id in task_ids:
                row_id += 1
                yield row_id, quiz_id, task_id

    def pairs(self, topic, choices, limit, per_learner):
        """Return (learner, choice) pairs without duplicates, a few choices popular, packed as integers, shuffled."""
        random = self.random(topic)
        ranked = list(range(1, choices + 1))
        random.shuffle(ranked)
        popularity = falling_weights(choices)
        counts, weights = per_learner
        packed = []
        for learner in range(self.first_learner, self.users + 1):
            [count] = random.choices(counts, weights)
            if learner == self.first_learner:
                count = counts[-1]
            drawn = dict.fromkeys(random.choices(ranked, cum_weights=popularity, k=count * 4 // 3))
            packed.extend(learner * (choices + 1) + choice for choice in list(drawn)[: min(count, limit)])
        random.shuffle(packed)
        return [divmod(pair, choices + 1) for pair in packed]

    def submission_rows(self):
        """Yield submissions in the order of time; most of the latest tenth is not graded yet.

        A learner leaves at least a third of the tasks open.
        """
        pairs = self.pairs("submissions", self.assessment_tasks, self.assessment_tasks * 2 // 3, SUBMISSIONS_PER_LEARNER)
        random = self.random("submission content")
        step = text.YEAR // max(1, len(pairs))
        lately = len(pairs) * 9 // 10
        grades = {score: possible_grades(score) for score in {task.max_score for task in self.scored_prototypes}}
        for row_id, (learner, task_id) in enumerate(pairs, start=1):
            submitted = text.EPOCH + timedelta(seconds=text.YEAR + row_id * step, microseconds=random.randrange(10**6))
            ungraded = random.randrange(100) < (UNGRADED_LATELY if row_id > lately else UNGRADED_BEFORE)
            grade = None if ungraded else random.choice(grades[self.scored_prototypes[task_id - 1].max_score])
            yield row_id, random.choice(self.answers), submitted, grade, task_id, learner

    @cached_property
    def progress_pairs(self):
        return self.pairs("progress", self.quizzes - 1, max(1, (self.quizzes - 1) * 2 // 3), QUIZZES_PER_LEARNER)

    def progress(self):
        """Yield (id, learner, quiz, completed task ids): two in five complete, one in seven not begun."""
        random = self.random("completed tasks")
        for row_id, (learner, quiz_id) in enumerate(self.progress_pairs, start=1):
            task_ids = self.tasks_of_quizzes[quiz_id - 1]
            state = random.randrange(100)
            if state < 40:
                completed = task_ids
            elif state < 55:
                completed = []
            else:
                completed = random.sample(task_ids, random.randrange(len(task_ids) + 1))
            yield row_id, learner, quiz_id, completed

    def progress_rows(self):
        scores = [task.max_score for task in self.scored_prototypes]
        for row_id, learner, quiz_id, completed in self.progress():
            total = sum(scores[task_id - 1] for task_id in completed)
            yield row_id, total, len(completed) == len(self.tasks_of_quizzes[quiz_id - 1]), learner, quiz_id

    def completed_task_rows(self):
        row_id = 0
        for progress_id, _, _, completed in self.progress():
            for task_id in completed:
                row_id += 1
                yield row_id, progress_id, task_id

    def tables(self):
        """Yield (model, columns, rows) of each table that has no need of the database, parents first."""
        task = ("id", "title", "description", "created_at", "updated_at", "due_date", "difficulty_level")
        yield User, USER_COLUMNS, self.user_rows()
        yield LearningTask, task, self.learning_task_rows()
        yield AssessmentTask, (*task, "max_score", "passing_score"), self.assessment_task_rows()
        yield QuizTask, ("assessmenttask_ptr_id", "time_limit", "is_randomized"), self.quiz_task_rows()
        yield Course, ("id", "title", "description", "instructor_id"), self.course_rows()
        yield Course.tasks.through, ("id", "course_id", "learningtask_id"), self.course_task_rows()
        yield Quiz, ("id", "title", "description"), self.quiz_rows()
        yield Quiz.tasks.through, ("id", "quiz_id", "quiztask_id"), self.quiz_task_link_rows()
        yield Submission, ("id", "content", "submitted_at", "grade", "task_id", "user_id"), self.submission_rows()
        yield UserProgress, ("id", "total_score", "is_completed", "user_id", "quiz_id"), self.progress_rows()
        completed = UserProgress.completed_tasks.through
        yield completed, ("id", "userprogress_id", "quiztask_id"), self.completed_task_rows()


USER_COLUMNS = (
    "id", "password", "last_login", "is_superuser", "username", "first_name", "last_name", "email", "is_staff", "is_active",
    "date_joined", "role",
)


def seconds_after(random, moment):
    return moment + timedelta(seconds=random.randrange(text.YEAR))


def possible_grades(max_score):
    """Return the grades a task can get as text: nothing, everything, and eighteen steps between, mostly good ones."""
    twentieths = [0, *range(4, 21), 13, 14, 15, 16, 17, 18, 20]
    return [f"{max_score * twentieth / 20:.2f}" for twentieth in twentieths]
