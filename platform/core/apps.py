"""The core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the core app under the label `core`."""

    name = "core"
