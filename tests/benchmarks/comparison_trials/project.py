"""A small Django project whose second release needs more CPU time for some operations, by a known share."""

from __future__ import annotations

import json
from pathlib import Path

from harness.operations import Catalog, read_operations
from harness.rollout import Phase, ProbeEntry, Release, Rollout, Source

REPOSITORY = Path(__file__).resolve().parents[3]
SAME, TAIL = "same", "1 in 20 takes 4 times as long"
SLOWER = {f"{share} % slower": 1 + share / 100 for share in (20, 10, 5)}
FIFTH = "20 % slower"
OPERATIONS = (SAME, *SLOWER, TAIL)
TAIL_FACTOR = 4.0
LOOPS = 20_000
OVERHEAD = 28_000
"""What an answer without work takes, measured at the client of a quiet machine, in turns of the loop."""
SETTINGS = """
SECRET_KEY = "only for this measurement"
INSTALLED_APPS = ["django.contrib.contenttypes"]
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere.sqlite3"}}
USE_TZ = True
"""
URLS = """
import json
import os
import random

from django.contrib.contenttypes.models import ContentType
from django.http import JsonResponse
from django.urls import path

LOOPS = json.loads(os.environ["LOOPS"])


def work(request, number):
    usual, rare = LOOPS[number]
    loops = rare if random.random() < 0.05 else usual
    found = ContentType.objects.count()
    for turn in range(loops):
        found = (31 * found + turn) % 1000003
    return JsonResponse({"found": found})


urlpatterns = [path("effort/<int:number>/", work)]
"""
PROFILES = "[profile.any]\nrate = 1\nseconds = 1\n"


def write_project(folder: Path) -> tuple[Phase, Catalog]:
    """Write the project into `folder`; return its phase and its operations."""
    (folder / "site").mkdir()
    (folder / "site/settings.py").write_text(SETTINGS, encoding="utf-8")
    (folder / "site/urls.py").write_text(URLS, encoding="utf-8")
    (folder / "profiles.toml").write_text(PROFILES, encoding="utf-8")
    operations = "".join(
        f'[[operation]]\nname = "{name}"\nrequest = "GET /effort/{number}/"\nweight = 1\n'
        for number, name in enumerate(OPERATIONS)
    )
    (folder / "operations.toml").write_text(operations, encoding="utf-8")
    options = {"profile": "any", "profiles": "profiles.toml"}
    options["locustfile"] = str(REPOSITORY / "loadtests" / "locustfile.py")
    phase = Phase(number=1, name="trials", serves="baseline", probe=[ProbeEntry(name="load", options=options)])
    return phase, read_operations(folder / "operations.toml")


def rollout(folder: Path, phase: Phase) -> Rollout:
    """Return the rollout of the project in `folder`: its releases are "baseline" and "candidate"."""
    return Rollout(
        name="trials",
        source=Source(release="baseline"),
        release=[_release("baseline", {}), _release("candidate", _more())],
        phase=[phase],
        folder=str(folder),
    )


def _more() -> dict[str, list[int]]:
    """Return the loops, usual and rare, with which the whole answer takes as much longer as the operation says."""
    loops = {name: round(factor * (LOOPS + OVERHEAD) - OVERHEAD) for name, factor in SLOWER.items()}
    rare = round(TAIL_FACTOR * (LOOPS + OVERHEAD) - OVERHEAD)
    return {**{name: [count, count] for name, count in loops.items()}, TAIL: [LOOPS, rare]}


def _release(name: str, loops: dict[str, list[int]]) -> Release:
    environment = {"LOOPS": json.dumps([loops.get(each, [LOOPS, LOOPS]) for each in OPERATIONS])}
    return Release(name=name, path="site", settings="settings", environment=environment)
