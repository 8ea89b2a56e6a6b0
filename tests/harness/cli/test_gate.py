"""``harness gate`` from the plan to the exit code."""

from __future__ import annotations

import json

import msgspec
import pytest

from harness.errors import AgentError, DatabaseError, HarnessError, Interrupted, ProbeError
from harness.evidence import Evidence
from tests.harness.cli.scripted import ROLLOUT, Scripted, gives, raises
from tests.harness.gate.cases import number


def old_code(act):
    return Scripted("old code", act)


def test_a_good_phase_is_go_and_leaves_every_report(run, project):
    code, out, err = run("gate", 3)
    assert (code, err) == (0, "")
    folder = (project / "reports/runs/latest").resolve()
    last = out.splitlines()[-1].split()
    assert last[:4] == ["GO", "way", "back", "OPEN"]
    assert last[-1] == f"reports/runs/{folder.name}/report.html"
    names = {
        "evidence.jsonl",
        "verdict.json",
        "report.html",
        "summary.md",
        "junit.xml",
        "findings.sarif",
        "gitlab.json",
        "logs",
        "artifacts",
    }
    assert {path.name for path in folder.iterdir()} == names
    assert len((folder / "evidence.jsonl").read_text().splitlines()) == 2


def test_a_verdict_names_the_machine_the_versions_and_what_it_judged(run, project):
    run("gate", 3, "--quick")
    verdict = json.loads((project / "reports/runs/latest/verdict.json").read_text())
    origin = verdict["provenance"]
    assert origin["quick"] is True
    assert origin["machine"]["cores"] > 0
    assert origin["versions"]["python"]
    assert len(origin["rollout_sha256"]) == 64
    assert set(verdict["judged"]) == {"old code", "way back"}


@pytest.mark.parametrize(
    ("act", "expected", "named"),
    [
        (gives(number("failures", 2, "grade submission")), 1, "grade submission"),
        (gives(number("failures", float("nan"))), 3, "not a number"),
        (gives(number("other", 0)), 3, "holds no failures"),
        (gives(number("failures", 0), unsound=["too few requests"]), 3, "too few requests"),
        (raises(ProbeError("Locust is not installed; install it.")), 3, "Locust is not installed"),
        (raises(DatabaseError("The copy failed.")), 3, "The copy failed."),
        (raises(KeyError("secret-value")), 3, "logs/old-code.log"),
        (lambda world, options: None, 3, "logs/old-code.log"),
        (
            lambda world, options: Evidence(probe="", outcome="measured", details={"a": object()}),
            3,
            "logs/old-code.log",
        ),
    ],
)
def test_what_a_probe_brings_decides_the_exit_code_and_the_reason_says_why(run, act, expected, named):
    code, out, err = run("gate", 3, old_code=old_code(act))
    assert code == expected
    assert named in out
    assert "secret-value" not in out
    assert err == ""


def test_a_crashed_probe_leaves_its_traceback_in_its_log_without_passwords(run, project):
    run("gate", 3, old_code=old_code(raises(KeyError("postgresql://me:hunter2@localhost/x"))))
    log = (project / "reports/runs/latest/logs/old-code.log").read_text()
    assert "Traceback" in log
    assert "postgresql://me:***@localhost/x" in log
    assert "hunter2" not in log


def test_what_went_wrong_inside_a_release_is_in_the_log_and_not_in_the_report(run, project):
    error = AgentError(
        "The release failed: IntegrityError.", kind="IntegrityError", trace="Traceback inside the release"
    )
    _, out, _ = run("gate", 3, old_code=old_code(raises(error)))
    folder = project / "reports/runs/latest"
    assert "The release failed: IntegrityError." in out
    assert "Traceback inside the release" in (folder / "logs/old-code.log").read_text()
    assert "Traceback" not in (folder / "report.html").read_text() + (folder / "evidence.jsonl").read_text()


def test_a_phase_without_probes_is_held(run, project):
    (project / "rollout.toml").write_text(ROLLOUT.split("[[phase.probe]]")[0])
    code, out, _ = run("gate", 3)
    assert code == 3
    assert "No criterion asks whether one may go forward" in out


def test_only_some_probes_can_be_run_but_never_to_a_go(run, project):
    code, out, _ = run("gate", 3, "--only", "old code")
    assert code == 3
    assert "way back: The probe was not run." in out
    evidence = (project / "reports/runs/latest/evidence.jsonl").read_text()
    assert "way back" not in evidence


def test_json_on_the_output_is_the_verdict_and_nothing_else(run, project):
    _, out, _ = run("gate", 3, "--format", "json")
    assert json.loads(out) == json.loads((project / "reports/runs/latest/verdict.json").read_text())


def test_events_are_written_as_json_lines(run, project):
    run("gate", 3, "--events", project / "events.jsonl")
    events = [json.loads(line) for line in (project / "events.jsonl").read_text().splitlines()]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "RunStarted"
    assert kinds.count("Progress") == 3
    assert kinds[-1] == "Judged"
    assert events[-1]["forward"] == "GO"


def test_a_folder_for_events_that_is_not_there_is_a_usage_error(run):
    code, _, err = run("gate", 3, "--events", "nowhere/events.jsonl")
    assert code == 2
    assert "nowhere/events.jsonl" in err


WRONG = {
    "unknown phase": (ROLLOUT, ["gate", "7"], "no phase 7"),
    "unknown probe": (ROLLOUT.replace('"old code"', '"odl code"'), ["gate", "3"], "did you mean 'old code'?"),
    "unknown measure": (ROLLOUT.replace('"failures"', '"failure"'), ["gate", "3"], "did you mean 'failures'?"),
    "unknown option": (ROLLOUT.replace("count = 3", "cuont = 3"), ["gate", "3"], "did you mean 'count'?"),
    "wrong option": (ROLLOUT.replace("count = 3", "count = 'x'"), ["gate", "3"], "count"),
    "unknown key": (ROLLOUT.replace("way_back =", "wayback ="), ["gate", "3"], "did you mean 'way_back'?"),
    "unreadable criterion": (ROLLOUT.replace('"== 0"', '"= 0"'), ["gate", "3"], "'= 0' cannot be read"),
    "not TOML": ("name = ", ["gate", "3"], "rollout.toml is not valid TOML"),
    "unknown probe to run": (ROLLOUT, ["gate", "3", "--only", "laod"], "no probe 'laod'"),
    "listed twice": (ROLLOUT.replace('"way back"\ncriteria', '"old code"\ncriteria'), ["gate", "3"], "listed twice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_sentence_and_exit_2_before_anything_starts(run, project, case):
    text, arguments, said = WRONG[case]
    (project / "rollout.toml").write_text(text)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("harness: ")
    assert len(err.splitlines()) == 1
    assert said in err
    assert not (project / "reports").exists()


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        ('probe = "odl code"\nmeasure = "failures"', "did you mean 'old code'?"),
        ('probe = "old code"', "covers nothing"),
        ('probe = "old code"\nmeasure = "failures"\nreason = " "', "reason is empty"),
    ],
)
def test_a_waiver_that_cannot_work_is_a_mistake(run, project, waiver, said):
    reason = "" if "reason" in waiver else '\nreason = "because"'
    text = f'{ROLLOUT}\n[[waiver]]\nowner = "Ada"\nuntil = 2026-12-31\n{waiver}{reason}\n'
    (project / "rollout.toml").write_text(text)
    code, _, err = run("gate", 3)
    assert code == 2
    assert said in err


def test_a_probe_that_needs_an_unlisted_one_is_a_mistake(run):
    code, _, err = run("gate", 3, old_code=Scripted("old code", gives(), needs=["migrations"]))
    assert code == 2
    assert "needs 'migrations'" in err


def test_a_folder_without_a_rollout_is_one_sentence(run, tmp_path):
    code, _, err = run("gate", 3, "--project", tmp_path)
    assert code == 2
    assert "rollout.toml does not exist" in err
    assert len(err.splitlines()) == 1


DROPPED = "Interrupted; everything it started is stopped and everything it created is dropped."


@pytest.mark.parametrize(("error", "sentence"), [(KeyboardInterrupt(), DROPPED), (Interrupted("Stopped."), "Stopped.")])
def test_an_interruption_is_one_sentence_and_leaves_latest_alone(run, project, error, sentence):
    run("gate", 3)
    before = (project / "reports/runs/latest").resolve()
    code, out, err = run("gate", 3, old_code=old_code(raises(error)))
    assert (code, out) == (130, "")
    assert err == f"harness: {sentence}\n"
    assert (project / "reports/runs/latest").resolve() == before


def test_what_nobody_foresaw_is_a_log_to_attach_and_no_traceback(run, project, monkeypatch):
    monkeypatch.setattr("harness.runs.Run.publish", raises_lookup)
    code, _, err = run("gate", 3)
    assert code == 4
    assert "Traceback" not in err
    path = err.split("is in ")[1].split(",")[0]
    with open(path, encoding="utf-8") as file:
        assert "no such thing" in file.read()


def raises_lookup(_run):
    raise LookupError("no such thing")


def test_a_password_on_the_command_line_reaches_neither_reports_nor_screen(run, project, monkeypatch):
    url = "postgresql://me:hunter2@localhost:1/x"
    monkeypatch.setattr("sys.argv", ["harness", "gate", "3", "--database", url])
    _, out, err = run("gate", 3, "--database", url)
    written = [path.read_text() for path in (project / "reports/runs/latest/").resolve().rglob("*") if path.is_file()]
    assert "postgresql://me:***@localhost:1/x" in "".join(written)
    assert "hunter2" not in "".join([out, err, *written])


def test_a_server_that_cannot_be_reached_is_exit_2_before_any_probe(run, project):
    probe = old_code(gives(number("failures", 0)))
    probe.uses_database = True
    code, _, err = run("gate", 3, "--database", "postgresql://me:hunter2@127.0.0.1:1/x", old_code=probe)
    assert code == 2
    assert err.startswith("harness: ")
    assert len(err.splitlines()) == 1
    assert "hunter2" not in err
    assert not (project / "reports/runs/latest").exists()


def test_a_probe_that_a_failed_one_is_needed_for_is_skipped_with_the_reason(run, project):
    way_back = Scripted("way back", gives(number("lost rows", 0)), needs=["old code"], measures=["lost rows"])
    code, out, _ = run("gate", 3, old_code=old_code(raises(HarnessError("No disk."))), way_back=way_back)
    lines = (project / "reports/runs/latest/evidence.jsonl").read_bytes().splitlines()
    second = msgspec.json.decode(lines[1], type=Evidence)
    assert (second.probe, second.outcome) == ("way back", "skipped")
    assert second.reason == "It needs 'old code', which failed: No disk."
    assert code == 3
    assert "No disk." in out
