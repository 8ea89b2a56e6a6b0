"""Courses and their tasks."""
