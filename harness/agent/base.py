"""The procedures that every part of the harness needs: who are you, and run a management command."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from harness.agent.protocol import Failed, Report, procedure


@procedure
def hello(report: Report) -> dict[str, Any]:
    """Say which Python, Django, settings and apps these are; `other_databases` are aliases that were left alone."""
    report("hello", 1, 1)
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        "settings": os.environ.get("DJANGO_SETTINGS_MODULE", ""),
        "apps": [config.label for config in apps.get_app_configs()],
        "database_vendor": connection.vendor,
        "other_databases": sorted(set(settings.DATABASES) - {"default"}),
    }


@procedure
def manage(report: Report, arguments: list[str]) -> dict[str, Any]:
    """Run a management command; its output goes to the log, and it cannot ask questions."""
    if not arguments:
        raise Failed("A management command needs a name.")
    report(" ".join(arguments[:1]), 0, 0)
    call_command(*arguments, stdout=sys.stderr, stderr=sys.stderr, no_color=True)
    return {}
