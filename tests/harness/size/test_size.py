"""Production's rows are put into the line through two rehearsals, and a third size shows whether that was right."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.databases import Server, provision
from harness.databases.empty import empty
from harness.errors import ConfigurationError, UsageError
from harness.evidence import Evidence
from harness.probes.migrations.facts import Rehearsal, read
from harness.probes.probe import find
from harness.probes.size.prediction import predict
from harness.probes.size.rows import read_rows
from tests.harness.migrations.guild import measure, value, world
from tests.harness.migrations.scratch import Project

HERE, THERE = 20_000, 60_000
OPERATIONS = """
        migrations.AddIndex("item", models.Index(fields=["sku"], name="item_sku_ix")),
        migrations.AlterField("item", "quantity", models.BigIntegerField()),
        migrations.RunSQL("UPDATE grown_item SET price = price + 1", migrations.RunSQL.noop),
        migrations.AddField("item", "colour", models.CharField(max_length=9, null=True)),"""
BACKFILL = 'migrations.RunSQL("UPDATE guild_person SET level = level + 1", migrations.RunSQL.noop)'


def rehearse(folder: Path, server: Server, rows: int, *, nothing: bool = False) -> Rehearsal:
    project = Project(folder / str(rows) / str(nothing))
    project.app("grown", rows=rows)
    project.migration("grown", "0002_grow", OPERATIONS, atomic=False)
    database = server.create("grown")
    try:
        with project.agent(database) as agent:
            agent.call("migrate", targets=["grown.0001"])
            if nothing:
                empty(database)
            server.analyze(database)
            return read(agent.call("observe", targets=["grown"], old_code=False))
    finally:
        server.drop(database)


@pytest.mark.slow
def test_a_third_size_is_predicted_from_two(tmp_path: Path, server: Server) -> None:
    nothing, here, there = (
        rehearse(tmp_path, server, HERE, nothing=True),
        rehearse(tmp_path, server, HERE),
        rehearse(tmp_path, server, THERE),
    )
    predicted = predict(nothing, here, {"grown_item": THERE})
    assert [each.table for each in predicted] == ["grown_item"] * 3 + [""]
    measured = [step.facts for step in there.migrations[0].operations]
    for prediction, facts in zip(predicted[:3], measured, strict=False):
        assert facts
        assert prediction.there.wal_bytes == pytest.approx(facts.wal_bytes, rel=0.1)
        assert prediction.there.rows_written == facts.rows_written
        assert prediction.doubt == ""


def size(folder: Path, server: Server, **rows: float) -> Evidence:
    with world(folder, BACKFILL, server) as made:
        return measure(made, "size", rows=rows)


def test_what_a_backfill_writes_grows_with_its_table(tmp_path: Path, server: Server) -> None:
    found = size(tmp_path, server, guild_person=500)
    assert value(found, "predicted rows written") == 500
    assert value(found, "growing operations") == 1
    assert found.unsound == []


def test_too_few_rows_here_are_unsound(tmp_path: Path, server: Server) -> None:
    found = size(tmp_path, server, guild_person=5e7)
    assert value(found, "predicted rows written") == 5e7
    assert found.unsound == ["guild_person has 500 rows here; for a prediction it needs 10,000"]


def test_a_table_that_is_not_there_is_named_before_anything_is_measured(tmp_path: Path, server: Server) -> None:
    probe = find("size")
    with world(tmp_path, BACKFILL, server) as made:
        probe.check(made, probe.read_options({"rows": {"guild_person": 5}}, "here"))
        with pytest.raises(ConfigurationError, match="'guild_persons', which is not there before the phase"):
            probe.check(made, probe.read_options({"rows": {"guild_persons": 5}}, "here"))


def test_without_row_counts_nothing_starts(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, BACKFILL, server) as made, pytest.raises(ConfigurationError, match="--rows TABLE=NUMBER"):
        find("size").check(made, find("size").read_options({}, "here"))


def test_sqlite_tells_no_sizes(tmp_path: Path) -> None:
    with provision("sqlite") as sqlite:
        found = size(tmp_path, sqlite, guild_person=5)
    assert (found.outcome, "does not tell" in found.reason) == ("skipped", True)


def test_row_counts_are_read_from_words_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("shop_order,50000000\nshop_new,-1\n")
    assert read_rows([str(file), "shop_customer=2e6", "shop_order=7"]) == {"shop_order": 7, "shop_customer": 2e6}


@pytest.mark.parametrize("word", ["shop=many", "shop=nan", "shop=1e999", "shop=-5", "=5", "shop=", "nothing.csv"])
def test_words_that_are_no_row_counts_are_refused(word: str) -> None:
    with pytest.raises(UsageError, match="TABLE=NUMBER"):
        read_rows([word])


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b,c\n")
    with pytest.raises(UsageError, match="3 columns; it needs two"):
        read_rows([str(tmp_path / "rows.csv")])
