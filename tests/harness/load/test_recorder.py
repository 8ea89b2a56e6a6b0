"""The recorder keeps every request, and those of several workers make one whole."""

from __future__ import annotations

import pytest

from harness.load.recorder import Cost, Recorder


def recorded(*operations: str) -> Recorder:
    recorder = Recorder()
    for number, operation in enumerate(operations):
        recorder.record(operation, number, number + 0.25, number + 0.5, 200, ok=True, cost=Cost(number, 1.5, 2.5, "a"))
    return recorder


def test_every_request_is_kept_as_it_was() -> None:
    columns = recorded("read", "write").columns()

    assert (columns.operation, columns.due, columns.late, columns.service) == ([0, 1], [0, 1], [0.25] * 2, [0.25] * 2)
    assert (columns.queries, columns.database, columns.cpu) == ([0, 1], [1.5, 1.5], [2.5, 2.5])


def test_workers_hand_over_only_what_is_new_and_names_are_made_one() -> None:
    first, second, whole = recorded("read", "write"), recorded("write", "erase"), Recorder()

    for worker in (first, second, first):
        whole.extend(worker.take())
    first.record("erase", 9, 9, 9.5, 0, ok=False)
    whole.extend(first.take())

    names = list(whole.names)
    assert [names[number] for number in whole.columns().operation] == ["read", "write", "write", "erase", "erase"]
    assert (whole.errors, whole.unanswered, whole.builds) == (1, 1, {"a": 4})


@pytest.mark.parametrize("header", [None, "", "7 3.5", "many 1 2 build"])
def test_a_server_that_says_nothing_costs_an_unknown_amount(header: str | None) -> None:
    assert Cost.read(header) == Cost(-1, -1, -1, "")


def test_the_header_of_a_served_release_is_read() -> None:
    assert Cost.read("7 3.250 9.125 refactored-12ab") == Cost(7, 3.25, 9.125, "refactored-12ab")
