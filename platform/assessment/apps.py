"""The assessment app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Registers the assessment app under the label `assessment`."""

    name = "assessment"
