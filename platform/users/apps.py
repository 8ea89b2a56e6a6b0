"""The users app."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Registers the users app under the label `users`."""

    name = "users"
