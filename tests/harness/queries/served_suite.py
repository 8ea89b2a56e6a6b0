"""A suite whose tests speak HTTP to servers in processes of their own: Gunicorn with eight threads, and an ASGI one."""

SETTINGS = """
ALLOWED_HOSTS = ["*"]
if "SERVED_DATABASE" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["SERVED_DATABASE"]
"""
VIEWS = """

def in_threads(request):
    import threading
    threads = [threading.Thread(target=first_of_a_thread) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return HttpResponse("done")


def die(request):
    os.kill(os.getpid(), 9)
"""
URLS = 'urlpatterns += [path(f"{each.__name__}/", each) for each in (views.in_threads, views.die)]\n'
APPLICATIONS = """
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from harness.agent.served.asgi import watched

wsgi = get_wsgi_application()
asgi = watched(get_asgi_application())
"""
ASGI_SERVER = """
import asyncio
import socket
import sys

from applications import asgi


async def answer(reader, writer):
    method, target, _ = (await reader.readuntil(b"\\r\\n\\r\\n")).decode().split(" ", 2)
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }
    requests = asyncio.Queue()
    requests.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message):
        if message["type"] == "http.response.start":
            writer.write(b"HTTP/1.0 %d OK\\r\\n\\r\\n" % message["status"])
        else:
            writer.write(message.get("body", b""))
        await writer.drain()

    await asgi(scope, requests.get, send)
    writer.close()


async def main():
    await (await asyncio.start_server(answer, sock=socket.socket(fileno=int(sys.argv[1])))).serve_forever()


asyncio.run(main())
"""
SUITE = """
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from django.db import connection
from library.models import Author, Book

pytestmark = pytest.mark.django_db(transaction=True)
GUNICORN = [
    "-m", "gunicorn", "--no-control-socket", "--threads", "8", "--graceful-timeout", "1", "--bind", "fd://{fd}",
]

ASGI = ["asgi_server.py", "{fd}"]


@contextmanager
def served(command, environment):
    variables = {**os.environ, "SERVED_DATABASE": connection.settings_dict["NAME"], **environment}
    with socket.create_server(("127.0.0.1", 0)) as listening, open(f"{os.getpid()}.log", "ab") as log:
        arguments = [each.format(fd=listening.fileno()) for each in command]
        server = subprocess.Popen(
            [sys.executable, *arguments], env=variables, pass_fds=[listening.fileno()], stdout=log, stderr=log,
        )
        try:
            port = listening.getsockname()[1]
            get(port, "/typed/")
            yield port
        finally:
            server.terminate()
            server.wait()


def get(port, path, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.fixture(scope="session")
def watch(django_db_setup, served_queries):
    with served_queries("applications:wsgi") as watch:
        yield watch


@pytest.fixture(scope="session")
def gunicorn(watch, django_db_blocker):
    with django_db_blocker.unblock(), served([*GUNICORN, watch.wsgi], watch.environment) as port:
        yield port


@pytest.fixture(scope="session")
def asgi(django_db_setup, served_queries, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        served_queries("applications:asgi") as watch,
        served(ASGI, watch.environment) as port,
    ):
        yield port


@pytest.fixture(params=["gunicorn", "asgi"])
def port(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def books():
    for number in range(9):
        Book.objects.create(title=f"Book {number}", author=Author.objects.create(name="A"))


@pytest.mark.queries(exactly=10, n_plus_one=0)
def test_as_many_as_expected(port, books):
    assert get(port, "/books/") == 200


@pytest.mark.queries(at_most=2, n_plus_one=0)
def test_too_many(port, books):
    get(port, "/books/")


def test_repeats(port, books):
    get(port, "/books/")


def test_accepted(port, books):
    get(port, "/authors/")


def test_requests_in_a_loop_repeat_nothing(port, books):
    for _ in range(5):
        get(port, "/books/1/")


def test_template(port, books):
    get(port, "/shelf/")


@pytest.mark.queries(n_plus_one=0)
def test_each_request_is_counted_for_itself(port, books, queries):
    def ask(size):
        assert get(port, f"/books/?page_size={size}") == 200

    with queries() as captured, ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, [1, 2, 3, 4, 5, 6, 7, 8] * 4))
    assert sorted(each["queries"]["reads"] for each in captured.served) == sorted([2, 3, 4, 5, 6, 7, 8, 9] * 4)
    assert captured.reads == sum(range(2, 10)) * 4
    assert [each["count"] for each in captured.statements] == [32, 36 * 4]


@pytest.mark.queries(n_plus_one=0)
def test_a_report_is_there_with_the_answer(port, books, queries):
    with queries() as captured:
        for number in range(1, 21):
            get(port, "/stream/")
            assert captured.reads == 5 * number


@pytest.mark.queries(exactly=2)
def test_coroutine(port, books):
    get(port, "/later/")


@pytest.mark.queries(exactly=2)
def test_threads_of_a_request(port, books):
    get(port, "/in_threads/")


@pytest.mark.queries(exactly=1)
def test_content_types_are_asked_for_anew(port):
    get(port, "/typed/")
    get(port, "/typed/")


def test_blocks_begin_anew(port, queries):
    for _ in range(2):
        with queries(exactly=1):
            get(port, "/typed/")


def test_grow(port, queries):
    queries.grow(populate=lambda n: None, run=lambda: get(port, "/books/1/"))


@pytest.mark.queries(exactly=1)
def test_only_what_names_this_test_or_none(gunicorn, watch, books):
    get(gunicorn, "/books/99/", **watch.headers)
    get(gunicorn, "/books/", **{"Harness-Test": "another"})


@pytest.fixture(scope="module")
def asked_before(gunicorn):
    get(gunicorn, "/books/99/")


@pytest.mark.queries(exactly=0)
def test_shared_fixture_is_nobodys(request):
    request.getfixturevalue("asked_before")


@pytest.mark.queries(exactly=2)
def test_own_queries_are_added(gunicorn, books):
    Author.objects.count()
    get(gunicorn, "/books/99/")


def test_started_without_the_variables(served_queries):
    with served_queries("applications:wsgi"), served(ASGI, {}) as port:
        get(port, "/books/1/")


def test_started_without_the_variables_as_a_block_knows(served_queries, queries):
    with served_queries("applications:wsgi"), served(ASGI, {}) as port:
        with queries(at_most=9):
            get(port, "/books/1/")
        pytest.exit("not reached")


def test_started_without_the_variables_as_grow_knows(served_queries, queries):
    with served_queries("applications:wsgi"), served(ASGI, {}) as port:
        queries.grow(populate=lambda n: None, run=lambda: get(port, "/books/1/"))
        pytest.exit("not reached")


def test_died(served_queries, queries):
    with served_queries("applications:asgi") as watch, served(ASGI, watch.environment) as port:
        with queries():
            with pytest.raises(OSError):
                get(port, "/die/")
"""
INI = """queries_n_plus_one = 3
queries_ignore = library/views.py:authors until=2999-01-01 reason="the page is rewritten"
"""
PASSING = {
    "test_accepted",
    "test_as_many_as_expected",
    "test_requests_in_a_loop_repeat_nothing",
    "test_each_request_is_counted_for_itself",
    "test_a_report_is_there_with_the_answer",
    "test_coroutine",
    "test_threads_of_a_request",
    "test_content_types_are_asked_for_anew",
    "test_blocks_begin_anew",
}
PASSING_ALONE = {
    "test_only_what_names_this_test_or_none",
    "test_shared_fixture_is_nobodys",
    "test_own_queries_are_added",
}
