"""Spark counts what the engine of one machine counts: notices, holds, state, ids, refusals alike."""

from __future__ import annotations

import pytest

from tests.actions.notices import engine_feed as feed

pytestmark = [pytest.mark.django_db, pytest.mark.spark]


def count_on_spark(spark, place, **changes):
    from amends.causes.notices.actions.run_on_spark import run_on_spark
    from tests.rules.notices import engine_world as world

    given = {"jurisdiction": "cn", "now": feed.NOW, "duties": world.DUTIES, "buckets": 3}
    return run_on_spark(place, spark=spark, **given | changes)


def document(report) -> dict:
    return report.as_dict() | {"seconds": 0, "spent_s": {}}


def seen_ids() -> list[tuple]:
    import numpy as np

    from amends.causes.notices.engine_models import SeenRecords
    from amends.engines.metering.engine.seen import ENTRY

    found = [
        (row.day, *entry)
        for row in SeenRecords.objects.all()
        for entry in np.frombuffer(bytes(row.entries), ENTRY).tolist()
    ]
    return sorted(found)


def a_directory(place):
    """Three files in three forms; the second has records of the first again."""
    import pyarrow as pa

    place.mkdir()
    first = feed.random_table(11, 3_000, 40)
    feed.parquet(place / "a.parquet", first)
    feed.csv(
        place / "b.csv", pa.concat_tables([first.slice(0, 300), feed.random_table(12, 900, 40)])
    )
    feed.parquet(place / "c.parquet", feed.random_table(13, 2_000, 40))
    return place


def test_spark_counts_what_one_machine_counts(spark, tmp_path):
    from django.db import transaction

    place = a_directory(tmp_path / "usage")
    seen = []
    for engine in ("local", "spark", "spark, three batches"):
        point = transaction.savepoint()
        feed.enrol_lines(40)
        if engine == "local":
            report = feed.count(place)
        else:
            report = count_on_spark(spark, place, records_a_batch=8e6 if engine == "spark" else 1)
        seen.append((document(report) | {"spent_s": {}}, feed.kept(), seen_ids()))
        transaction.savepoint_rollback(point)
    assert seen[0][0]["notices"] > 100
    assert seen[0][0]["duplicates"] > 50
    assert seen[0] == seen[1]
    assert seen[0] == seen[2]


def test_engines_take_turns_on_one_database(spark, tmp_path):
    from amends.causes.notices.actions.change_line import change_line
    from tests.rules.notices import engine_world as world

    place = a_directory(tmp_path / "usage")
    feed.enrol_lines(40)
    feed.count(place, only=[place / "a.parquet"])
    change_line(
        "svc-3", "top_up", reference="top-1", counter="data", amount=30 * world.MB, at=feed.NOW
    )
    count_on_spark(spark, place, only=[place / "b.csv"])
    feed.count(place, only=[place / "c.parquet"])
    again = count_on_spark(spark, place).as_dict()
    assert {one["state"] for one in again["files"]} == {"repeated"}
    assert again["duplicates"] == again["records"] == 6_200
    assert feed.count(place).as_dict()["notices_sha256"] == again["notices_sha256"]


def test_a_file_cut_off_and_a_file_of_another_unit(spark, tmp_path):
    from amends.causes.notices.actions.run import UnitsJumped
    from amends.causes.notices.engine_models import UsageFile

    place = a_directory(tmp_path / "usage")
    whole = (place / "a.parquet").read_bytes()
    (place / "d.parquet").write_bytes(whole[: len(whole) // 2])
    feed.enrol_lines(40)
    report = count_on_spark(spark, place).as_dict()
    assert report["files"][-1]["state"] == "stopped"
    assert report["records"] == 6_200
    (place / "d.parquet").unlink()

    import pyarrow.compute as pc

    good = feed.random_table(21, 6_000, 40)
    big = feed.random_table(22, 6_000, 40)
    amount = pc.multiply(big["amount"], 1 << 18)
    feed.parquet(place / "e.parquet", good)
    feed.parquet(place / "f.parquet", big.set_column(4, "amount", amount))
    with pytest.raises(UnitsJumped):
        count_on_spark(spark, place)
    assert UsageFile.objects.get(name="e.parquet").state == "done"
    assert UsageFile.objects.get(name="f.parquet").done_rows == 0
