"""Two releases of a small Django project, a library, and a world on them; what the second one adds is the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.databases import Server
from harness.operations import Catalog, Operation
from harness.probes.world import World
from harness.rollout import Phase, ProbeEntry, Release, Rollout, Source, Validation
from harness.runs import Run

SETTINGS = """
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "library"]
ROOT_URLCONF = "library.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/live.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
URLS = """
import json

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from library.models import Book


@csrf_exempt
def books(request):
    if request.method == "POST":
        book = Book.objects.create(title=json.loads(request.body)["title"], shelf=1)
        return JsonResponse({"id": book.pk}, status=201)
    return JsonResponse({"shelves": sorted(Book.objects.values_list("shelf", flat=True).distinct())})


urlpatterns = [path("books/", books)]
"""
MODELS = """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=50)
    note = models.CharField(max_length=50, null=True)
    shelf = models.IntegerField(default=0)


class Reader(models.Model):
    name = models.CharField(max_length=50)
    card = models.IntegerField(null=True)


class Desk(models.Model):
    place = models.CharField(max_length=50)
"""
INITIAL = """
from django.db import migrations, models


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def fill(apps, schema_editor):
    numbers = range(1, 301)
    book, reader, desk = (apps.get_model("library", name).objects for name in ("Book", "Reader", "Desk"))
    book.bulk_create(book.model(title=f"title {n}", note=f"note {n}" if n % 2 else None, shelf=n % 7) for n in numbers)
    reader.bulk_create(reader.model(name=f"reader {n}", card=n) for n in numbers)
    desk.bulk_create(desk.model(place=f"place {n}") for n in range(1, 6))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Book", [
            key(),
            ("title", models.CharField(max_length=50)),
            ("note", models.CharField(max_length=50, null=True)),
            ("shelf", models.IntegerField(default=0)),
        ]),
        migrations.CreateModel("Reader", [
            key(), ("name", models.CharField(max_length=50)), ("card", models.IntegerField(null=True)),
        ]),
        migrations.CreateModel("Desk", [key(), ("place", models.CharField(max_length=50))]),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
"""
MIGRATION = """
from django.db import migrations, models

{helpers}


class Migration(migrations.Migration):
    dependencies = [("library", "{needs}")]
    operations = [{operations}]
"""
CATALOG = Catalog(
    operation=[
        Operation(name="list books", request="GET /books/"),
        Operation(name="add a book", request="POST /books/", body={"title": "Book {unique}"}, expect=[201]),
    ]
)


def write_release(folder: Path, models: str, migrations: Mapping[str, str], helpers: str = "") -> None:
    """Write one release; `migrations` maps names to operations, each migration needs the one before."""
    files = {"settings.py": SETTINGS, "library/__init__.py": "", "library/urls.py": URLS, "library/models.py": models}
    files |= {"library/migrations/__init__.py": "", "library/migrations/0001_initial.py": INITIAL}
    needs = "0001_initial"
    for name, operations in migrations.items():
        text = MIGRATION.format(needs=needs, operations=operations, helpers=helpers)
        files[f"library/migrations/{name}.py"] = text
        needs = name
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@contextmanager
def open_library(
    folder: Path,
    server: Server,
    migrations: Mapping[str, str],
    *,
    models: str = MODELS,
    helpers: str = "",
    options: Mapping[str, dict[str, Any]] | None = None,
    catalog: Catalog = CATALOG,
    validate: Sequence[Validation] = (),
) -> Iterator[World]:
    """Open the world of a phase that applies the migrations; `options` are those of the probes by name."""
    write_release(folder / "old", MODELS, {})
    write_release(folder / "new", models, migrations, helpers)
    releases = [Release(name=name, path=name, settings="settings") for name in ("old", "new")]
    phase = Phase(
        number=1,
        name="case",
        serves="old",
        candidate="new",
        migrations=["library"] if migrations else [],
        probe=[ProbeEntry(name=name, options=each) for name, each in (options or {}).items()],
        validate=list(validate),
    )
    rollout = Rollout(name="library", source=Source(release="old"), release=releases, phase=[phase], folder=str(folder))
    run = Run.create(folder / "runs", 1)
    world = World(rollout, phase, catalog, run, database="", quick=False, emit=lambda event: None)
    vars(world)["server"] = server  # one server for all tests; it is the session's to close
    try:
        yield world
    finally:
        world.close()
