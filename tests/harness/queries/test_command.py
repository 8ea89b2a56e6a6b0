"""``harness queries`` on a project that has nothing but a settings module."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.cli import main
from harness.operations import read_operations
from harness.probes.world import World
from tests.harness.queries.library import write_library

MORE_URLS = """
from django.http import HttpResponse
from django.urls import include, re_path

old = re_path(r"^old/(?P<pk>[0-9]+)/$", views.book)
inner = ([old, re_path("^list-of-all/$", views.books, name="all_books")], "in")
urlpatterns += [path("shelves/", include(inner))]


def form(request):
    from uuid import uuid4
    from django.http import HttpResponse
    from django.contrib.auth.models import User
    from library.models import Book
    titles = [book.title for book in Book.objects.order_by("id")[:60]]
    return HttpResponse(f"{uuid4()} {titles} {User.objects.exists()}")


urlpatterns += [path("form/", form, name="form")]


def written(request, author_id, pk):
    from django.shortcuts import get_object_or_404
    from library.models import Book
    return HttpResponse(get_object_or_404(Book, author=author_id, pk=pk).title)


def late(request, loan_id):
    from django.shortcuts import get_object_or_404
    from library.models import Loan
    return HttpResponse(get_object_or_404(Loan.objects.filter(pk__gt=9), pk=loan_id).pk)


def pretended(request, book_id):
    return HttpResponse("always")


def listed(request, book_id):
    return HttpResponse([book.title for book in views.Book.objects.all()])


def refused(request, author_id):
    return HttpResponse(status=405)


def typed_in(request, app_label, model_name):
    from django.shortcuts import get_object_or_404
    return HttpResponse(get_object_or_404(views.ContentType, app_label=app_label, model=model_name))


def title(request, title):
    from django.shortcuts import get_object_or_404
    return HttpResponse(get_object_or_404(views.Book, title=title))


def beside(request, pk):
    from library.models import Author
    return HttpResponse([[author.name for author in Author.objects.all()], views.Book.objects.get(pk=pk).title])


urlpatterns += [
    path("beside/<int:pk>/", beside, name="beside"),
    path("authors/<int:author_id>/books/<int:pk>/", written, name="written"),
    path("loans/<int:loan_id>/", late, name="late"),
    path("pretended/<int:book_id>/", pretended),
    path("listed/<int:book_id>/", listed, name="listed"),
    path("refused/<int:author_id>/", refused),
    path("books/of/<str:app_label>/<str:model_name>/", typed_in, name="type"),
    path("title/<str:title>/", title, name="title"),
    path("said/<str:word>/<int:author_id>/", pretended),
]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library without a rollout file, with operations drafted from its URLs."""
    folder = tmp_path_factory.mktemp("foreign")
    write_library(folder)
    project = folder / "site"
    settings = (project / "settings.py").read_text()
    (project / "settings.py").write_text("import os\n\nos.environ['SLOW'] = '1'\n" + settings)
    with (project / "urls.py").open("a") as urls:
        urls.write(MORE_URLS)
    assert queries(project, "draft") == 0
    return project


def queries(project: Path, action: str, *more: str) -> int:
    options = ["--project", str(project), "--settings", "settings", "--database", "sqlite", "--seed", "fill"]
    return main(["queries", action, *more, *options])


def reduce(project: Path, *names: str) -> str:
    """Return the options that leave only some operations of the draft."""
    text = (project / "operations.toml").read_text()
    head, *blocks = re.split(r"^(?=\[\[operation\]\])", text, flags=re.M)
    kept = [block for block in blocks if any(f'name = "{name}"' in block for name in names)]
    assert len(kept) == len(names), text
    (project / "few.toml").write_text(head + "".join(kept))
    return "few.toml"


def test_operations_are_drafted_from_the_urls_with_the_tables_that_answers_are_made_of(project: Path) -> None:
    text = (project / "operations.toml").read_text()

    assert 'name = "books"\nrequest = "GET /books/"\nactor = "user"' in text
    assert 'name = "Shelf"\nrequest = "GET /shelf/"' in text
    assert 'name = "in all books"\nrequest = "GET /shelves/list-of-all/"' in text
    assert re.search(
        r'name = "authors"\n.*\n.*\nqueries = { grows = "constant" }\ngrows_with = \["library_author"', text
    )
    form = text.split('name = "form"')[1].split("[[")[0]
    assert '"library_book"' in form
    assert "auth_user" not in form, "a token that differs each time says nothing about the users"
    assert re.search(r"answers 500 \(ValueError at \./library/views\.py:\d+ in broken\) in .*\n#   GET /broken/", text)
    assert 'grows_with = ["library_book"]' not in text.split('name = "constant"')[1].split("[[")[0]


def drawn(project: Path, name: str) -> str:
    """Return how the draft fills the placeholders of an operation, and what it says of it."""
    [block] = re.findall(rf'^name = "{name}"\n(?:.+\n)*', (project / "operations.toml").read_text(), flags=re.M)
    return re.sub(r'(?s).*draw = "(.*?)"\n', r"\1|", block)


def test_placeholders_are_filled_from_rows_that_were_seen_to_answer(project: Path) -> None:
    assert drawn(project, "book") == "SELECT id AS pk FROM library_book ORDER BY id|"
    assert drawn(project, "in book") == "SELECT id AS pk FROM library_book ORDER BY id|"
    assert drawn(project, "title") == 'SELECT \\"title\\" AS \\"title\\" FROM library_book ORDER BY id|'
    assert "JOIN library_book ON library_book.author_id = library_author.id ORDER BY" in drawn(project, "written")
    assert drawn(project, "late") == "SELECT id AS loan_id FROM library_loan ORDER BY id DESC|"
    assert "WHERE app_label = 'library' AND model = 'book' ORDER BY id" in drawn(project, "type")


def test_a_draft_says_that_operations_with_a_row_were_not_grown(project: Path) -> None:
    head = (project / "operations.toml").read_text().split("schema = 1")[0]
    assert "# Whether operations with a 'draw' grow was not measured" in head


def test_of_two_tables_with_the_same_key_the_one_that_was_looked_up_is_drawn_from(project: Path) -> None:
    assert drawn(project, "beside") == "SELECT id AS pk FROM library_book ORDER BY id|"


def test_an_answer_that_does_not_look_its_row_up_proves_nothing(project: Path) -> None:
    assert "|# It answers with this row, but no statement shows" in drawn(project, "listed")
    text = (project / "operations.toml").read_text()
    assert "#   GET /pretended/{book_id}/  (200 without a look at the row)\n" in text


def test_routes_are_left_out_by_reason(project: Path) -> None:
    left_out = (project / "operations.toml").read_text().split("# Left out, ")[1:]
    [unknown] = [each for each in left_out if "nothing says what a placeholder stands for" in each]
    assert "#   GET /said/{word}/{author_id}/  ({word})\n" in unknown
    [refused] = [each for each in left_out if "answers 405" in each]
    assert "#   GET /refused/{author_id}/\n" in refused


def test_tables_with_too_few_rows_are_named(project: Path) -> None:
    said = "# Whether anything grows with these tables is not known, they have fewer than 5 rows: auth_user.\n"
    assert said in (project / "operations.toml").read_text()


def test_a_file_that_exists_is_not_overwritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert queries(project, "draft") == 2
    assert "exists already; name another file with --operations" in capsys.readouterr().err


def interrupted_at(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C when a message is told; "": the first one."""
    tell = World.progress

    def progress(world: World, probe: str, said: str, done: float = 0, total: float = 0) -> None:
        tell(world, probe, said, done, total)
        if message in ("", said):
            raise KeyboardInterrupt

    monkeypatch.setattr(World, "progress", progress)


def test_a_draft_that_is_interrupted_leaves_what_it_knows(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted_at("/shelf/", monkeypatch)
    assert queries(project, "draft", "--operations", "part.toml") == 130

    path = project / "part.toml"
    said = capsys.readouterr().err
    assert f"Interrupted; {path} holds what was known by then, 3 operations, and names the routes" in said
    text = path.read_text()
    assert "# Interrupted: not all was asked." in text
    assert [each.name for each in read_operations(path).operation] == ["books", "book", "authors"]
    assert "#   GET /shelf/\n" in text.split("not asked, the draft was interrupted before.\n")[1]


def test_a_draft_that_is_interrupted_before_any_answer_writes_nothing_and_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted_at("", monkeypatch)
    assert queries(project, "draft", "--operations", "none.toml") == 130

    assert capsys.readouterr().err == "harness: Interrupted before any route had answered; nothing was written.\n"
    assert not (project / "none.toml").exists()


def test_what_was_recorded_passes_and_what_grows_does_not(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = reduce(project, "me", "typed", "books")
    assert queries(project, "record", "--operations", few) == 0
    ledger = json.loads((project / "reports/baselines/queries.json").read_text())
    assert "3 operations recorded" in capsys.readouterr().out
    assert ledger["operations"]["books"]["reads"] == 51
    assert ledger["operations"]["books"]["statements"][0]["place"] == "library/views.py describe"

    assert queries(project, "check", "me", "typed", "--operations", few) == 0
    assert re.search(r"^typed +0 reads, 0 writes, recorded 0 and 0$", capsys.readouterr().out, flags=re.M)
    assert queries(project, "check", "--operations", few) == 1
    shown = capsys.readouterr().out
    assert "books: linear up to a page with library_book, 1, 2, 5, 9, 50 times" in shown
    assert 'write: add select_related("author") to the query of library.Book' in shown


@pytest.mark.slow
def test_an_operation_that_got_worse_is_a_no_go_and_one_without_a_record_is_a_hold(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = reduce(project, "me", "typed", "raw")
    assert queries(project, "record", "me", "raw", "--operations", few) == 0
    path = project / "reports/baselines/queries.json"
    ledger = json.loads(path.read_text())
    ledger["operations"].pop("typed", None)
    ledger["operations"]["me"]["reads"] = 1
    ledger["operations"]["raw"]["reads"] = 9
    path.write_text(json.dumps(ledger))
    capsys.readouterr()

    assert queries(project, "check", "me", "raw", "--operations", few) == 1
    shown = capsys.readouterr()
    assert "me: 2 reads, recorded 1" in shown.out
    assert "raw needs less than recorded; tighten with 'harness queries record'." in shown.out
    assert queries(project, "check", "--operations", few, "--format", "json") == 3
    shown = capsys.readouterr()
    assert "'typed' is not in the ledger; record it with 'harness queries record'." in shown.err
    assert json.loads(shown.out)["missing"] != []


@pytest.mark.slow
def test_an_operation_is_explained_statement_by_statement(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = reduce(project, "Shelf")
    assert queries(project, "explain", "Shelf", "--operations", few) == 0

    shown = capsys.readouterr().out
    assert "Shelf: 73 reads, 0 writes" in shown or "Shelf: 71 reads, 0 writes" in shown
    assert "with N rows of library_book: 1 + N (linear; measured at 1, 2, 5, 9, 60)" in shown
    assert "from books.html:1 (template)" in shown
    assert "linear with library_book: 1, 2, 5, 9, 60 times" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain"], "Name the operation to explain"),
        (["record", "no such thing"], "No operation is called no such thing"),
        (["check", "--operations", "none.toml"], "none.toml does not exist"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(
    project: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert queries(project, *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_check_without_a_ledger_says_how_to_make_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "reports/baselines/queries.json").unlink(missing_ok=True)

    assert queries(project, "check", "me") == 2
    assert "There is no ledger" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "has another format"),
        ('{"schema": 1, "tests": {}}', "has no operations yet"),
        ('{"schema": 1, "operations": []}', "is damaged in operations: Expected `object`, got `array`"),
        ('{"schema": 1, "operations": {"me": {"reads": "x"}}}', "is damaged in operations"),
    ],
)
def test_a_damaged_ledger_is_one_sentence(
    project: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "reports/baselines/queries.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

    assert queries(project, "check", "me") == 2
    assert words in capsys.readouterr().err
    path.unlink()


def test_names_may_stand_behind_the_options(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--project", str(project), "--settings", "settings", "--database", "sqlite"]
    assert main(["queries", "record", "no such", *options, "thing"]) == 2
    assert "No operation is called no such or thing;" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["queries", "record", "--no-such-option", "thing"])
    assert "unrecognized arguments: --no-such-option" in capsys.readouterr().err
