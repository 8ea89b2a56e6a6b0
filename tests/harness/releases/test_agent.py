"""An agent in a release's own interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import msgspec
import psutil
import pytest

from harness.databases import Database, Secret, Server, provision
from harness.errors import AgentError, ReleaseError
from harness.releases import Agent, open_agent
from harness.rollout import Rollout


def changed(shop: Rollout, **fields: object) -> Rollout:
    """Return the rollout with other fields of its release."""
    return msgspec.structs.replace(shop, release=[msgspec.structs.replace(shop.release[0], **fields)])


def edit(shop: Rollout, file: str, more: str) -> None:
    """Append lines to a file of the project."""
    path = Path(shop.folder) / "shop_project" / file
    path.write_text(path.read_text() + more)


def test_a_foreign_project_runs_in_its_own_interpreter(
    shop: Rollout, database: Database, log: Path, foreign_python: str
) -> None:
    own = changed(shop, python=foreign_python)
    with open_agent(own, own.release[0], database, log=log) as agent:
        said = agent.call("hello")
        agent.call("migrate")
        agent.call("manage", arguments=["fill"])
    assert said["apps"] == ["auth", "contenttypes", "shop"]
    assert (said["settings"], said["database_vendor"]) == ("site_of_shop.settings", "postgresql")
    with closing(database.connect()) as connection:
        assert connection.execute("SELECT count(*) FROM shop_customer").fetchone() == (10,)


def test_prints_of_the_project_go_to_the_log_and_not_into_the_protocol(
    shop: Rollout, filled: Database, log: Path
) -> None:
    with open_agent(shop, shop.release[0], filled, log=log) as agent:
        agent.call("migrate")
        assert agent.call("manage", arguments=["fill", "--customers", "0"]) == {}
    words = log.read_text()
    for said in ("the first migration is imported", "looks like an answer", "file descriptor", "by a child", "filling"):
        assert said in words


def test_it_works_on_sqlite_too(shop: Rollout, log: Path) -> None:
    with provision("sqlite") as server:
        database = server.create("shop")
        with open_agent(shop, shop.release[0], database, log=log) as agent:
            assert agent.call("hello")["database_vendor"] == "sqlite"
            agent.call("migrate")
        with closing(database.connect()) as connection:
            assert connection.execute("SELECT count(*) FROM shop_order").fetchone() == (0,)


def test_settings_other_than_the_place_of_the_database_stay(shop: Rollout, filled: Database, log: Path) -> None:
    edit(
        shop, "shop/management/commands/fill.py", "from django.db import connection\nprint(connection.settings_dict)\n"
    )
    edit(
        shop,
        "site_of_shop/settings.py",
        'DATABASES["archive"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": "a"}\n',
    )
    with open_agent(shop, shop.release[0], filled, log=log) as agent:
        assert agent.call("hello")["other_databases"] == ["archive"]
        agent.call("manage", arguments=["fill", "--customers", "0"])
    assert "'ATOMIC_REQUESTS': True" in log.read_text()
    assert "live.sqlite3" not in log.read_text()


def test_progress_arrives_while_the_procedure_works(shop: Rollout, database: Database, log: Path) -> None:
    heard: list[tuple[str, float, float]] = []
    with open_agent(shop, shop.release[0], database, log=log) as agent:
        agent.call("migrate", targets=["shop"], progress=lambda *news: heard.append(news))
    assert heard == [
        ("shop.0001_initial", 0, 2), ("shop.0001_initial", 1, 2),
        ("shop.0002_nickname", 1, 2), ("shop.0002_nickname", 2, 2),
    ]  # fmt: skip


def test_an_agent_is_idle_between_calls_so_that_its_database_can_be_copied(
    shop: Rollout, server: Server, database: Database, log: Path
) -> None:
    with open_agent(shop, shop.release[0], database, log=log) as agent:
        agent.call("migrate")
        server.copy(database, "copy")
        assert agent.call("migrate") == {"applied": [], "unapplied": []}


def test_two_agents_work_side_by_side_on_one_database(shop: Rollout, filled: Database, log: Path) -> None:
    release = shop.release[0]
    with open_agent(shop, release, filled, log=log) as one, open_agent(shop, release, filled, log=log) as other:
        assert one.call("migrate") == other.call("migrate") == {"applied": [], "unapplied": []}


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        ("site_of_shop/settings.py", "import not_installed", "need the module 'not_installed'"),
        ("site_of_shop/settings.py", "INSTALLED_APPS.append('shopping')", "need the module 'shopping'"),
        ("site_of_shop/settings.py", "raise KeyError('SECRET')", "does not start with the settings .* KeyError"),
        ("shop/models.py", "def", "does not start with the settings .* SyntaxError"),
    ],
)
def test_a_project_that_does_not_start_is_told_in_one_sentence(
    shop: Rollout, database: Database, log: Path, file: str, line: str, sentence: str
) -> None:
    edit(shop, file, f"{line}\n")
    with (
        pytest.raises(AgentError, match=f"Release 'shop': .*{sentence}") as raised,
        open_agent(shop, shop.release[0], database, log=log),
    ):
        pass
    assert "\n" not in str(raised.value)
    assert "Traceback" in raised.value.trace or 'File "' in raised.value.trace


def test_settings_that_do_not_exist_are_named(shop: Rollout, database: Database, log: Path) -> None:
    wrong = changed(shop, settings="shop.wrong")
    with (
        pytest.raises(AgentError, match=r"'shop\.wrong' need the module 'shop\.wrong'"),
        open_agent(wrong, wrong.release[0], database, log=log),
    ):
        pass


def test_an_interpreter_that_does_not_exist_is_named(shop: Rollout, database: Database, log: Path) -> None:
    wrong = changed(shop, python="env/bin/python")
    with (
        pytest.raises(ReleaseError, match=r"does not exist: env/bin/python"),
        open_agent(wrong, wrong.release[0], database, log=log),
    ):
        pass


def test_an_interpreter_without_django_is_told(shop: Rollout, database: Database, log: Path, tmp_path: Path) -> None:
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys._base_executable} -S "$@"\n')  # type: ignore[attr-defined]
    (tmp_path / "python").chmod(0o755)
    wrong = changed(shop, python="python")
    with (
        pytest.raises(ReleaseError, match="'django', which is missing"),
        open_agent(wrong, wrong.release[0], database, log=log),
    ):
        pass


def test_a_failure_names_what_failed_and_shows_no_rows(shop: Rollout, filled: Database, log: Path) -> None:
    with open_agent(shop, shop.release[0], filled, log=log) as agent:
        with pytest.raises(AgentError, match="'manage': IntegrityError: duplicate key") as raised:
            agent.call("manage", arguments=["fill"])
        assert agent.call("hello")["apps"]
    assert raised.value.kind == "IntegrityError"
    assert "bulk_create" in raised.value.trace
    assert "c0@example.org" not in str(raised.value) + raised.value.trace + log.read_text()


@pytest.mark.parametrize(
    ("call", "arguments", "sentence"),
    [
        ("dance", {}, "has no procedure 'dance'; it has .*hello"),
        ("manage", {"arguments": []}, "needs a name"),
        ("manage", {"arguments": ["dance"]}, "CommandError: Unknown command: 'dance'"),
        ("manage", {"arguments": ["fill", "--customers", "many"]}, "invalid int value"),
        ("migrate", {"target": ["shop"]}, "TypeError: .*'target'"),
    ],
)
def test_a_wrong_call_is_told(patient: Agent, call: str, arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(AgentError, match=sentence):
        patient.call(call, **arguments)


def test_a_command_that_ends_the_process_politely_is_a_failure(shop: Rollout, database: Database, log: Path) -> None:
    edit(shop, "shop/management/commands/fill.py", "raise SystemExit(3)\n")
    with open_agent(shop, shop.release[0], database, log=log) as agent, pytest.raises(AgentError, match="exit code 3"):
        agent.call("manage", arguments=["fill"])


def test_a_process_that_breaks_off_is_told_with_its_last_words(shop: Rollout, database: Database, log: Path) -> None:
    edit(shop, "shop/management/commands/fill.py", 'print("out of luck", flush=True)\nos._exit(9)\n')
    with (
        pytest.raises(ReleaseError, match="'shop' ended during 'manage': out of luck"),
        open_agent(shop, shop.release[0], database, log=log) as agent,
    ):
        agent.call("manage", arguments=["fill"])


def test_a_call_after_the_process_has_ended_is_told(shop: Rollout, database: Database, log: Path) -> None:
    with open_agent(shop, shop.release[0], database, log=log) as agent:
        psutil.Process(agent.pid).kill()
        time.sleep(0.1)
        with pytest.raises(ReleaseError, match="ended during 'hello'"):
            agent.call("hello")


def test_an_agent_and_its_children_are_gone_afterwards(shop: Rollout, filled: Database, log: Path) -> None:
    sleeper = 'subprocess.Popen(["sleep", "60"])\n'
    edit(shop, "shop/management/commands/fill.py", sleeper)
    with open_agent(shop, shop.release[0], filled, log=log) as agent:
        agent.call("manage", arguments=["fill", "--customers", "0"])
        started = [psutil.Process(agent.pid), *psutil.Process(agent.pid).children()]
        assert len(started) == 2
    assert psutil.wait_procs(started, timeout=5)[1] == []


def test_the_password_is_neither_in_the_arguments_nor_passed_on(shop: Rollout, filled: Database, log: Path) -> None:
    secret = msgspec.structs.replace(filled, password=Secret("s3cret"))
    edit(shop, "shop/management/commands/fill.py", 'subprocess.run(["env"], check=True)\n')
    with open_agent(shop, shop.release[0], secret, log=log) as agent:
        agent.call("manage", arguments=["fill", "--customers", "0"])
        assert "s3cret" not in " ".join(psutil.Process(agent.pid).cmdline())
    assert "DJANGO_SETTINGS_MODULE" in log.read_text()
    assert "s3cret" not in log.read_text()


def test_the_environment_of_the_release_is_set(shop: Rollout, database: Database, log: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "extra_settings.py").write_text("GREETING = 'hello from a path of the release'\n")
    edit(
        shop,
        "site_of_shop/settings.py",
        "import os, extra_settings\nprint(extra_settings.GREETING, os.environ['MODE'])\n",
    )
    own = changed(shop, environment={"MODE": "rehearsal", "PYTHONPATH": str(tmp_path / "more")})
    with open_agent(own, own.release[0], database, log=log):
        pass
    assert "hello from a path of the release rehearsal" in log.read_text()


KILLED = """
import sys
from pathlib import Path
from harness.databases import Database
from harness.releases import Agent, open_agent
from tests.harness.foreign import write_project
shop = write_project(Path(sys.argv[1]))
(Path(sys.argv[1]) / "shop_project/shop/management/commands/nap.py").write_text('''
import time
from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def handle(self, *args, **options):
        time.sleep(60)
''')
database = Database(engine="sqlite", name=sys.argv[1] + "/db.sqlite3")
with open_agent(shop, shop.release[0], database, log=Path(sys.argv[1]) / "log") as agent:
    print(agent.pid, flush=True)
    agent.call("manage", arguments=["nap"], progress=lambda *news: print("napping", flush=True))
"""


def test_an_agent_ends_with_its_harness_even_in_the_middle_of_a_call(tmp_path: Path) -> None:
    harness = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert harness.stdout
    agent = psutil.Process(int(harness.stdout.readline()))
    assert harness.stdout.readline().strip() == "napping"
    harness.kill()
    harness.wait()
    agent.wait(timeout=10)
    assert not agent.is_running()
