"""Runs every pattern of the corpus and prints as JSON what the harness found."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.harness.queries.corpus import world

SIZES = (2, 5, 9)


def main() -> None:
    """Measure the patterns in a fresh project."""
    world.configure()
    world.create_tables()
    bad, good = patterns()
    results = [_bad(pattern) for pattern in bad] + [_good(run) for run in good]
    json.dump(results, sys.stdout)


def patterns() -> tuple[list[Any], list[Any]]:
    """Return the bad and the good patterns; Django is set up."""
    from tests.harness.queries.corpus import bad, frameworks, good  # noqa: F401

    return bad.BAD, good.GOOD


def _bad(pattern: Any) -> dict[str, Any]:
    reports = [_report(pattern.run, size) for size in SIZES]
    found = findings(reports[1])
    chosen = next((each for each in found if each["relation"] == pattern.relation), next(iter(found), None))
    return {
        "name": pattern.name,
        "kind": "bad",
        "expected": {"relation": pattern.relation, "advice": pattern.advice},
        "found": found,
        "chosen": chosen,
        "counts": [_total(each) for each in reports],
        "fixed": _fixed(pattern, chosen),
    }


def _good(run: Any) -> dict[str, Any]:
    return {"name": run.__name__.replace("_", " "), "kind": "good", "found": findings(_report(run, 5))}


def findings(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the plugin would call N+1: repeated statements that Django did not split itself."""
    found = [each for each in report["statements"] if each["most"] > 1 and not each["benign"]]
    return sorted(found, key=lambda each: -int(each["most"]))


def _fixed(pattern: Any, chosen: dict[str, Any] | None) -> list[int]:
    """Return the counts after the advice was taken: applied to the queryset as it stands, or as code."""
    if chosen is None or not chosen["advice"] or not pattern.advice:
        return []
    if pattern.fixed:
        return [_total(_report(pattern.fixed, size)) for size in SIZES]
    method, arguments = chosen["advice"]["method"], chosen["advice"]["arguments"]
    return [
        _total(_report(lambda: pattern.run(lambda rows: getattr(rows, method)(*arguments)), size)) for size in SIZES
    ]


def _report(run: Any, size: int) -> dict[str, Any]:
    from django.db import transaction

    from harness.agent.caches import clear_caches
    from harness.agent.capture import Capture

    with transaction.atomic(), transaction.atomic("other"):
        world.populate(size)
        clear_caches()
        with Capture() as capture:
            run()
        for alias in ("default", "other"):
            transaction.set_rollback(True, alias)
    return capture.report()


def _total(report: dict[str, Any]) -> int:
    return int(report["queries"]["reads"] + report["queries"]["writes"])


if __name__ == "__main__":
    main()
