"""Writes a small Django project: notes of people, with a release before, one after, and one with every flaw."""

from __future__ import annotations

from pathlib import Path

from harness.rollout import Phase, Release, Rollout, Source

SETTINGS = """
import os

SECRET_KEY = os.environ["SECRET"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "notes"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_SAVE_EVERY_REQUEST = True
USE_TZ = True
"""
MODELS = """
from django.conf import settings
from django.db import models


class Note(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    title = models.CharField(max_length=50)
    pages = models.IntegerField(default=1)
    created = models.DateTimeField(auto_now_add=True)
    featured = models.BooleanField(default=False)


class Visit(models.Model):
    note = models.ForeignKey(Note, models.CASCADE)
"""
VIEWS = """
import json
import os
import secrets

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse

from notes.models import Note, Visit

FLAWS = set(filter(None, os.environ.get("FLAWS", "").split(",")))


def refuse(status):
    return JsonResponse({"detail": "refused"}, status=status)


def show(note):
    shown = {"id": note.pk, "title": note.title, "pages": note.pages}
    if "type" in FLAWS:
        shown["pages"] = str(note.pages)
    if "missing" in FLAWS:
        del shown["title"]
    return shown


def body_of(request):
    body = json.loads(request.body or "null")
    return body if isinstance(body, dict) else {}


def notes(request):
    if not request.user.is_authenticated:
        return refuse(401)
    if request.method == "POST":
        return create(request)
    found = Note.objects.filter(owner=request.user).order_by("-pk" if "order" in FLAWS else "pk")
    size = int(request.GET.get("page_size", 50))
    return JsonResponse({"results": [{"id": note.pk, "title": note.title} for note in found[:size]]})


def create(request):
    title = body_of(request).get("title")
    if not isinstance(title, str):
        return refuse(400) if "hostile" not in FLAWS else JsonResponse({"length": len(title)})
    note = Note(owner=request.user, title=title)
    if "value" in FLAWS:
        note.pages = 7
    note.save()
    if "more rows" in FLAWS:
        Visit.objects.create(note=note)
    kind = "application/vnd.note+json" if "header" in FLAWS else "application/json"
    answer = {**show(note), "created": note.created, "key": secrets.token_hex(4)}
    return JsonResponse(answer, status=201, content_type=kind)


def note(request, pk):
    if not request.user.is_authenticated:
        return refuse(401)
    found = Note.objects.filter(pk=pk).first()
    if found is None or (found.owner != request.user and not FLAWS & {"leak", "no owner"}):
        return refuse(404)
    if found.owner != request.user and "leak" in FLAWS:
        return refuse(403)
    if request.method == "DELETE":
        Note.objects.filter(**({"owner": request.user} if "all" in FLAWS else {"pk": pk})).delete()
        return HttpResponse(status=204)
    return JsonResponse(show(found))


def feature(request, pk):
    found = Note.objects.filter(pk=pk).first()
    if found is None:
        return refuse(404)
    found.featured = True
    if "late" in FLAWS:
        found.save()
    if not request.user.is_staff and "unchecked" not in FLAWS:
        return refuse(403 if request.user.is_authenticated else 401)
    if "nobody" in FLAWS:
        return refuse(403)
    found.save()
    return JsonResponse(show(found), status=202 if "status" in FLAWS else 200)


def limited(request):
    cache.set("asked", cache.get("asked", 0) + 1)
    return JsonResponse({"asked": cache.get("asked")})


def dangling(request):
    Visit.objects.create(note_id=1_000_000)
    return JsonResponse({"visits": Visit.objects.count()}, status=201)


def spoilt(request):
    Visit.objects.create(note_id=1)
    try:
        connection.cursor().execute("SELECT no_column FROM notes_visit")
    except DatabaseError:
        return HttpResponse("never mind")


def unstable(request):
    return JsonResponse({}, status=secrets.choice(range(200, 300)))
"""
URLS = """
from django.urls import path

from notes import views

urlpatterns = [
    path("notes/", views.notes),
    path("notes/<int:pk>/", views.note),
    path("notes/<int:pk>/feature/", views.feature),
    path("limited/", views.limited),
    path("unstable/", views.unstable),
    path("dangling/", views.dangling),
    path("spoilt/", views.spoilt),
]
"""
FILL = """
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from notes.models import Note, Visit


class Command(BaseCommand):
    def handle(self, *args, **options):
        people = User.objects.bulk_create(User(username=f"person {n}", is_staff=n == 3) for n in range(4))
        notes = Note.objects.bulk_create(
            Note(owner=people[n % 3], title=f"Secret title {n}", pages=n) for n in range(12)
        )
        Visit.objects.bulk_create(Visit(note=note) for note in notes)
"""
OPERATIONS = """
[[actor]]
name = "writer"
session = true
draw = 'SELECT id AS "user" FROM auth_user WHERE NOT is_staff ORDER BY id'

[[actor]]
name = "editor"
session = true
draw = 'SELECT id AS "user" FROM auth_user WHERE is_staff ORDER BY id'

[[operation]]
name = "list notes"
request = "GET /notes/"
actor = "writer"

[[operation]]
name = "show note"
request = "GET /notes/{note}/"
actor = "writer"
allow = ["writer"]
others = "hidden"
draw = "SELECT id AS note FROM notes_note WHERE owner_id = %(user)s ORDER BY id"

[[operation]]
name = "write note"
request = "POST /notes/"
actor = "writer"
body = { title = "New {unique}" }
expect = [201]

[[operation]]
name = "delete note"
request = "DELETE /notes/{note}/"
actor = "writer"
allow = ["writer"]
draw = "SELECT id AS note FROM notes_note WHERE owner_id = %(user)s ORDER BY id"
expect = [204]

[[operation]]
name = "feature note"
request = "POST /notes/{note}/feature/"
actor = "editor"
allow = ["editor"]
draw = "SELECT id AS note FROM notes_note ORDER BY id"

[[operation]]
name = "ask often"
request = "GET /limited/"
"""
FLAWS = "type,missing,order,hostile,value,more rows,header,all,status"
RELEASES = {"old": "", "new": "", "flawed": FLAWS, "open": "no owner,unchecked", "late": "late,leak", "shut": "nobody"}


def write_notebook(folder: Path) -> Rollout:
    """Write the project below `folder`; its releases differ in their flaws and in their secret."""
    files = {
        "settings.py": SETTINGS,
        "urls.py": URLS,
        "notes/__init__.py": "",
        "notes/models.py": MODELS,
        "notes/views.py": VIEWS,
        "notes/management/__init__.py": "",
        "notes/management/commands/__init__.py": "",
        "notes/management/commands/fill.py": FILL,
        "notes/migrations/__init__.py": "",
        "notes/migrations/0001_initial.py": MIGRATION,
    }
    for name, text in files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "operations.toml").write_text(OPERATIONS)
    releases = [
        Release(name=name, path="site", settings="settings", environment={"FLAWS": flaws, "SECRET": name * 12})
        for name, flaws in RELEASES.items()
    ]
    return Rollout(
        name="notebook",
        source=Source(release="old", seed=["fill"]),
        release=releases,
        phase=[Phase(number=1, name="new views", serves="new", candidate="new")],
        folder=str(folder),
    )


MIGRATION = """
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEY = models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("Note", [
            ("id", KEY),
            ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ("title", models.CharField(max_length=50)),
            ("pages", models.IntegerField(default=1)),
            ("created", models.DateTimeField(auto_now_add=True)),
            ("featured", models.BooleanField(default=False)),
        ]),
        migrations.CreateModel("Visit", [
            ("id", KEY.clone()),
            ("note", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="notes.note")),
        ]),
    ]
"""
