"""Writes a small Django project that knows nothing of the harness: a shop with customers and orders."""

from __future__ import annotations

from pathlib import Path

from harness.rollout import Release, Rollout, Source

SETTINGS = """
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shop"]
ROOT_URLCONF = "site_of_shop.urls"
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/live.sqlite3", "ATOMIC_REQUESTS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
URLS = """
import os

from django.http import HttpResponse, JsonResponse
from django.urls import path

from shop.models import Customer

urlpatterns = [
    path("customers/", lambda request: JsonResponse({"customers": Customer.objects.count()})),
    path("worker/", lambda request: HttpResponse(str(os.getpid()))),
]
"""
MODELS = """
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=50)
    email = models.CharField(max_length=100, unique=True)
    nickname = models.CharField(max_length=20, null=True)


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    total = models.DecimalField(max_digits=8, decimal_places=2, default=0)
"""
FIRST = """
import django.db.models.deletion
from django.db import migrations, models

print("the first migration is imported")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Customer", [
            ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
            ("name", models.CharField(max_length=50)),
            ("email", models.CharField(max_length=100, unique=True)),
        ]),
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
            ("total", models.DecimalField(max_digits=8, decimal_places=2, default=0)),
            ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shop.customer")),
        ]),
    ]
"""
SECOND = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("customer", "nickname", models.CharField(max_length=20, null=True))]
"""
FILL = """
import os
import subprocess
import sys

from django.core.management.base import BaseCommand

from shop.models import Customer


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--customers", type=int, default=10)

    def handle(self, *args, customers, **options):
        print('{"id": 1, "result": "a print that looks like an answer"}')
        os.write(1, b"written to the file descriptor\\n")
        subprocess.run([sys.executable, "-c", "print('printed by a child')"], check=True)
        self.stdout.write("filling")
        Customer.objects.bulk_create(Customer(name=f"c{n}", email=f"c{n}@example.org") for n in range(customers))
"""
FILES = {
    "site_of_shop/__init__.py": "",
    "site_of_shop/settings.py": SETTINGS,
    "site_of_shop/urls.py": URLS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": FIRST,
    "shop/migrations/0002_nickname.py": SECOND,
    "shop/management/__init__.py": "",
    "shop/management/commands/__init__.py": "",
    "shop/management/commands/fill.py": FILL,
}


def write_project(folder: Path) -> Rollout:
    """Write the project below `folder`/shop_project and return a rollout with its one release, "shop"."""
    project = folder / "shop_project"
    for name, text in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shop = Release(name="shop", path="shop_project", settings="site_of_shop.settings")
    return Rollout(name="shop", source=Source(release="shop"), release=[shop], phase=[], folder=str(folder))
