"""All models of the platform but the user, on the tables that the baseline release created."""

from core.models.assessment import Quiz, Submission, UserProgress
from core.models.learning import Course, CourseTask
from core.models.tasks import AssessmentTask, LearningTask, QuizTask

__all__ = ["AssessmentTask", "Course", "CourseTask", "LearningTask", "Quiz", "QuizTask", "Submission", "UserProgress"]
