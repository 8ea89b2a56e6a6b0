"""Rules for submissions, quizzes and progress."""
