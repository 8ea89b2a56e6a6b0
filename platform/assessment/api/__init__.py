"""The views of submissions, quizzes and progress."""
