"""The other commands, and what holds for all of them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from harness.cli import build
from harness.cli._options import interpreter
from tests.harness.cli.scripted import ROLLOUT, Scripted, gives, make_project, raises
from tests.harness.gate.cases import number

COMMANDS = sorted(next(action.choices for action in build()._actions if action.choices))
SCRIPT = """
import sys
from tests.harness.cli.scripted import *
probes = dict(FINE)
{change}
sys.exit(main_with(probes, {args}))
"""


def start(folder, args, change="pass", **more):
    """Start the command line in a process of its own, with scripted probes."""
    here = os.getcwd()
    code = SCRIPT.format(change=change, args=args)
    environment = {**os.environ, "PYTHONPATH": here}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more,
    )  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_one_example(run, name):
    code, out, _ = run(name, "--help")
    assert code == 0
    assert len(re.findall(rf"example:\s+harness {name}", out)) == 1
    assert "--project" in out
    assert "--format" in out


def test_help_lists_every_command_and_the_exit_codes(run):
    code, out, _ = run("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)
    assert {"gate", "plan", "probe", "report", "accept"} <= set(COMMANDS)
    assert "3 HOLD" in " ".join(out.split())


def test_help_loads_nothing_heavy():
    loaded = "import sys; from harness.cli import build; build(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"msgspec", "rich", "jinja2", "psycopg", "harness.rollout", "harness.probes"} & set(modules)


@pytest.mark.parametrize("arguments", [[], ["gate"], ["gate", "three"], ["nonsense"], ["gate", "3", "--nonsense"]])
def test_a_wrong_command_line_is_exit_2(run, arguments):
    code, _, err = run(*arguments)
    assert code == 2
    assert "usage:" in err


def test_the_plan_is_shown_with_what_is_not_met(run, project):
    text = ROLLOUT.replace("== 0", "<= baseline", 1).replace('settings"\n', 'settings"\npython = "no-such-python"\n', 1)
    waiver = '[[waiver]]\nowner = "Ada"\nreason = "old"\nuntil = 2020-01-01\nprobe = "old code"\nmeasure = "failures"\n'
    (project / "rollout.toml").write_text(text + waiver)
    code, out, _ = run("plan")
    assert code == 0
    assert "Phase 3: Consolidation" in out
    assert "failures <= baseline" in out
    assert "lost rows == 0 (way back)" in out
    unmet = out.split("Not met yet:")[1]
    assert "no-such-python" in unmet
    assert "expired on 2020-01-01" in unmet
    assert "harness accept" in unmet


def test_a_plan_where_all_is_met_says_nothing_about_it(run):
    code, out, _ = run("plan")
    assert code == 0
    assert "Not met" not in out


def test_a_question_that_no_criterion_asks_is_not_met(run, project):
    (project / "rollout.toml").write_text(ROLLOUT.replace(', answers = "way back"', ""))
    assert "no criterion asks whether one can come back" in run("plan")[1]


def test_the_plan_is_json_for_machines(run):
    plan = json.loads(run("plan", "--format", "json")[1])
    assert plan["rollout"]["phase"][0]["number"] == 3
    assert plan["unmet"] == []


def test_a_plan_with_a_mistake_is_exit_2(run, project):
    (project / "operations.toml").write_text('[[operation]]\nname = "x"\nrequest = "GET"\n')
    code, _, err = run("plan")
    assert code == 2
    assert "operations.toml" in err


def test_probes_are_listed_with_what_they_measure(run):
    code, out, _ = run("probe", "--list")
    assert code == 0
    assert "old code     does as it is told" in out
    assert "failures: a scripted number" in out
    assert [each["name"] for each in json.loads(run("probe", "--list", "--format", "json")[1])] == [
        "old code",
        "way back",
    ]


def test_a_single_probe_shows_its_evidence_without_a_verdict(run, project):
    code, out, _ = run("probe", "old code", "--phase", 3)
    assert code == 0
    assert "old code: measured in" in out
    assert "failures: 0" in out
    assert "BLOCKS-WRITES core.0003" in out
    assert not (project / "reports/runs/latest").exists()


def test_a_probe_is_json_for_machines(run):
    out = run("probe", "old code", "--format", "json")[1]
    assert json.loads(out)["outcome"] == "measured"


def test_a_probe_brings_what_it_needs(run):
    needy = Scripted("way back", gives(number("lost rows", 0), unsound=["noise"]), needs=["old code"])
    out = run("probe", "way back", way_back=needy)[1]
    assert out.index("old code: measured") < out.index("way back: measured")
    assert "unsound: noise" in out


def test_a_probe_that_fails_is_exit_4(run):
    code, out, _ = run("probe", "old code", old_code=Scripted("old code", raises(KeyError("x"))))
    assert code == 4
    assert "old code: error" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["probe"], "Name at least one"),
        (["probe", "nothing"], "no probe 'nothing'"),
        (["probe", "old code", "--phase", "9"], "phase 9"),
    ],
)
def test_a_probe_that_does_not_exist_is_exit_2(run, arguments, said):
    code, _, err = run(*arguments)
    assert code == 2
    assert said in err


def test_probes_that_need_each_other_in_a_circle_are_a_mistake(run):
    one, other = Scripted("old code", gives(), needs=["way back"]), Scripted("way back", gives(), needs=["old code"])
    code, _, err = run("probe", "old code", old_code=one, way_back=other)
    assert code == 2
    assert "circle" in err


def test_a_run_is_rendered_again_from_its_two_files(run, project):
    run("gate", 3)
    folder = (project / "reports/runs/latest").resolve()
    before = (folder / "report.html").read_text()
    (folder / "report.html").unlink()
    code, out, _ = run("report")
    assert code == 0
    assert out.splitlines()[-1].startswith("GO")
    assert (folder / "report.html").read_text() == before
    assert json.loads(run("report", folder.name, "--format", "json")[1])["forward"] == "GO"


def test_two_runs_are_compared(run, project):
    run("gate", 3)
    first = (project / "reports/runs/latest").resolve().name
    run("gate", 3, old_code=Scripted("old code", gives(number("failures", 2))))
    out = run("report", "latest", "--compare", first)[1]
    assert "failures: 0 -> 2" in out
    assert "fixed: BLOCKS-WRITES core.0003" in out
    changes = json.loads(run("report", "--compare", first, "--format", "json")[1])
    assert changes[0]["numbers"][0]["now"] == 2


@pytest.mark.parametrize("arguments", [["report"], ["report", "nothing"], ["accept", "nothing", "--by", "Ada"]])
def test_a_run_that_is_not_there_is_exit_2(run, arguments):
    code, _, err = run(*arguments)
    assert code == 2
    assert "There is no run" in err


def test_an_accepted_run_is_the_baseline_of_the_next(run, project):
    (project / "rollout.toml").write_text(ROLLOUT.replace("== 0", "<= baseline", 1))
    assert run("gate", 3)[0] == 3
    code, _, err = run("accept", "latest", "--by", "Ada")
    assert (code, "commit is not known" in err) == (2, True)
    code, out, _ = run("accept", "latest", "--by", "Ada", "--despite", "not under version control")
    assert code == 0
    assert "reports/baselines/phase-3.json" in out
    assert run("gate", 3)[0] == 0
    assert run("gate", 3, old_code=Scripted("old code", gives(number("failures", 1))))[0] == 1
    kept = json.loads(run("accept", "latest", "--by", "Ada", "--despite", "agreed", "--format", "json")[1])
    assert kept["accepted_by"] == "Ada"


def test_somebody_must_accept(run):
    run("gate", 3)
    assert run("accept", "latest")[0] == 2
    assert "--by is empty" in run("accept", "latest", "--by", " ")[2]


def test_a_commit_is_part_of_the_provenance(run, project):
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    (project / ".gitignore").write_text("reports/runs/\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *arguments], cwd=project, check=True)
    run("gate", 3)
    clean = json.loads((project / "reports/runs/latest/verdict.json").read_text())["provenance"]
    assert (len(clean["commit"]), clean["dirty"]) == (40, False)
    (project / "site" / "new.py").touch()
    run("gate", 3)
    assert json.loads((project / "reports/runs/latest/verdict.json").read_text())["provenance"]["dirty"] is True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_one_sentence_and_exit_130(tmp_path, number):
    folder = make_project(tmp_path)
    process = start(folder, ["gate", "3"], 'probes["old code"] = Scripted("old code", waits)')
    deadline = time.monotonic() + 30
    while not (folder / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "harness: Interrupted; everything it started is stopped and everything it created is dropped.\n"


def test_a_reader_that_leaves_early_is_no_crash(tmp_path):
    process = start(make_project(tmp_path), ["plan"])
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 141
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_progress_is_shown_on_a_terminal_and_nowhere_else(tmp_path):
    import pty

    leader, follower = pty.openpty()
    code = SCRIPT.format(change="pass", args=["gate", "3"])
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "TERM": "xterm"}
    command, folder = [sys.executable, "-c", code], make_project(tmp_path)
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=follower, text=True, check=False
    )
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("GO")
    assert "old code" in shown


def test_a_dump_that_is_not_there_is_named(run):
    code, _, error = run("gate", "3", "--dump", "nowhere.dump")
    assert (code, "--dump 'nowhere.dump' does not exist" in error) == (2, True)


def test_a_python_is_named_from_here_or_else_from_the_project_or_as_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").touch()

    others = ["", ".venv/bin/python", "python3.12"]
    assert interpreter("./python") == str(tmp_path / "python")
    assert [interpreter(each) for each in others] == others
