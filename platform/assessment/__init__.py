"""Submissions, quizzes and progress."""
