"""Learning, assessment and quiz tasks."""
