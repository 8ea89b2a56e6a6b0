"""Rules of handing in, grading and working through quizzes."""

from assessment.services.grading import Grading
from assessment.services.progress import QuizProgress
from assessment.services.quizzes import Quizzes
from assessment.services.submissions import Submissions


class AssessmentService(Submissions, Grading, Quizzes, QuizProgress):
    """Submissions, grades, quizzes and progress.

    Students hand in once for a task, hand in again until it is graded, work through quizzes and see their own;
    instructors and administrators see and grade everything and put quizzes together.
    """


__all__ = ["AssessmentService"]
