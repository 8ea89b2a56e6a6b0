"""Sets the linters of the field beside the facts, on the corpus: ``tox -e bench-migrations`` writes docs/facts.md.

Counted are migrations: is there a hazard on the way forward, and does a tool warn about it? Cases whose hazard
lies on the way back alone, or is advice alone, are left out, because linters do not look there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from harness.databases import Database, provision
from harness.evidence import Finding
from harness.probes.migrations.document import about
from tests.harness.migrations.cases import Case
from tests.harness.migrations.facts_table import PAGE, replace
from tests.harness.migrations.judged import ALL, rehearse
from tests.harness.migrations.rules import ELSEWHERE, FOUND, NOT_APPLIED
from tests.harness.migrations.scratch import Project

FORWARD = ("forward", "old_code", "drift")
ADVICE = ("drift-index-missing",)
# Rules of style and of the session's timeouts, which say nothing about the operation, are off.
STYLE = (
    "require-lock-timeout,require-statement-timeout,prefer-robust-stmts,prefer-bigint-over-int,"
    "prefer-bigint-over-smallint,prefer-identity,prefer-text-field,prefer-timestamptz,ban-char-field"
)
TOOLS = {
    "squawk": "squawk-cli",
    "django-migration-linter": "django-migration-linter",
    "django-safe-migrations": "django-safe-migrations",
}
_LINTED = re.compile(r"^\((?P<app>\w+), (?P<name>\w+)\)\.\.\. (?P<verdict>\w+)", re.MULTILINE)
Verdicts = dict[str, dict[str, bool]]


def main() -> None:
    """Judge the corpus with every tool and write the table; raises ValueError where a rule of a tool is not listed."""
    _check_rules()
    with tempfile.TemporaryDirectory() as folder, provision() as server:
        judged = rehearse(server, Path(folder) / "facts")
        known = {each.case.name: _is_hazard(each.case) for each in judged}
        verdicts: Verdicts = {"harness": {each.case.name: _warns(each.findings) for each in judged}}
        database = server.create("linters")
        verdicts |= _lint(Path(folder) / "linters", database, [case for case in ALL if known[case.name] is not None])
    text = table({name: hazard for name, hazard in known.items() if hazard is not None}, verdicts)
    PAGE.write_text(replace(PAGE.read_text(encoding="utf-8"), "tools", text), encoding="utf-8")


def _check_rules() -> None:
    """Compare the rules that the documentation lists with those that the installed linters know."""
    from django_safe_migrations.rules import ALL_RULES

    folder = Path(next(iter(find_spec("django_migration_linter").submodule_search_locations)))  # type: ignore[union-attr,arg-type]
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    known = {rule.rule_id for rule in ALL_RULES} | set(re.findall(r'\bcode="([A-Z_]+)"', sources))
    listed = "; ".join(rule.rules for rule in [*FOUND, *ELSEWHERE, *NOT_APPLIED])
    words = set(re.findall(r"[\w-]+", listed))
    unheard = [
        name for part in re.findall(r"squawk ([^;]+)", listed) for name in part.split(", ") if not _is_squawk_s(name)
    ]
    if known - words or unheard:
        raise ValueError(f"Rules that the page does not list: {sorted(known - words)}; that squawk has not: {unheard}.")


def _is_squawk_s(name: str) -> bool:
    """Tell whether the installed squawk knows a rule, on by default or not."""
    command = [_program("squawk"), "--include", name, "--stdin-filepath", "none.sql"]
    done = subprocess.run(command, input="SELECT 1;", capture_output=True, text=True, check=False)
    return "invalid rule name" not in done.stderr


def _is_hazard(case: Case) -> bool | None:
    """Tell whether a case has a hazard on the way forward; None where it has another one only."""
    kinds = {_kind(code) for code in case.codes} | {
        _kind(code) for code in case.more if code.startswith("drift-") and code not in ADVICE
    }
    if kinds & set(FORWARD):
        return True
    return None if case.codes or case.more else False


def _kind(code: str) -> str:
    side = "way back" if code == "irreversible" else "forward"
    return about(Finding(code=code, severity="low", about="", why="", side=side))  # type: ignore[arg-type]


def _warns(findings: Sequence[Finding]) -> bool:
    return any(about(each) in FORWARD and each.severity != "low" for each in findings)


def _lint(folder: Path, database: Database, cases: Sequence[Case]) -> Verdicts:
    project = Project(folder)
    for case in cases:
        project.case(case)
    settings = project.folder / "scratch_settings.py"
    apps = "\nINSTALLED_APPS += ['django_migration_linter', 'django_safe_migrations']\n"
    settings.write_text(settings.read_text() + apps + f"DATABASES = {{'default': {database.settings()!r}}}\n")
    for case in cases:
        _manage(folder, "migrate", case.app, "0001")
    found: Verdicts = {name: {} for name in TOOLS}
    for case in cases:
        found["squawk"][case.name] = _squawk(folder, case)
        said = _manage(folder, "lintmigrations", case.app, "0002_case", "--no-cache")
        found["django-migration-linter"][case.name] = any(
            each["verdict"] in ("ERR", "WARNING") for each in _LINTED.finditer(said)
        )
        found["django-safe-migrations"][case.name] = _safe_migrations(folder, case)
    return found


def _squawk(folder: Path, case: Case) -> bool:
    path = folder / f"{case.app}.sql"
    path.write_text(_manage(folder, "sqlmigrate", case.app, "0002"))
    command = [_program("squawk"), "--reporter", "json", "--pg-version", "18.0", "--exclude", STYLE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return bool(json.loads(done.stdout or "[]"))


def _safe_migrations(folder: Path, case: Case) -> bool:
    said = _manage(folder, "check_migrations", case.app, "--format", "json")
    start = said.find("{")
    issues = json.JSONDecoder().raw_decode(said[start:])[0]["issues"] if start >= 0 else []
    return any(
        "0002_case" in json.dumps(each) and str(each["severity"]).lower() in ("error", "warning") for each in issues
    )


def _manage(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "django", *arguments]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scratch_settings",
        "PYTHONPATH": str(folder),
        "NO_COLOR": "1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name


def table(known: dict[str, bool], verdicts: Verdicts) -> str:
    """Return the comparison: a line per tool, and every migration that a linter misjudges."""
    lines = [
        f"{len(known)} migrations, {sum(known.values())} of them with a hazard on the way forward.",
        "",
        "| tool | found | missed | false alarms | rightly silent |",
        "|---|---|---|---|---|",
    ]
    for tool, said in verdicts.items():
        counts = [
            sum(said[name] == warns and known[name] == hazard for name in known)
            for warns, hazard in ((True, True), (False, True), (True, False), (False, False))
        ]
        name = f"{tool} {metadata.version(TOOLS[tool])}" if tool in TOOLS else tool
        lines.append(f"| {name} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "| misjudged migration | missed by | false alarm by |", "|---|---|---|"]
    for name in sorted(known):
        wrong = [tool for tool, said in verdicts.items() if said[name] != known[name]]
        if wrong:
            cells = [", ".join(wrong), "-"] if known[name] else ["-", ", ".join(wrong)]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
