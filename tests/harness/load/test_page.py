"""Locust's page and its Gate in a real Chromium: choose, start, watch, stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from harness.probes.load.generator import show_page
from harness.probes.load.plan import Plan
from harness.probes.load.profiles import Threshold
from tests.harness.load.browser import CHROMIUM, Page, browse
from tests.harness.load.plans import make_plan
from tests.harness.load.target import Running, run_target
from tests.harness.load.test_generator import LOCUSTFILE, ROOT, free_port

pytestmark = [
    pytest.mark.alone,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium"),
]
LIMITS = [Threshold(measure="p95", at_most=2000), Threshold(measure="error share", at_most=0)]
CHOOSE = """(() => {
  const shape = document.getElementById('shapeClass');
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(shape, 'Short');
  shape.dispatchEvent(new Event('change', {bubbles: true}));
  [...document.querySelectorAll('button')].find(each => each.innerText.toUpperCase() == 'START').click();
})()"""

RUNNING = "document.body.innerText.includes('RUNNING')"
START = "[...document.querySelectorAll('button')].find(each => each.innerText.toUpperCase() == 'START')"
STOP = "[...document.querySelectorAll('button')].find(each => each.innerText.toUpperCase() == 'STOP')"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the browser."""
    with browse(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@contextmanager
def locust(target: Running, plan: Plan, folder: Path) -> Iterator[str]:
    """Open Locust's page on a plan; yields its address."""
    addresses: list[str] = []
    opened, done = threading.Event(), threading.Event()

    def tell(url: str) -> None:
        addresses.append(url)
        opened.set()
        done.wait(60)
        raise KeyboardInterrupt

    def run() -> None:
        with pytest.raises(KeyboardInterrupt):
            show_page(
                msgspec.structs.replace(plan, profile=""),
                url=target.url,
                locustfile=LOCUSTFILE,
                folder=ROOT,
                log=folder / "locust.log",
                port=free_port(),
                tell=tell,
            )

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert opened.wait(30)
        yield addresses[0]
    finally:
        done.set()
        thread.join(30)


def start(page: Page, url: str) -> None:
    """Choose the shape and start, then follow the link to the Gate."""
    page.open(url)
    page.wait(f"document.getElementById('shapeClass') && {START}")
    page.run(CHOOSE)
    if not page.becomes(RUNNING, 5):
        open_until(page, url, RUNNING)
    page.run("document.getElementById('harness-gate').click()")
    page.wait("document.querySelector('[data-verdict]')")


def open_until(page: Page, url: str, script: str) -> None:
    """Open Locust's page until an expression is true there: at times it goes on showing the state of before the run."""
    for _ in range(3):
        page.open(url)
        if page.becomes(script, 10):
            return
    page.wait(script, 0)


def test_a_tester_chooses_starts_watches_and_reads_the_verdict(page: Page, tmp_path: Path) -> None:
    plan = make_plan("/sleep/20/", seconds=4, warmup=1, thresholds=LIMITS)
    with run_target() as target, locust(target, plan, tmp_path) as url:
        page.open(url)
        page.wait("document.body.innerText.includes('QuizTaker')")
        offered = page.run("document.body.innerText")
        start(page, url)
        page.wait("document.querySelector('[data-verdict=\"so far\"], [data-verdict=HOLD]')")
        page.wait("document.body.innerText.includes('short, stopped')")
        said = page.run("document.body.innerText")
        page.picture(tmp_path / "gate.png")

    assert "Student" in offered
    assert "Short" in offered
    assert "p95 must be at most 2000 ms; it is" in said
    assert "error share must be at most 0 %; it is 0 %\theld" in said
    assert "of 20.0 /s asked" in said
    assert "Every limit was kept" in said or "The figures cannot be believed" in said
    assert (tmp_path / "gate.png").read_bytes().startswith(b"\x89PNG")


def test_a_broken_limit_is_red_and_a_tester_can_stop(page: Page, tmp_path: Path) -> None:
    plan = make_plan("/sleep/5/", "/status/500/", seconds=60, warmup=0.5, thresholds=LIMITS)
    with run_target() as target, locust(target, plan, tmp_path) as url:
        start(page, url)
        page.wait("document.querySelector('[data-verdict=NO-GO]')")
        colour = page.run("getComputedStyle(document.querySelector('#verdict strong')).color")
        open_until(page, url, f"({STOP}.click(), true)")
        page.wait(f"!({STOP})")
        page.open(f"{url}/gate")
        page.wait("document.body.innerText.includes('stopped by hand')")
        said = page.run("document.body.innerText")

    assert colour == "rgb(179, 38, 30)"
    assert "%\tbroken" in said
    assert "it was ended early: it was stopped by hand" in said
