"""A phase that only changes who serves: does the release of before show what the new one wrote?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from harness.databases import Server
from harness.events import Event, Progress
from harness.evidence import Evidence
from harness.operations import Catalog, Operation
from harness.probes.world import World
from tests.harness.integrity.library import MODELS, URLS, open_library
from tests.harness.integrity.test_way_back_probe import finding, measure, value

pytestmark = pytest.mark.slow

ONE = "def one(request, pk):\n    return JsonResponse({'title': Book.objects.get(pk=pk).title})\n\n\nurlpatterns = ["
PAGES = URLS.replace("urlpatterns = [", ONE + "path('books/<int:pk>/', one), ")
CATALOG = Catalog(
    operation=[
        Operation(name="list shelves", request="GET /books/"),
        Operation(name="show a book", request="GET /books/{book}/", draw="SELECT id AS book FROM library_book LIMIT 5"),
        Operation(name="add a book", request="POST /books/", body={"title": "Book {unique}"}, expect=[201]),
    ]
)


@contextmanager
def served(
    folder: Path, server: Server, *, old: str = PAGES, new: str = PAGES, models: str = MODELS
) -> Iterator[World]:
    """The world of a phase in which the new release begins to serve; `models` are those of the old one."""
    with open_library(folder, server, {}, catalog=CATALOG) as world:
        (folder / "old/library/urls.py").write_text(old)
        (folder / "new/library/urls.py").write_text(new)
        (folder / "old/library/models.py").write_text(models)
        world.phase = msgspec.structs.replace(world.phase, serves="new", way_back="serve")
        yield world


def drill(folder: Path, server: Server, **releases: str) -> Evidence:
    with served(folder, server, **releases) as world:
        return measure(world)


def test_the_old_release_is_asked_for_everything_that_was_written(sqlite: Server, tmp_path: Path) -> None:
    events: list[Event] = []
    with served(tmp_path, sqlite) as world:
        world.emit = events.append
        evidence = measure(world)
    told = {each.message for each in events if isinstance(each, Progress)}
    assert {"old: show a book", "new: show a book"} <= told
    assert evidence.findings == []
    assert evidence.summary.startswith("old serves again: nothing lost, ")
    assert value(evidence, "late reads")[""] >= 3  # each of the three books that requests added
    assert value(evidence, "late reads that differ") == {"": 0}
    assert value(evidence, "late rows read")[""] >= 12
    assert value(evidence, "late writes unreadable") == {"": 0}


def test_what_the_new_release_keeps_elsewhere_is_not_shown_by_the_old_one(sqlite: Server, tmp_path: Path) -> None:
    elsewhere = PAGES.replace('(title=json.loads(request.body)["title"], shelf=1)', '(title="", note="kept", shelf=1)')
    elsewhere = elsewhere.replace("pk=pk).title", "pk=pk).note or Book.objects.get(pk=pk).title")
    evidence = drill(tmp_path, sqlite, new=elsewhere)
    assert "shows something else" in finding(evidence, "late-write-not-shown", "show a book").why
    assert value(evidence, "late reads that differ") == {"show a book": 3}


def test_a_page_of_the_old_release_that_breaks_is_named(sqlite: Server, tmp_path: Path) -> None:
    breaks = PAGES.replace("Book.objects.get(pk=pk).title", "int(Book.objects.get(pk=pk).title.removeprefix('title '))")
    evidence = drill(tmp_path, sqlite, old=breaks)
    assert "answers 500 (ValueError)" in finding(evidence, "late-write-not-shown", "show a book").why


def test_a_value_that_the_old_models_do_not_know_is_named(sqlite: Server, tmp_path: Path) -> None:
    known = MODELS.replace("models.IntegerField(default=0)", "models.IntegerField(default=0, choices=[(0, 'front')])")
    evidence = drill(tmp_path, sqlite, models=known)
    found = finding(evidence, "late-write-unreadable", "library_book.shelf")
    assert "none of the choices" in found.why
    assert value(evidence, "late writes unreadable")["library_book.shelf"] >= 3


def test_rows_that_the_old_models_cannot_load_are_counted(sqlite: Server, tmp_path: Path) -> None:
    gone = MODELS.replace("    card =", "    age = models.IntegerField(null=True)\n    card =")
    evidence = drill(tmp_path, sqlite, models=gone)
    assert "cannot be loaded" in finding(evidence, "late-write-unreadable", "library_reader").why


def test_one_returns_to_the_newest_release_that_does_not_serve_any_more(sqlite: Server, tmp_path: Path) -> None:
    with served(tmp_path, sqlite) as world:
        again = msgspec.structs.replace(world.phase, number=2)
        world.rollout = msgspec.structs.replace(world.rollout, phase=[world.phase, again])
        world.phase = again
        assert (world.served.name, world.returns_to.name) == ("new", "old")
