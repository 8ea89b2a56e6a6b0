"""Queries for submissions, quizzes and progress."""

from assessment.repositories.progress import ProgressRepository
from assessment.repositories.quizzes import QuizRepository
from assessment.repositories.submissions import SubmissionRepository


class AssessmentRepository(SubmissionRepository):
    """Submissions; and beside them `quizzes` and `progress`."""

    def __init__(self) -> None:
        self.quizzes = QuizRepository()
        self.progress = ProgressRepository()


__all__ = ["AssessmentRepository"]
