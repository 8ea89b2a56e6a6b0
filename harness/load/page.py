"""The Gate page in Locust's interface: what the run has shown so far, in words and colour."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request
from locust.env import Environment

from harness.load.show import Show
from harness.probes.load.figures import PERCENTILES, Figures
from harness.probes.load.profiles import FREE
from harness.probes.load.soundness import believed, doubts, doubts_so_far

PAGE = Path(__file__).with_name("gate.html")
LINK = (
    '<a id="harness-gate" href="{href}" style="position:fixed;top:14px;left:50%;transform:translateX(-50%);'
    "z-index:2000;background:#fff;color:#0b4f3a;border:2px solid #0b4f3a;border-radius:16px;padding:5px 18px;"
    'font:600 15px sans-serif;text-decoration:none">Gate</a>'
)
CHEAP = 20


def open_gate(environment: Environment, show: Show) -> None:
    """Add the page and the link to it; testers see every person and every shape without an option."""
    web = environment.web_ui
    if web is None or web.app is None:
        return
    web.userclass_picker_is_active = True
    base = (environment.parsed_options.web_base_path or "") if environment.parsed_options else ""
    gate = Blueprint("harness_gate", __name__, url_prefix=base or None)
    state = _State(environment, show)

    @gate.route("/gate")
    @web.auth_required_if_enabled  # type: ignore[untyped-decorator]
    def page() -> Response:
        return Response(PAGE.read_text(encoding="utf-8"), mimetype="text/html")

    @gate.route("/gate/state")
    @web.auth_required_if_enabled  # type: ignore[untyped-decorator]
    def tell() -> Response:
        return jsonify(state.read())

    web.app.register_blueprint(gate)

    @web.app.after_request
    def link(response: Response) -> Response:
        if request.path.rstrip("/") == base and response.mimetype == "text/html" and not response.direct_passthrough:
            text = response.get_data(as_text=True)
            response.set_data(text.replace("</body>", LINK.format(href=f"{base}/gate") + "</body>"))
        return response


class _State:
    """What the page shows; it is worked out so seldom that it costs at most a twentieth of a core."""

    def __init__(self, environment: Environment, show: Show) -> None:
        self._environment = environment
        self._show = show
        self._known: dict[str, Any] = {}
        self._next = 0.0

    def read(self) -> dict[str, Any]:
        """Return the state as JSON types."""
        began = time.perf_counter()
        if began >= self._next:
            self._known = describe(self._show, self._environment.runner.state if self._environment.runner else "")
            self._next = time.perf_counter() + CHEAP * (time.perf_counter() - began)
        return self._known


def describe(show: Show, state: str) -> dict[str, Any]:
    """Describe a run: its progress, its thresholds, its soundness, and the verdict so far."""
    figures = show.figures()
    going_on = state in ("spawning", "running")
    against = doubts_so_far(figures, show.plan.build) if going_on else doubts(figures, show.profile, show.plan.build)
    against = against if show.begun.is_set() else []
    readings = believed(show.readings(figures), figures.results)
    verdict, words = _verdict(show, going_on, against, [each.state for each in readings])
    return {
        "state": state,
        "profile": _title(show, figures),
        "open": show.profile.is_open,
        "seconds": round(show.now(), 1) if going_on else round(figures.results.ended, 1),
        "end": 0 if show.profile is FREE else show.profile.end,
        "warmup": show.profile.warmup,
        "verdict": verdict,
        "words": words,
        "doubts": against,
        "thresholds": [{"words": each.words, "state": each.state} for each in readings],
        "tiles": _tiles(show, figures),
        "operations": _operations(figures),
    }


def _title(show: Show, figures: Figures) -> str:
    if not show.begun.is_set():
        return ""
    return figures.results.profile or "no shape: people work until they are stopped"


def _verdict(show: Show, going_on: bool, against: list[str], states: list[str]) -> tuple[str, str]:
    if not show.begun.is_set():
        return "none", "Nothing has run yet: choose people and a shape on Locust's page, and start."
    if "broken" in states:
        return "NO-GO", "A limit is broken."
    if against:
        return "HOLD", "The figures cannot be believed."
    if going_on:
        return "so far", "No limit is broken so far."
    if show.profile is FREE:
        return "none", "This run had no shape, so there was nothing to keep."
    missing = "no data" in states
    return ("HOLD", "A limit was not measured.") if missing else ("GO", "Every limit was kept, and the run was sound.")


def _tiles(show: Show, figures: Figures) -> list[dict[str, Any]]:
    times = figures.percentiles()
    queries = figures.mean("queries")
    rate = f"{figures.rate_achieved():.1f} /s"
    asked = figures.rate_asked
    poor = asked > 0 and figures.rate_achieved() < 0.95 * asked
    tiles = [
        (
            "rate achieved",
            rate,
            f"of {asked:.1f} /s asked"
            if asked
            else "nothing asked yet"
            if show.profile.is_open
            else "as fast as people are",
            poor,
        ),
        ("95th percentile", f"{times['p95']:.0f} ms" if times else "-", "counted from when a request was due", False),
        ("errors", f"{figures.error_share():.2f} %", f"of {figures.requests} requests", show.recorder.errors > 0),
        ("queries per request", f"{queries:.1f}" if queries is not None else "-", "as the server counts them", False),
        ("generator CPU", f"{figures.generator_cpu:.0f} %", "of one core; at most 70 %", figures.generator_cpu > 70),
        ("machine CPU", f"{figures.machine_cpu:.0f} %", "of all cores; at most 90 %", figures.machine_cpu > 90),
    ]
    if show.workers:
        lost = len(figures.results.lost)
        tiles.append(("workers", f"{len(show.workers) - lost}", f"of {len(show.workers)} report", lost > 0))
    return [{"name": name, "value": value, "note": note, "bad": bad} for name, value, note, bad in tiles]


def _operations(figures: Figures) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for name, answers in figures.by_operation.items():
        times = figures.percentiles(name)
        queries = figures.mean("queries", name)
        errors = sum(not answer.ok for answer in answers)
        cells = [f"{times[label]:.0f}" for label, _ in PERCENTILES]
        rows.append([name, len(answers), *cells, "-" if queries is None else f"{queries:.1f}", errors])
    return rows
