"""Writes a small Django project with known access patterns: a library of authors and books."""

from __future__ import annotations

from pathlib import Path

from harness.rollout import Phase, Release, Rollout, Source

SETTINGS = """
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))
SECRET_KEY = "only for tests"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "library",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
    ("django.template.loaders.locmem.Loader", {
        "books.html": "{% for book in books %}{{ book.title }} by {{ book.author.name }} {% endfor %}",
    }),
]}}]
ROOT_URLCONF = "urls"
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere.sqlite3",
    "ATOMIC_REQUESTS": os.environ.get("ATOMIC") == "1",
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_SAVE_EVERY_REQUEST = False
"""
MODELS = """
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=50, unique=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    pages = models.IntegerField(default=100)


class Loan(models.Model):
    book = models.ForeignKey(Book, models.PROTECT)
"""
VIEWS = """
import json
import os

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.generic import ListView

from library.models import Author, Book

CALLS = []


def describe(book):
    return {"title": book.title, "author": book.author.name}


def page(request, books):
    return books.order_by("id")[:int(request.GET.get("page_size", 50))]


def books(request):
    found = Book.objects.all() if os.environ.get("SLOW") else Book.objects.select_related("author")
    return JsonResponse({"books": [describe(book) for book in page(request, found)]})


def book(request, pk):
    return JsonResponse(describe(Book.objects.get(pk=pk)))


def authors(request):
    found = [{"name": author.name, "books": author.books.count()} for author in Author.objects.order_by("id")]
    return JsonResponse({"authors": found})


class Shelf(ListView):
    queryset = Book.objects.order_by("id")
    template_name = "books.html"
    context_object_name = "books"


def stream(request):
    return StreamingHttpResponse(f"{book.title} {book.author.name}" for book in Book.objects.order_by("id")[:4])


def add(request):
    with transaction.atomic(durable=True):
        author = Author.objects.get(pk=json.loads(request.body)["author"])
        Book.objects.create(title=json.loads(request.body)["title"], author=author)
    transaction.on_commit(lambda: CALLS.append(1))
    return JsonResponse({"books": Book.objects.count(), "committed": len(CALLS)}, status=201)


def typed(request):
    return JsonResponse({"type": ContentType.objects.get_for_model(Book).model})


def flaky(request):
    CALLS.append(1)
    for _ in CALLS:
        Author.objects.count()
    return JsonResponse({"books": Book.objects.count()})


def constant(request):
    Book.objects.count()
    return JsonResponse({"always": "the same"})


def broken(request):
    raise ValueError("Iris Murdoch owes 3 euros")


def duplicate(request):
    first = Book.objects.first()
    Book.objects.create(title=first.title, author=first.author)
    return HttpResponse("never")


def me(request):
    return JsonResponse({"user": request.user.pk})


def raw(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM library_book WHERE title = 'Iris Murdoch' AND pages > 17")
    return JsonResponse({}, status=200)
"""
URLS = """
from django.urls import path

import packed

from library import views

urlpatterns = [
    path("books/", views.books),
    path("books/<int:pk>/", views.book),
    path("authors/", views.authors),
    path("shelf/", views.Shelf.as_view()),
    path("stream/", views.stream),
    path("add/", views.add),
    path("typed/", views.typed),
    path("flaky/", views.flaky),
    path("constant/", views.constant),
    path("broken/", views.broken),
    path("duplicate/", views.duplicate),
    path("me/", views.me),
    path("raw/", views.raw),
    path("packed/", packed.lines),
    path("packed/twice/", packed.twice),
]
"""
PACKED = """
from django.http import HttpResponse
from django.template import Context, Engine

from library.models import Book

FOLDER = __file__.rpartition("/")[0]


def lines(request):
    books = Book.objects.order_by("id")[:int(request.GET.get("n", 4))]
    return HttpResponse(Engine(dirs=[FOLDER]).get_template("lines.html").render(Context({"books": books})))


def twice(request):
    [(book.title, book.pages) for book in Book.objects.filter(pages=100)]
    return HttpResponse(sum(1 for book in Book.objects.filter(pages=100)))
"""
FILL = """
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from library.models import Author, Book, Loan


class Command(BaseCommand):
    def handle(self, *args, **options):
        User.objects.bulk_create(User(username=f"reader {n}") for n in range(3))
        authors = Author.objects.bulk_create(Author(name=f"Author {n}") for n in range(12))
        books = Book.objects.bulk_create(Book(title=f"Book {n}", author=authors[n % 12]) for n in range(70))
        Loan.objects.bulk_create(Loan(book=book) for book in books[40:])
"""
OPERATIONS = """
[[operation]]
name = "list books"
request = "GET /books/"
queries = { at_most = 1, grows = "constant" }
grows_with = ["library_book"]
weight = 3

[[operation]]
name = "show book"
request = "GET /books/{book}/"
draw = "SELECT id AS book FROM library_book ORDER BY id"
queries = { at_most = 2 }

[[operation]]
name = "add book"
request = "POST /add/"
draw = "SELECT id AS author FROM library_author ORDER BY id"
body = { title = "New {unique}", author = "{author}" }
expect = [201]
"""


def write_library(folder: Path) -> Rollout:
    """Write the project below `folder`; release "new" has it right, release "old" queries for each book."""
    files = {
        "settings.py": SETTINGS,
        "urls.py": URLS,
        "library/__init__.py": "",
        "library/models.py": MODELS,
        "library/views.py": VIEWS,
        "library/migrations/__init__.py": "",
        "site-packages/packed/__init__.py": PACKED,
        "site-packages/packed/lines.html": "<ul>\n{% for book in books %}{{ book.author.name }}{% endfor %}</ul>",
        "library/management/__init__.py": "",
        "library/management/commands/__init__.py": "",
        "library/management/commands/fill.py": FILL,
    }
    for name, text in files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "site/library/migrations/0001_initial.py").write_text(MIGRATION)
    (folder / "operations.toml").write_text(OPERATIONS)
    return Rollout(
        name="library",
        source=Source(release="old", seed=["fill"]),
        release=[
            Release(name="old", path="site", settings="settings", environment={"SLOW": "1"}),
            Release(name="new", path="site", settings="settings"),
        ],
        phase=[
            Phase(number=1, name="select related", serves="new", candidate="new"),
            Phase(number=2, name="query per row", serves="old", candidate="old", migrations=["library"]),
        ],
        folder=str(folder),
    )


MIGRATION = """
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Author", [
            ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
            ("name", models.CharField(max_length=50)),
        ]),
        migrations.CreateModel("Book", [
            ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
            ("title", models.CharField(max_length=50, unique=True)),
            ("author", models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="books", to="library.author",
            )),
            ("pages", models.IntegerField(default=100)),
        ]),
        migrations.CreateModel("Loan", [
            ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
            ("book", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="library.book")),
        ]),
    ]
"""
