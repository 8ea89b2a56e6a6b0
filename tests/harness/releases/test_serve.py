"""A release served over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from harness.databases import Database
from harness.errors import ReleaseError, UsageError
from harness.releases import serve
from harness.rollout import Rollout
from tests.harness.releases.test_agent import changed, edit


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def test_gunicorn_serves_the_release_on_its_database(shop: Rollout, filled: Database, log: Path) -> None:
    with serve(shop, shop.release[0], filled, log=log) as served:
        assert served.server.startswith("gunicorn")
        assert json.loads(get(f"{served.url}/customers/")) == {"customers": 10}
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(get, [f"{served.url}/worker/"] * 16))) == 1


def test_django_serves_where_gunicorn_is_not_installed(
    shop: Rollout, filled: Database, log: Path, foreign_python: str
) -> None:
    own = changed(shop, python=foreign_python)
    with serve(own, own.release[0], filled, log=log) as served:
        assert served.server == "Django's threaded WSGI server"
        assert json.loads(get(f"{served.url}/customers/")) == {"customers": 10}


def test_its_own_wsgi_application_is_used(shop: Rollout, filled: Database, log: Path) -> None:
    edit(shop, "site_of_shop/__init__.py", "")
    (Path(shop.folder) / "shop_project/site_of_shop/wsgi.py").write_text(
        "def application(environ, start):\n    start('200 OK', [])\n    return [b'its own']\n"
    )
    edit(shop, "site_of_shop/settings.py", 'WSGI_APPLICATION = "site_of_shop.wsgi.application"\n')
    with serve(shop, shop.release[0], filled, log=log) as served:
        assert get(served.url) == "its own"


def test_the_servers_use_of_the_machine_is_measured(shop: Rollout, filled: Database, log: Path) -> None:
    with serve(shop, shop.release[0], filled, log=log) as served:
        before = served.usage()
        for _ in range(100):
            get(f"{served.url}/customers/")
        after = served.usage()
    assert after.cpu_seconds > before.cpu_seconds
    assert after.rss_bytes > 20_000_000
    assert after.processes == 2


def test_a_server_is_gone_afterwards(shop: Rollout, filled: Database, log: Path) -> None:
    with serve(shop, shop.release[0], filled, log=log) as served:
        processes = [psutil.Process(served.pid), *psutil.Process(served.pid).children()]
    assert not any(process.is_running() for process in processes)
    with pytest.raises(urllib.error.URLError):
        get(served.url)


def test_access_is_not_logged_and_errors_are(shop: Rollout, filled: Database, log: Path) -> None:
    edit(shop, "site_of_shop/urls.py", 'urlpatterns.append(path("broken/", lambda request: 1 / 0))\n')
    with serve(shop, shop.release[0], filled, log=log) as served:
        get(f"{served.url}/customers/")
        with pytest.raises(urllib.error.HTTPError):
            get(f"{served.url}/broken/")
    assert "/customers/" not in log.read_text()


def test_a_port_in_use_is_told(shop: Rollout, database: Database, log: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(UsageError, match=f"Port {port} cannot be used: Address already in use") as raised,
            serve(shop, shop.release[0], database, port=port, log=log),
        ):
            pass
    assert raised.value.exit_code == 2


def test_a_port_that_is_asked_for_is_used(shop: Rollout, filled: Database, log: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serve(shop, shop.release[0], filled, port=port, log=log) as served:
        assert served.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("interpreter", ["own", "foreign"])
def test_a_project_that_does_not_start_is_told(
    shop: Rollout, database: Database, log: Path, interpreter: str, foreign_python: str
) -> None:
    edit(shop, "site_of_shop/settings.py", "import not_installed\n")
    broken = changed(shop, python=foreign_python if interpreter == "foreign" else "")
    with (
        pytest.raises(ReleaseError, match=r"'shop' does not serve: .* need the module 'not_installed'"),
        serve(broken, broken.release[0], database, log=log),
    ):
        pass


def test_the_use_of_a_server_that_has_ended_is_not_measured(shop: Rollout, filled: Database, log: Path) -> None:
    with serve(shop, shop.release[0], filled, log=log) as served:
        psutil.Process(served.pid).kill()
        psutil.Process(served.pid).wait(timeout=5) if psutil.pid_exists(served.pid) else None
        with pytest.raises(ReleaseError, match="has ended"):
            served.usage()


KILLED = """
import sys, time
from pathlib import Path
from harness.databases import Database
from harness.releases import serve
from harness.rollout import Release, Rollout, Source
shop = Release(name="shop", path="shop_project", settings="site_of_shop.settings", python=sys.argv[2])
rollout = Rollout(name="shop", source=Source(release="shop"), release=[shop], phase=[], folder=sys.argv[1])
database = Database(engine="sqlite", name=sys.argv[1] + "/db.sqlite3")
with serve(rollout, shop, database, log=Path(sys.argv[1]) / "log") as served:
    print(served.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("interpreter", ["own", "foreign"])
def test_a_server_ends_with_its_harness(shop: Rollout, interpreter: str, foreign_python: str) -> None:
    python = foreign_python if interpreter == "foreign" else ""
    command = [sys.executable, "-c", KILLED, shop.folder, python]
    harness = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert harness.stdout
    top = psutil.Process(int(harness.stdout.readline()))
    processes = [top, *top.children()]
    harness.kill()
    harness.wait()
    psutil.wait_procs(processes, timeout=10)
    assert not any(process.is_running() for process in processes)
