"""Development: debugging on, and django-querycount prints the queries of every request.

With QUERYCOUNT_HEADER=X-Queries it writes their number into that header of every response instead, for load runs; it
counts right only while requests come one after the other.
"""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, MIDDLEWARE

DEBUG = True
INSTALLED_APPS = [*INSTALLED_APPS, "querycount"]
MIDDLEWARE = ["querycount.middleware.QueryCountMiddleware", *MIDDLEWARE]

HEADER = os.environ.get("QUERYCOUNT_HEADER") or None
NEVER = 10**9
QUERYCOUNT = {
    "RESPONSE_HEADER": HEADER,
    "DISPLAY_DUPLICATES": 5,
    "THRESHOLDS": {
        "MEDIUM": 10,
        "HIGH": 30,
        "MIN_TIME_TO_LOG": 0,
        "MIN_QUERY_COUNT_TO_LOG": NEVER if HEADER else 0,
    },
}
