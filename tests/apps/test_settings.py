"""Settings: everything secret from the environment, and nothing that a deployment should not have."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import CourseFactory

PLATFORM = Path(__file__).parents[2] / "platform"
PRODUCTION = {
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(0, 700, 11)),
    "ALLOWED_HOSTS": "learning.example.org",
    "DATABASE_URL": "sqlite:///:memory:",
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
}
SECRET = re.compile("SECRET|PASSWORD|TOKEN|PRIVATE|API_KEY")


def settings_of(name):
    return runpy.run_path(str(PLATFORM / "config" / "settings" / f"{name}.py"))


def deploy_check(**environment):
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "COVERAGE_PROCESS"))
    }
    return subprocess.run(
        command,
        cwd=PLATFORM,
        env={**inherited, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_has_nothing_that_django_warns_of():
    done = deploy_check()
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_a_weak_key_is_warned_of():
    done = deploy_check(SECRET_KEY="short")
    assert done.returncode == 1
    assert "security.W009" in done.stderr


def test_no_secret_is_in_the_tree():
    for path in sorted((PLATFORM / "config").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value:
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                assert not any(map(SECRET.search, names)), f"{path}: {names}"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TOKEN_RATE_PER_ADDRESS", "often", "a rate like 10/minute"),
        ("TOKEN_RATE_PER_USERNAME", "0/minute", "a rate like 10/minute"),
        ("PROXIES", "-1", "a number, 0 or more"),
    ],
)
def test_a_value_that_means_nothing_is_refused_at_the_start(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"Set {name} to {words}"):
        settings_of("base")


def test_production_limits_requests_for_tokens_and_the_environment_says_how(monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert settings_of("production")["TOKEN_RATES"] == {"address": "20/minute", "username": "10/minute"}
    monkeypatch.setenv("TOKEN_RATE_PER_ADDRESS", "1/second")
    assert settings_of("production")["TOKEN_RATES"]["address"] == "1/second"


def test_who_has_no_proxy_believes_no_proxy(monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert settings_of("production")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setenv("PROXIES", "0")
    found = settings_of("production")
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["REST_FRAMEWORK"]["NUM_PROXIES"] == 0


@pytest.mark.parametrize("header", ["", "X-Queries"])
def test_the_number_of_queries_is_printed_or_sent(administrator, settings, monkeypatch, capsys, header):
    CourseFactory()
    with CaptureQueriesContext(connection) as queries:
        administrator.get("courses/")
    monkeypatch.setenv("QUERYCOUNT_HEADER", header)
    local = settings_of("local")
    settings.DEBUG, settings.MIDDLEWARE, settings.QUERYCOUNT = local["DEBUG"], local["MIDDLEWARE"], local["QUERYCOUNT"]
    administrator.client.handler.load_middleware()
    answer = administrator.get("courses/")
    if header:
        assert int(answer[header]) == len(queries) > 1
        assert not capsys.readouterr().err
    else:
        assert f"Total queries: {len(queries)}" in capsys.readouterr().err
