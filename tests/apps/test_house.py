"""What holds the source root together."""

import platform
import runpy
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "SECRET_KEY": "x",
    "ALLOWED_HOSTS": "learning.example.org,www.example.org",
    "DATABASE_URL": "postgres://ada@/platform?host=%2Frun%2Fpostgresql",
}


def settings(name):
    return runpy.run_path(str(ROOT / "platform" / "config" / "settings" / f"{name}.py"))


def test_the_folder_does_not_hide_the_module_of_the_standard_library():
    assert "site-packages" not in platform.__file__
    assert Path(platform.__file__).name == "platform.py"
    assert platform.python_implementation() == sys.implementation.name.replace("cpython", "CPython")
    for name in ("__init__.py", "conftest.py"):
        assert not (ROOT / "platform" / name).exists()


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_production_says_what_is_missing(monkeypatch, missing):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, "" if name == missing else value)
    with pytest.raises(ImproperlyConfigured, match=f"Set the environment variable {missing}"):
        settings("production")


def test_production_takes_everything_from_the_environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    found = settings("production")
    assert (found["SECRET_KEY"], found["DEBUG"]) == ("x", False)
    assert found["ALLOWED_HOSTS"] == ["learning.example.org", "www.example.org"]
    assert found["DATABASES"]["default"]["OPTIONS"] == {"host": "/run/postgresql"}
    assert found["SECURE_SSL_REDIRECT"] is True


def test_development_counts_queries():
    found = settings("local")
    assert found["DEBUG"] is True
    assert found["MIDDLEWARE"][0] == "querycount.middleware.QueryCountMiddleware"


def test_the_server_finds_the_application(monkeypatch):
    application = runpy.run_path(str(ROOT / "platform" / "config" / "wsgi.py"))["application"]
    assert callable(application)
