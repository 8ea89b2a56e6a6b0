"""Development: debugging on, and django-querycount prints the queries of every request."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, MIDDLEWARE

DEBUG = True
INSTALLED_APPS = [*INSTALLED_APPS, "querycount"]
MIDDLEWARE = ["querycount.middleware.QueryCountMiddleware", *MIDDLEWARE]
