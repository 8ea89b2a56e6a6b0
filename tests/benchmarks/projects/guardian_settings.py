"""The settings of django-guardian's own tests, with passwords that cost nothing, so that the queries weigh."""

from guardian.testapp.testsettings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
