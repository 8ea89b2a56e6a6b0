"""``harness migrations --dump``: what a dumped database has not had is rehearsed on its content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.databases import Server, binaries
from tests.harness.migrations.scratch import Project, Run

INDEX = 'migrations.AddIndex("item", models.Index(fields=["sku"], name="shop_sku"))'


def dump(project: Project, server: Server, path: Path, *options: str) -> Path:
    """Migrate the project's database and dump it, as a user would."""
    database = server.create("production")
    with project.agent(database) as agent:
        agent.call("migrate")
    command = [binaries.embedded().program("pg_dump"), "-h", database.host, "-U", database.user, "-f", str(path)]
    subprocess.run([*command, *options, database.name], check=True)
    return path


@pytest.mark.parametrize("form", ["-Fc", "-Fd", "-Fp"])
def test_what_the_dump_has_not_had_is_rehearsed_on_its_rows(
    project: Project, server: Server, run: Run, tmp_path: Path, form: str
) -> None:
    project.app("shop")
    path = dump(project, server, tmp_path / "production.dump", form)
    project.migration("shop", "0002_index", INDEX)
    code, out, _ = run("--dump", str(path), "--no-old-code", "--no-way-back")
    assert (code, "1 of 1 migrations rehearsed" in out) == (1, True)
    assert "shop_item has 1,000 rows here" in " ".join(out.split())


def test_a_dump_that_has_had_everything_leaves_nothing_to_rehearse(
    project: Project, server: Server, run: Run, tmp_path: Path
) -> None:
    project.app("shop")
    path = dump(project, server, tmp_path / "production.dump")
    assert "Nothing to rehearse" in run("--dump", str(path))[1]


def test_a_sqlite_file_is_a_dump_too(project: Project, run: Run, tmp_path: Path) -> None:
    create = 'migrations.CreateModel("A", [("id", models.BigAutoField(primary_key=True))])'
    project.migration("shop", "0001_one", create)
    settings = project.folder / "scratch_settings.py"
    settings.write_text(
        settings.read_text()
        + f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {str(tmp_path / 'live')!r}}}}}\n"
    )
    command = [sys.executable, "-m", "django", "migrate", "--settings", "scratch_settings", "--pythonpath", "."]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    project.migration("shop", "0002_two", create.replace('"A"', '"B"'))
    code, out, _ = run("--dump", str(tmp_path / "live"), database="sqlite")
    assert (code, "1 of 1 migrations rehearsed" in out) == (3, True)


def test_what_is_no_dump_is_one_sentence(project: Project, server: Server, run: Run, tmp_path: Path) -> None:
    project.app("shop")
    whole = dump(project, server, tmp_path / "whole", "-Fc").read_bytes()
    files = {
        "cut": whole[: len(whole) // 2],
        "newer": whole[:5] + bytes([whole[5], 99]) + whole[7:],
        "words": b"these are not statements\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        code, out, err = run("--dump", str(tmp_path / name))
        assert (code, out, err.count("\n")) == (2, "", 1), name
        assert f"{name} was not restored" in err
    code, _, err = run("--dump", str(tmp_path / "missing"))
    assert (code, "does not exist; name a file or folder that pg_dump wrote" in err) == (2, True)
