"""What the documentation names exists: commands, tox environments, paths and links."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from harness.cli import build
from harness.probes.probe import registry

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:sh|console|bash)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
MADE_BY_A_RUN = ("reports/runs", "reports/baselines", ".venv", ".tox")


def shell_lines(page: Path) -> list[str]:
    """Return the lines of a page's shell blocks without prompts and comments."""
    blocks = "\n".join(found["text"] for found in BLOCK.finditer(page.read_text(encoding="utf-8")))
    lines = (re.sub(r"\s+#.*$", "", line).removeprefix("$ ").strip() for line in blocks.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def harness_commands() -> list[str]:
    """Return every command of ours in the shell blocks of all pages, from the word `harness` on."""
    commands = [re.split(r"&& ?", line) for page in PAGES for line in shell_lines(page)]
    called = [re.match(r"(?:\S*/)?harness (?P<rest>.*)$", part.strip()) for line in commands for part in line]
    return sorted({found["rest"] for found in called if found})


def tox_environments() -> list[str]:
    """Return every environment that a shell block hands to tox."""
    lines = [line for page in PAGES for line in shell_lines(page) if re.search(r"\btox\b", line)]
    named = [
        name for line in lines for group in re.findall(r"tox (?:-\w+ )*-e (\S+)", line) for name in group.split(",")
    ]
    return sorted(set(named))


def named_paths(page: Path) -> list[str]:
    """Return what a page writes as code and looks like a path of this repository."""
    tops = {path.name for path in REPOSITORY.iterdir()}
    words = [word.rstrip("/") for word in INLINE.findall(page.read_text(encoding="utf-8"))]
    paths = [word for word in words if re.fullmatch(r"[\w.\-]+(/[\w.\-]+)+", word)]
    return sorted({path for path in paths if path.split("/")[0] in tops and not path.startswith(MADE_BY_A_RUN)})


@pytest.mark.parametrize("command", harness_commands())
def test_a_documented_command_is_understood(command: str) -> None:
    asks_for_help = pytest.raises(SystemExit, match=r"^0$") if "--help" in command else nullcontext()

    with asks_for_help:
        build().parse_args(shlex.split(command))


def test_the_documentation_shows_commands() -> None:
    assert any(command.startswith("gate 3") for command in harness_commands())


@pytest.mark.parametrize("name", tox_environments())
def test_a_documented_tox_environment_exists(name: str) -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(REPOSITORY / "tox.ini")

    assert f"testenv:{name}" in settings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_the_paths_and_links_of_a_page_exist(page: Path) -> None:
    missing = [path for path in named_paths(page) if not (REPOSITORY / path).exists()]
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]

    assert missing == []
    assert broken == []


def test_every_probe_has_a_page() -> None:
    missing = [name for name in registry() if not (REPOSITORY / f"docs/probes/{name.replace(' ', '-')}.md").is_file()]

    assert missing == []


DOCUMENTED = (
    *("tests", "security", "complexity", "duplication", "imports", "documentation"),
    *("dead code", "dependencies", "development"),
)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_page_of_a_probe_names_every_measurement_and_option(name: str) -> None:
    text = (REPOSITORY / f"docs/probes/{name.replace(' ', '-')}.md").read_text(encoding="utf-8")
    probe = registry()[name]

    assert [each for each in probe.measures if f"`{each}`" not in text] == []
    assert [each for each in probe.options.__struct_fields__ if f"`{each}`" not in text] == []


def test_continuous_integration_runs_the_tests_as_the_readme_says() -> None:
    script = (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
    [pattern] = re.findall(r"grep -E '(\^python3 .*)' README\.md", script)

    found = subprocess.run(
        ["grep", "-E", pattern, "README.md"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert found.stdout == "python3 -m venv .venv && .venv/bin/pip install --quiet tox && .venv/bin/tox\n"


def test_no_page_names_a_folder_of_somebodys_machine() -> None:
    pages = [*PAGES, REPOSITORY / "CHANGELOG.md", REPOSITORY / "tox.ini", REPOSITORY / ".ci/run"]
    machine = re.compile(r"(?<![\w.])/(?:home|root|opt|work|Users)/")

    assert [page.name for page in pages if machine.search(page.read_text(encoding="utf-8"))] == []
