"""The learning app."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Registers the learning app under the label `learning`."""

    name = "learning"
