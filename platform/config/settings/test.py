"""Tests: SQLite in memory unless DATABASE_URL names another database."""

import dj_database_url

from config.settings.base import *  # noqa: F403

DATABASES = {"default": dj_database_url.config(default="sqlite://:memory:")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
