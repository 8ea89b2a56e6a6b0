"""Comments that accept a hazard, as people write them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from harness.evidence import Finding
from harness.probes.migrations.acceptances import Judged, apply
from harness.probes.migrations.source import shown

TODAY = datetime.date(2026, 5, 1)
FILE = "shop/migrations/0002_index.py"
CODE = "index-build-blocks-writes"


def judge(folder: Path, *comments: str, codes: tuple[str, ...] = (CODE,)) -> Judged:
    """Judge findings of one file that holds these comments."""
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(comments) + "\n")
    found = [
        Finding(code=code, severity="high", about="shop.0002_index[0]", why="it does", file=FILE) for code in codes
    ]
    return apply(found, [str(path)], folder, TODAY)


def accept(code: str = CODE, until: str = "2026-05-01", reason: str = "400 rows") -> str:
    return f'# harness: accept {code} until={until} reason="{reason}"'


def codes(judged: Judged) -> list[str]:
    return [each.code for each in judged.open]


@pytest.mark.parametrize("comment", [accept(), accept().replace("# harness: ", "#harness:"), f"x = 1  {accept()}"])
def test_an_acceptance_holds_to_the_end_of_its_day(tmp_path: Path, comment: str) -> None:
    judged = judge(tmp_path, comment)
    assert codes(judged) == []
    assert [(finding.code, each.reason) for finding, each in judged.accepted] == [(CODE, "400 rows")]


def test_an_expired_acceptance_accepts_nothing_and_is_told(tmp_path: Path) -> None:
    assert codes(judge(tmp_path, accept(until="2026-04-30"))) == [CODE, "expired-acceptance"]


def test_a_renewed_acceptance_holds_and_the_old_one_is_told(tmp_path: Path) -> None:
    judged = judge(tmp_path, accept(until="2026-04-30"), accept(until="2027-01-01"))
    assert (codes(judged), len(judged.accepted)) == (["expired-acceptance"], 1)


@pytest.mark.parametrize(
    "comment",
    [
        "# harness: accept",
        accept(until="2026-02-30"),
        accept(until="tomorrow"),
        accept(reason=""),
        accept(reason="  "),
        accept().replace('"', "'"),
        accept() + " and more",
        f"# harness: accept {CODE}",
    ],
)
def test_what_cannot_be_understood_accepts_nothing(tmp_path: Path, comment: str) -> None:
    assert codes(judge(tmp_path, comment)) == [CODE, "unreadable-acceptance"]


def test_a_text_that_is_no_comment_accepts_nothing(tmp_path: Path) -> None:
    assert codes(judge(tmp_path, f"x = '''{accept()}'''")) == [CODE]


def test_a_misspelled_code_is_answered_with_the_right_one(tmp_path: Path) -> None:
    judged = judge(tmp_path, accept("index-build-block-writes"))
    assert codes(judged) == [CODE, "unneeded-acceptance"]
    assert f"did you mean {CODE}?" in judged.open[1].why


@pytest.mark.parametrize("code", ["migration-fails", "concurrent-build-in-transaction", "transaction-left-open"])
def test_a_migration_that_fails_cannot_be_accepted(tmp_path: Path, code: str) -> None:
    judged = judge(tmp_path, accept(code), codes=(code,))
    assert codes(judged) == [code, "unreadable-acceptance"]
    assert "was not measured" in judged.open[1].why


def test_an_acceptance_of_an_acceptance_is_not_needed(tmp_path: Path) -> None:
    judged = judge(tmp_path, accept(until="2026-04-30"), accept("expired-acceptance"))
    assert codes(judged) == [CODE, "expired-acceptance", "unneeded-acceptance"]


def test_a_file_in_another_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + accept().encode())
    assert apply([], [str(path)], tmp_path, TODAY).open[0].code == "unneeded-acceptance"


def test_an_acceptance_of_one_package_says_nothing_about_another(tmp_path: Path) -> None:
    files = [tmp_path / "site-packages" / app / "migrations" / "0001_initial.py" for app in ("one", "two")]
    for file, text in zip(files, (accept(), ""), strict=True):
        file.parent.mkdir(parents=True)
        file.write_text(text)
    root = tmp_path / "project"
    names = [shown(str(file), root) for file in files]
    found = [Finding(code=CODE, severity="high", about=name, why="it does", file=name) for name in names]
    judged = apply(found, [str(file) for file in files], root, TODAY)
    assert names == ["one/migrations/0001_initial.py", "two/migrations/0001_initial.py"]
    assert [each.file for each in judged.open] == names[1:]
