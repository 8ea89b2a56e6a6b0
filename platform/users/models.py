"""The user model, which stays in this app: docs/decisions/0003 says why."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who learns, teaches or administrates."""

    class Role(models.TextChoices):
        """What somebody may do."""

        STUDENT = "student"
        INSTRUCTOR = "instructor"
        ADMINISTRATOR = "administrator"

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STUDENT)
