"""The probe "tests": what a suite says is measured, and a suite that says nothing is an error."""

from __future__ import annotations

import time
import venv

import pytest

from harness.errors import ProbeError, ReleaseError
from harness.events import Progress
from tests.harness.processes import has_ended
from tests.harness.quality.conftest import Project, value

SIGN = """
def sign(number):
    name = "some"
    if number:
        name = "more"
    if number < 0:
        name = "less"
    return name
"""
PASSES = "from code_under_test import sign\n\ndef test_more(): assert sign(1) == 'more'\n"


@pytest.fixture
def suite(project: Project) -> Project:
    """A project with code and a test that passes."""
    project.write("code_under_test/__init__.py", SIGN)
    project.write("tests/test_sign.py", PASSES)
    return project


def test_a_passing_suite_is_counted_and_its_branches_are_measured(suite: Project) -> None:
    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    assert evidence.outcome == "measured"
    assert (value(evidence, "passed"), value(evidence, "failed"), value(evidence, "errors")) == (1, 0, 0)
    # 6 of 7 statements and 2 of 4 branches; statements alone would be 85.71.
    assert value(evidence, "coverage") == 72.73
    assert evidence.summary == "1 passed, coverage 72.7 %"
    assert evidence.findings == []
    assert [artifact.path for artifact in evidence.artifacts] == ["logs/tests.log"]


def test_the_files_that_cover_least_and_the_tests_that_last_longest_are_listed(suite: Project) -> None:
    slowest, _, covered = suite.measure("tests", paths=["tests"], cover=["code_under_test"]).details["tables"]

    assert [row[0] for row in slowest["rows"]] == ["tests/test_sign.py::test_more"]
    assert covered["rows"] == [["code_under_test/__init__.py", 7, 1, 72.7]]


def test_each_package_has_a_coverage_of_its_own(suite: Project) -> None:
    for name, body in {"fine": "x = 1\n", "bad": "def f():\n    return 1\n"}.items():
        suite.write(f"code_under_test/{name}/__init__.py", "")
        suite.write(f"code_under_test/{name}/inner/__init__.py", body)
    suite.write("tests/test_sign.py", PASSES + "import code_under_test.fine.inner, code_under_test.bad.inner\n")

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    shares = {each.about: each.value for each in evidence.select("package coverage")}
    assert shares == {"code_under_test": 72.73, "code_under_test/bad": 50, "code_under_test/fine": 100}
    assert evidence.details["tables"][1]["rows"][1] == ["code_under_test/bad", 1, 2, 50.0]
    assert evidence.unsound == []


def test_a_file_that_coverage_passes_over_makes_the_evidence_unsound(suite: Project) -> None:
    suite.write("code_under_test/no_package/rules.py", "x = 1\n" * 50)
    suite.write("code_under_test/no_package/empty.py", "")

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    [doubt] = evidence.unsound
    assert "code_under_test/no_package/rules.py" in doubt


def test_files_that_are_omitted_do_not_count(suite: Project) -> None:
    suite.write("code_under_test/unused.py", "x = 1\n" * 50)

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"], omit=["*/unused.py"])

    assert value(evidence, "coverage") == 72.73


def test_code_that_no_test_imports_counts_as_not_covered(suite: Project) -> None:
    suite.write("code_under_test/unused.py", "x = 1\n" * 50)

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    assert value(evidence, "coverage") < 20


def test_without_folders_to_cover_there_is_no_coverage(suite: Project) -> None:
    evidence = suite.measure("tests", paths=["tests"])

    assert evidence.select("coverage") == []
    assert evidence.summary == "1 passed"


def test_a_failing_test_is_named_with_its_place_and_the_first_line_of_its_assertion(suite: Project) -> None:
    suite.write(
        "tests/test_wrong.py",
        "import pytest\n\n\nclass TestSign:\n    @pytest.mark.parametrize('n', [7])\n    def test_seven(self, n):\n"
        "        assert n == 8, 'seven is\\nno secret row'\n",
    )

    evidence = suite.measure("tests", paths=["tests"])

    [finding] = evidence.findings
    assert (finding.code, finding.severity) == ("test-failed", "high")
    assert finding.about == "tests/test_wrong.py::TestSign::test_seven[7]"
    assert (finding.file, finding.line) == ("tests/test_wrong.py", 7)
    assert finding.why == "AssertionError: seven is"
    assert finding.about in finding.remedy
    assert evidence.summary == "1 passed, 1 failed"


def test_a_long_message_is_cut(suite: Project) -> None:
    suite.write("tests/test_wrong.py", "def test_long(): raise ValueError('x' * 5000)\n")

    [finding] = suite.measure("tests", paths=["tests"]).findings

    assert len(finding.why) == 160


def test_failing_fixtures_and_expected_failures_are_told_apart(suite: Project) -> None:
    suite.write(
        "tests/test_kinds.py",
        "import pytest\n@pytest.fixture\ndef broken(): raise OSError('no disk')\n"
        "def test_error(broken): pass\n"
        "@pytest.mark.skip(reason='later')\ndef test_later(): pass\n"
        "@pytest.mark.xfail\ndef test_known(): assert False\n",
    )

    evidence = suite.measure("tests", paths=["tests"])

    assert (value(evidence, "errors"), value(evidence, "skipped"), value(evidence, "failed")) == (1, 2, 0)
    assert evidence.findings[0].about == "tests/test_kinds.py::test_error"
    assert "no disk" in evidence.findings[0].why


def test_of_very_many_failing_tests_the_first_hundred_are_named(suite: Project) -> None:
    suite.write(
        "tests/test_many.py",
        "import pytest\n@pytest.mark.parametrize('n', range(103))\ndef test_n(n): assert n < 0\n",
    )

    evidence = suite.measure("tests", paths=["tests"])

    assert value(evidence, "failed") == 103
    assert len(evidence.findings) == 101
    assert evidence.findings[-1].about == "3 more tests"


NO_RESULT = {
    "no test": ("tests/test_sign.py", "", {}, "found no test"),
    "import": ("tests/test_broken.py", "import nothing_of_that_name\n", {}, "tests/test_broken.py"),
    "syntax": ("tests/test_broken.py", "def (:\n", {}, "tests/test_broken.py"),
    "usage": ("tests/x.py", "", {"args": ["--no-such-option"]}, "does not understand how it was called"),
    "missing": ("tests/x.py", "", {"paths": ["not_there"]}, "not_there"),
    "crash": ("tests/conftest.py", "def pytest_runtestloop(): raise OSError('torn')\n", {}, "crashed"),
    "exit": ("tests/test_exit.py", "import os\ndef test_exit(): os._exit(0)\n", {}, "without a result file"),
    "killed": ("tests/test_k.py", "import os\ndef test_k(): os.kill(os.getpid(), 9)\n", {}, "killed by signal 9"),
    "status": (
        "tests/conftest.py",
        "def pytest_sessionfinish(session): session.exitstatus = 1\n",
        {},
        "although no test failed",
    ),
    "suppressed": (
        "tests/conftest.py",
        "collect_ignore_glob = ['*']\ndef pytest_sessionfinish(session): session.exitstatus = 0\n",
        {},
        "found no test",
    ),
    "cut off": (
        "tests/conftest.py",
        "def pytest_unconfigure(config): open(config.option.xmlpath, 'w').write('<testsuites>')\n",
        {},
        "not complete",
    ),
    "no data": ("tests/x.py", "", {"cover": ["not_there"]}, "coverage has no data on not_there"),
    "no code": ("empty/__init__.py", "", {"cover": ["empty"]}, "empty"),
}


@pytest.mark.parametrize("case", NO_RESULT)
def test_a_suite_that_comes_to_no_result_is_an_error_with_its_reason_and_log(suite: Project, case: str) -> None:
    name, text, options, reason = NO_RESULT[case]
    suite.write(name, text)

    with pytest.raises(ProbeError) as caught:
        suite.measure("tests", **{"paths": ["tests"], **options})

    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert suite.log("tests")


@pytest.mark.parametrize("case", ["import", "killed"])
def test_what_ends_one_of_several_processes_is_an_error(suite: Project, case: str) -> None:
    name, text, _, _ = NO_RESULT[case]
    suite.write(name, text)

    evidence = suite.measure("tests", paths=["tests"], args=["-p", "xdist", "-n", "2"])

    assert value(evidence, "errors") == 1


def is_gone(pid: int) -> bool:
    """Whether a process that was told to end has ended within some seconds."""
    end = time.monotonic() + 5
    while not has_ended(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_suite_that_hangs_is_stopped_with_everything_it_started(suite: Project) -> None:
    suite.write(
        "tests/test_hang.py",
        "import pathlib, subprocess, sys, time\n"
        "def test_hang():\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    pathlib.Path('child').write_text(str(child.pid))\n"
        "    time.sleep(600)\n",
    )

    with pytest.raises(ProbeError, match=r"did not end within 3 s"):
        suite.measure("tests", paths=["tests/test_hang.py"], minutes=0.05)

    child = int((suite.folder / "child").read_text())
    assert is_gone(child)


def test_an_outer_run_of_pytest_and_coverage_does_not_reach_the_suite(
    suite: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_CURRENT_TEST": "outer",
        "COVERAGE_PROCESS_START": "/nonexistent",
        "COVERAGE_FILE": "/nonexistent/data",
        "COV_CORE_SOURCE": "outer",
        "DJANGO_SETTINGS_MODULE": "outer.settings",
    }
    for name, text in outer.items():
        monkeypatch.setenv(name, text)
    names = sorted(set(outer) - {"PYTEST_CURRENT_TEST"})
    suite.write("tests/test_env.py", f"import os\ndef test_env(): assert not {set(names)!r} & set(os.environ)\n")

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    assert evidence.summary == "2 passed, coverage 72.7 %"


def test_a_run_leaves_nothing_in_the_project_and_takes_its_own_coverage_settings(suite: Project) -> None:
    settings = (
        "[run]\nparallel = true\ndata_file = left_over\n[report]\nfail_under = 101\nexclude_also = if number < 0\n"
    )
    suite.write(".coveragerc", settings)
    before = suite.files()

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    assert suite.files() == before
    assert value(evidence, "coverage") == 100


@pytest.mark.parametrize("arguments", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "two"])
def test_progress_counts_the_tests(suite: Project, arguments: list[str]) -> None:
    suite.measure("tests", paths=["tests"], args=arguments)

    assert Progress("tests", "tests", 1, 1) in suite.events


def test_the_suite_runs_in_the_interpreter_that_the_release_names(suite: Project) -> None:
    venv.create(suite.folder / "environment", symlinks=True)

    with pytest.raises(ProbeError, match="No module named pytest"):
        suite.measure("tests", paths=["tests"], python="environment/bin/python")


def test_an_interpreter_that_is_not_there_is_named(suite: Project) -> None:
    with pytest.raises(ReleaseError, match=r"does not exist: environment/bin/python"):
        suite.measure("tests", paths=["tests"], python="environment/bin/python")


def test_code_that_runs_in_child_processes_counts_where_the_project_says_so(suite: Project) -> None:
    suite.write(".coveragerc", "[run]\npatch = subprocess\n")
    suite.write(
        "tests/test_child.py",
        "import subprocess, sys\ndef test_child():\n"
        "    code = 'from code_under_test import sign; sign(-1); sign(0)'\n"
        "    subprocess.run([sys.executable, '-c', code], check=True)\n",
    )

    evidence = suite.measure("tests", paths=["tests"], cover=["code_under_test"])

    assert value(evidence, "coverage") == 100


def test_a_quick_run_can_leave_tests_out(suite: Project) -> None:
    suite.write("tests/test_slow.py", "def test_slow(): pass\n")
    options = {"paths": ["tests"], "quick_args": ["--ignore=tests/test_slow.py"]}

    assert value(suite.measure("tests", **options), "passed") == 2
    assert value(suite.measure("tests", quick=True, **options), "passed") == 1
