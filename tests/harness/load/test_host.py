"""Load for a platform that somebody else serves."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from harness.cli import main
from harness.cli._host import confirm
from harness.databases import provision
from harness.databases.url import read_only
from harness.errors import UsageError
from harness.probes.load.profiles import Profile
from tests.harness.load.target import run_target
from tests.harness.load.test_command import PROFILE, ROLLOUT
from tests.harness.queries.library import write_library

OPERATIONS = """
[[operation]]
name = "show book"
request = "GET /books/{book}/"
draw = "SELECT 7 AS book"
"""
SHORT = Profile(rate=20, seconds=1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library whose requests need a number from a database."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "profiles.toml").write_text(PROFILE)
    (tmp_path / "operations.toml").write_text(OPERATIONS)
    return tmp_path


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"])
def test_this_machine_needs_no_confirmation(host: str) -> None:
    confirm(host, SHORT, yes=False)


def test_another_machine_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    confirm("https://staging.example", SHORT, yes=True)
    with pytest.raises(UsageError, match=r"staging\.example is not this machine; confirm with --yes"):
        confirm("https://staging.example", SHORT, yes=False)
    with pytest.raises(UsageError, match="cannot be read"):
        confirm("staging.example", SHORT, yes=True)


@pytest.mark.parametrize(("typed", "agreed"), [("staging.example\n", True), ("yes\n", False)])
def test_on_a_terminal_the_name_is_typed(monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return typed

    monkeypatch.setattr("sys.stdin", Terminal())

    if agreed:
        confirm("https://staging.example", SHORT, yes=False)
    else:
        with pytest.raises(UsageError, match="Nothing was sent"):
            confirm("https://staging.example", SHORT, yes=False)


def test_without_its_database_nothing_can_be_drawn(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "short", "--project", str(project), "--host", "http://127.0.0.1:9"]) == 2
    assert "Name the database that the host uses with --data" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.postgres
def test_a_host_is_measured_and_its_database_only_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = provision()
    try:
        parameters = server.create("data").parameters()
        data = psycopg.conninfo.make_conninfo("", **parameters)  # type: ignore[arg-type]
        with read_only(data).connect() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE written (n int)")
        with run_target() as target:
            command = ["load", "short", "--project", str(project), "--host", target.url, "--data", data]
            code = main([*command, "--format", "json"])
    finally:
        server.close()

    evidence = json.loads(capsys.readouterr().out)
    assert code == (3 if evidence["unsound"] else 0)
    assert {path for _, path, _, _ in target.seen} == {"/books/7/"}
    measured = {each["name"] for each in evidence["measurements"]}
    assert "p95" in measured
    assert not measured & {"memory", "queries per request", "server cpu per request"}
