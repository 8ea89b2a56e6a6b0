"""The JSON of submissions, quizzes and progress."""
