"""The tasks app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Registers the tasks app under the label `tasks`."""

    name = "tasks"
