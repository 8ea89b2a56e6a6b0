"""Two releases of a small platform on one database: the old one serves, the new one brings a migration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from harness.databases import Database, Server
from harness.evidence import Evidence
from harness.operations import Actor, Catalog, Operation
from harness.probes.probe import find
from harness.probes.world import World
from harness.rollout import Phase, Release, Rollout, Source
from harness.runs import Run

SETTINGS = """
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "guild"]
ROOT_URLCONF = "guild.urls"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
OLD_MODELS = """
from django.db import models


class Person(models.Model):
    name = models.CharField(max_length=30)
    level = models.IntegerField(default=1)
"""
URLS = """
import json

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from guild.models import Person


def people(request):
    return JsonResponse({"people": list(Person.objects.order_by("id").values("id", "name", "level")[:20])})


@csrf_exempt
def join(request):
    Person.objects.create(name=json.loads(request.body)["name"])
    return HttpResponse(status=201)


urlpatterns = [path("people/", people), path("join/", join)]
"""
FIRST = """
from django.db import migrations, models


def fill(apps, editor):
    person = apps.get_model("guild", "Person")
    person.objects.bulk_create([person(name=f"p{number}", level=number % 7) for number in range(500)])


class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.CreateModel("Person", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=30)),
            ("level", models.IntegerField(default=1)),
        ]),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
"""
SECOND = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guild", "0001_first")]
    operations = [
        {operations},
    ]
"""
_MADE: WeakKeyDictionary[Server, Database] = WeakKeyDictionary()
OPERATIONS = [
    Operation(name="list people", request="GET /people/", actor="anybody"),
    Operation(name="join", request="POST /join/", actor="anybody", body={"name": "{unique}"}, expect=[201]),
]


def write(folder: Path, operations: str) -> Rollout:
    """Write both releases; the new one's second migration consists of `operations` ("" for none)."""
    for release in ("old", "new"):
        migrations = folder / release / "guild" / "migrations"
        migrations.mkdir(parents=True)
        for package in (migrations, migrations.parent):
            (package / "__init__.py").touch()
        (folder / release / "settings_of_guild.py").write_text(SETTINGS)
        (migrations.parent / "models.py").write_text(OLD_MODELS)
        (migrations.parent / "urls.py").write_text(URLS)
        (migrations / "0001_first.py").write_text(FIRST)
    if operations:
        (folder / "new" / "guild" / "migrations" / "0002_second.py").write_text(SECOND.format(operations=operations))
    releases = [Release(name=name, path=name, settings="settings_of_guild") for name in ("old", "new")]
    phase = Phase(number=2, name="two", serves="old", candidate="new", migrations=["guild"] if operations else [])
    return Rollout(name="guild", source=Source(release="old"), release=releases, phase=[phase], folder=str(folder))


@contextmanager
def world(folder: Path, operations: str, server: Server, *, catalog: list[Operation] | None = None) -> Iterator[World]:
    """Make a world of these releases on a server that is there already."""
    rollout = write(folder, operations)
    declared = Catalog(actor=[Actor(name="anybody")], operation=OPERATIONS if catalog is None else catalog)
    run = Run.create(folder / "runs", 2)
    made = World(rollout, rollout.phase[0], declared, run, database="", quick=True, emit=lambda event: None)
    vars(made).update(server=server, _before=_before(made, server))
    try:
        yield made
    finally:
        made.close()


def _before(made: World, server: Server) -> Database:
    """Return the database of the old release; it is the same for every test on a server."""
    if server not in _MADE:
        vars(made)["server"] = server
        _MADE[server] = made.before()
    return _MADE[server]


def measure(made: World, probe: str, **options: object) -> Evidence:
    """Run a probe as the engine does."""
    found = find(probe)
    return found.measure(made, found.read_options(dict(options), "rollout.toml"))


def value(evidence: Evidence, name: str) -> float:
    """Return the one measurement of that name."""
    [found] = evidence.select(name)
    return found.value
