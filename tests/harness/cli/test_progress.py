"""Progress on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from harness.cli._consumers import consumers
from harness.events import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_a_command_that_runs_no_probe_shows_its_progress_too(
    kind: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = kind()
    monkeypatch.setattr(sys, "stderr", shown)
    with consumers("") as emit:
        emit(Progress("queries", "/books/", 1, 2))

    assert ("queries: /books/" in shown.getvalue()) is shown.isatty()
