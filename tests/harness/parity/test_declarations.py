"""What an operations file may say about intended differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.operations import Catalog, read_operations

TEXT = """
[[actor]]
name = "reader"

[[operation]]
name = "list books"
request = "GET /books/"
others = "served"
differs = [
    { what = "status", where = "404 -> 4*", actor = "anonymous", reason = "clearer" },
    { what = "rows", where = ["book.read_at", "visit"], status = "2xx", reason = "kept now" },
]

[[differs]]
operation = "list *"
what = "body"
where = "/results/*/title"
actor = "reader"
reason = "shorter"

[[differs]]
what = "headers"
where = "content-type"
reason = "problem details"
"""
MISTAKES = {
    "no reason": ('"shorter"', '" "', "[[differs]] of 'list *' declares a difference without a reason"),
    "reason left out": (', reason = "clearer"', "", "operation[0].differs[0]"),
    "unknown actor": ('actor = "reader"', 'actor = "pupil"', "for actor 'pupil'; declared: reader, anonymous."),
    "unknown operation": ('"list *"', '"lost *"', "[[differs]] names operation 'lost *', which nothing matches"),
    "unknown kind": ('what = "rows"', 'what = "row"', "one of 'status', 'headers', 'body', 'rows'"),
    "no status": ('"2xx"', '"ok"', "with status 'ok'; write '404' or '4xx'."),
    "no arrow": ('"404 -> 4*"', '"404"', "difference of the status at '404'; write it as '404 -> 400'."),
    "no JSON path": ('"/results/*/title"', '"title"', "write it as '/results/*/title'."),
    "no table": ('"visit"', '"a visit"', "write it as 'table.column'."),
    "no header": ('"content-type"', '"Content-Type: json"', "write it as 'content-type'."),
    "unknown key": ("where = [", "were = [", "unknown key 'were'"),
    "unknown others": ('"served"', '"private"', "one of 'served', 'refused', 'hidden', ''"),
}


def read(folder: Path, text: str) -> Catalog:
    path = folder / "operations.toml"
    path.write_text(text)
    return read_operations(path)


def test_differences_are_declared_for_an_operation_and_for_many(tmp_path: Path) -> None:
    catalog = read(tmp_path, TEXT)

    [operation] = catalog.operation
    assert [each.patterns for each in operation.differs] == [["404 -> 4*"], ["book.read_at", "visit"]]
    assert [each.operation for each in catalog.differs] == ["list *", "*"]


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_names_the_place_and_the_remedy(tmp_path: Path, case: str) -> None:
    old, new, said = MISTAKES[case]
    assert old in TEXT

    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, TEXT.replace(old, new, 1))

    assert said in str(caught.value)
