"""The probe "duplication": what stands in two files is found with both places."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.errors import ProbeError
from harness.probes.duplication import probe
from harness.probes.sources import Source
from tests.harness.quality.conftest import Project, value

BODY = "".join(f"    total += weight_{each} * amount_{each}\n" for each in range(8))


def test_a_passage_in_two_files_is_found_with_both_places(project: Project) -> None:
    project.write("code/a.py", f"def first(total):\n{BODY}    return total\n")
    project.write("code/b.py", f"x = 1\n\n\ndef second(total):\n{BODY}    return total + x\n")

    evidence = project.measure("duplication", paths=["code"])

    [finding] = evidence.findings
    assert (finding.code, finding.about, finding.file, finding.line) == (
        "clone",
        "code/a.py = code/b.py",
        "code/a.py",
        2,
    )
    assert "code/a.py:2-9 and code/b.py:5-12" in finding.remedy
    assert (value(evidence, "clones"), value(evidence, "lines"), value(evidence, "duplicated lines")) == (1, 23, 16)
    assert value(evidence, "share of duplicated lines") == 69.57


def test_a_passage_in_three_files_is_one_clone_with_three_places(project: Project) -> None:
    for name in "abc":
        project.write(f"code/{name}.py", f"def {name}(total):\n{BODY}    return total + {name}\n")

    evidence = project.measure("duplication", paths=["code"])

    [finding] = evidence.findings
    assert finding.why == "8 lines stand in 3 places"
    assert value(evidence, "duplicated lines") == 24


def test_comments_docstrings_imports_and_heads_of_functions_are_no_clones(project: Project) -> None:
    imports = "".join(f"import module_{each}\n" for each in range(8))
    words = '"""' + "\n".join(f"Line {each} of the text." for each in range(8)) + '"""\n'
    for name in "ab":
        project.write(f"code/{name}.py", words + imports + "# one\n# two\n# three\n" + f"{name} = 1\n")

    assert project.measure("duplication", paths=["code"]).findings == []
    assert len(project.measure("duplication", paths=["code"], imports=True).findings) == 1


@pytest.mark.parametrize(("least", "clones"), [(8, 1), (9, 0)])
def test_how_many_lines_make_a_clone_can_be_chosen(project: Project, least: int, clones: int) -> None:
    for name in "ab":
        project.write(f"code/{name}.py", f"def {name}(total):\n{BODY}    return total + {name}\n")

    assert len(project.measure("duplication", paths=["code"], least=least).findings) == clones


def test_a_file_that_symilar_passes_over_is_noticed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("code/a.py", "x = 1\ny = 2\n")
    (project.folder / "code/b.py").write_bytes(b"# \xff\nz = 3\n")
    monkeypatch.setattr(probe, "read_sources", _read_as_latin)

    with pytest.raises(ProbeError, match="compared 2 of 4 lines"):
        project.measure("duplication", paths=["code"])


def _read_as_latin(folder: Path, options: object) -> list[Source]:
    """Read like a reader that is less strict than Symilar."""
    files = sorted((folder / "code").glob("*.py"))
    return [
        Source(file.relative_to(folder).as_posix(), file.read_text(encoding="latin-1"), ast.Module([]))
        for file in files
    ]
