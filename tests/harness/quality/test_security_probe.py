"""The probe "security": what Bandit finds is reported, and so is everything that it would pass over in silence."""

from __future__ import annotations

import json
import subprocess
import sys

import msgspec
import pytest

from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.probes.security import command
from tests.harness.quality.conftest import Project, value

SHELL = "import subprocess\n\n\ndef run(what):\n    subprocess.run(what, shell=True)\n"
CONFIG = "skips: [B404]\n"


@pytest.fixture
def code(project: Project) -> Project:
    """A project with a harmless module and a configuration of Bandit."""
    project.write("code/harmless.py", "x = 1\n")
    project.write("bandit.yaml", CONFIG)
    return project


def scan(project: Project, **options: object) -> Evidence:
    """Run the probe on the folder `code`."""
    return project.measure("security", **{"paths": ["code"], "config": "bandit.yaml", **options})


def accept(project: Project) -> None:
    """Write what Bandit finds now as the baseline, as a reviewer would."""
    subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", "code", "-c", "bandit.yaml", "-f", "json", "-o", "accepted.json"],
        cwd=project.folder,
        check=False,
        capture_output=True,
    )


def test_harmless_code_is_scanned_and_nothing_is_found(code: Project) -> None:
    code.write("code/empty.py", "")

    evidence = scan(code)

    assert evidence.summary == "Bandit: 0 new findings, 2 files scanned, 0 not scanned"
    assert (value(evidence, "files scanned"), value(evidence, "files not scanned")) == (2, 0)
    assert evidence.findings == []


def test_a_call_through_the_shell_is_found_with_its_place_and_a_remedy(code: Project) -> None:
    code.write("code/view.py", SHELL)

    evidence = scan(code)

    [finding] = evidence.findings
    assert (finding.code, finding.severity, finding.file, finding.line) == ("B602", "high", "code/view.py", 5)
    assert "shell" in finding.why
    assert finding.remedy == "Pass a list of arguments and leave shell out."
    assert [value(evidence, "new findings", level) for level in ("low", "medium", "high")] == [0, 0, 1]


def test_several_findings_of_a_kind_are_told_apart_and_the_gravest_comes_first(code: Project) -> None:
    code.write(
        "code/view.py", "import pickle\n" + SHELL + "    subprocess.run(what, shell=True)\n    pickle.loads(what)\n"
    )

    findings = scan(code).findings

    assert [(each.code, each.about) for each in findings][:2] == [
        ("B602", "code/view.py"),
        ("B602", "code/view.py (2)"),
    ]
    assert [each.severity for each in findings] == ["high", "high", "medium", "low"]
    assert len({each.fingerprint for each in findings}) == 4


def test_a_file_with_a_syntax_error_counts_as_not_scanned(code: Project) -> None:
    code.write("code/broken.py", SHELL + "def (:\n")

    evidence = scan(code)

    [finding] = evidence.findings
    assert (finding.code, finding.severity, finding.file) == ("not-scanned", "high", "code/broken.py")
    assert "syntax error" in finding.why
    assert (value(evidence, "files scanned"), value(evidence, "files not scanned")) == (1, 1)


def test_a_file_that_bandits_own_configuration_excludes_counts_as_not_scanned(code: Project) -> None:
    code.write("code/view.py", SHELL)
    code.write("bandit.yaml", "exclude_dirs: [view]\n")

    [finding] = scan(code).findings

    assert (finding.code, finding.file) == ("not-scanned", "code/view.py")
    assert "exclude_dirs" in finding.why


def test_a_path_that_does_not_exist_is_an_error(code: Project) -> None:
    with pytest.raises(ProbeError, match=r"'moved'.*does not exist"):
        scan(code, paths=["code", "moved"])


def test_what_is_left_out_by_name_or_pattern_is_not_expected(code: Project) -> None:
    code.write("code/old/view.py", SHELL)
    code.write("code/generated_view.py", SHELL)
    code.write("code/older/fine.py", "y = 2\n")

    evidence = scan(code, leave_out=["code/old", "*/generated_*.py"])

    assert value(evidence, "files scanned") == 2
    assert evidence.findings == []


def test_virtual_environments_and_hidden_folders_are_not_expected(code: Project) -> None:
    code.write("code/env/pyvenv.cfg", "")
    code.write("code/env/lib/view.py", SHELL)
    code.write("code/.tox/view.py", SHELL)

    assert value(scan(code), "files scanned") == 1


def test_a_single_file_can_be_named(code: Project) -> None:
    code.write("code/view.py", SHELL)

    assert value(scan(code, paths=["code/view.py"]), "files scanned") == 1


def test_accepted_findings_are_counted_and_not_reported_even_when_their_lines_move(code: Project) -> None:
    code.write("code/view.py", SHELL)
    accept(code)
    code.write("code/view.py", "# a new first line\n\n" + SHELL.replace("def run(what):", "def run_it(what):"))

    evidence = scan(code, baseline="accepted.json")

    assert evidence.findings == []
    assert (value(evidence, "accepted findings"), value(evidence, "bandit findings")) == (1, 1)
    [row] = evidence.details["tables"][0]["rows"]
    assert row == ["code/view.py", 7, "B602 subprocess_popen_with_shell_equals_true", "high"]


def test_one_accepted_finding_does_not_cover_a_second_equal_one(code: Project) -> None:
    code.write("code/view.py", SHELL)
    accept(code)
    code.write("code/view.py", SHELL + "\n\ndef again(what):\n    subprocess.run(what, shell=True)\n")

    evidence = scan(code, baseline="accepted.json")

    assert [(each.code, each.line) for each in evidence.findings] == [("B602", 9)]
    assert value(evidence, "accepted findings") == 1


def test_a_finding_that_moved_to_another_file_is_new(code: Project) -> None:
    code.write("code/view.py", SHELL)
    accept(code)
    (code.folder / "code/view.py").rename(code.folder / "code/other.py")

    evidence = scan(code, baseline="accepted.json")

    assert [each.file for each in evidence.findings] == ["code/other.py"]
    assert "1 more accepted ones are gone" in evidence.details["tables"][0]["title"]


@pytest.mark.parametrize("text", [None, "no json", json.dumps({"results": [{"filename": 1}]})])
def test_a_baseline_that_cannot_be_read_is_an_error(code: Project, text: str | None) -> None:
    if text is not None:
        code.write("accepted.json", text)

    with pytest.raises(ProbeError, match=r"^accepted\.json "):
        scan(code, baseline="accepted.json")


@pytest.mark.parametrize("comment", ["nosec", "nosec reviewed by the team", "nosec B60", "NOSEC? #nosec", "nosec:"])
def test_a_comment_that_silences_everything_is_a_finding(code: Project, comment: str) -> None:
    code.write("code/view.py", SHELL.replace("shell=True)", f"shell=True)  # {comment}"))

    evidence = scan(code)

    [finding] = evidence.findings
    assert (finding.code, finding.severity, finding.line) == ("blanket-nosec", "medium", 5)
    assert value(evidence, "blanket suppressions") == 1


@pytest.mark.parametrize("comment", ["nosec B602", "nosec B602, B603", "nosec B602  # the command is a constant"])
def test_a_comment_that_names_its_test_is_listed_but_no_finding(code: Project, comment: str) -> None:
    code.write("code/view.py", SHELL.replace("shell=True)", f"shell=True)  # {comment}"))

    evidence = scan(code)

    assert evidence.findings == []
    assert evidence.details["tables"][1]["rows"][0][:2] == ["code/view.py", 5]


def test_the_word_in_a_string_silences_nothing(code: Project) -> None:
    code.write("code/view.py", "text = '# nosec'\n")

    assert value(scan(code), "blanket suppressions") == 0


def test_a_secret_in_the_code_does_not_reach_the_evidence(code: Project) -> None:
    code.write(
        "code/settings.py", "password = 'hunter2'\n\n\ndef login(token=\"hunter2\"):\n    login(password='hunter2')\n"
    )

    evidence = scan(code)

    assert {each.code for each in evidence.findings} == {"B105", "B106", "B107"}
    assert b"hunter2" not in msgspec.json.encode(evidence)
    assert "hunter2" not in code.log("security")


def test_many_files_are_scanned_in_parts(code: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "FILES_AT_ONCE", 2)
    for number in range(4):
        code.write(f"code/view{number}.py", SHELL)

    evidence = scan(code)

    assert value(evidence, "files scanned") == 5
    assert len(evidence.findings) == 4


def test_a_configuration_that_bandit_refuses_is_an_error(code: Project) -> None:
    code.write("bandit.yaml", "skips: [\n")

    with pytest.raises(ProbeError, match="Bandit ended with 2"):
        scan(code)


def test_without_bandit_the_probe_is_skipped_and_says_how_to_install_it(
    code: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bandit", None)

    evidence = scan(code)

    assert evidence.outcome == "skipped"
    assert "rollout-harness[security]" in evidence.reason
