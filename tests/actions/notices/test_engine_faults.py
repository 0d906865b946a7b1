"""Bad, repeated, half and replaced files: each has a stated treatment, and the counts add up."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from amends.causes.notices.actions import run as counting
from amends.causes.notices.actions.run import UnitsJumped
from amends.causes.notices.engine_models import UsageBatch, UsageFile
from amends.causes.notices.models import Notice
from amends.causes.notices.queries.usage import rejected_rows
from amends.platform.kit.errors import BadInput
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(autouse=True)
def _lines(db):
    feed.enrol_lines()


def adds_up(document):
    return document["records"] == (
        document["counted"] + document["late"] + document["duplicates"] + document["rejected"]
    )


def test_the_same_file_three_times_counts_once(tmp_path):
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(1, 1_500))
    first = feed.count(path).as_dict()
    before = feed.kept()
    feed.parquet(tmp_path / "b.parquet", feed.random_table(1, 1_500))
    again = feed.count(tmp_path).as_dict()
    third = feed.count(tmp_path).as_dict()
    assert again["duplicates"] == third["duplicates"] == third["records"] == 3_000
    assert feed.kept() == before
    for document in (again, third):
        assert (document["notices"], document["notices_sha256"]) == (
            first["notices"],
            first["notices_sha256"],
        )


def test_records_sent_again_in_another_file_are_duplicates(tmp_path):
    table = feed.random_table(2, 1_000)
    feed.count(feed.parquet(tmp_path / "a.parquet", table))
    before = feed.kept()
    document = feed.count(feed.csv(tmp_path / "again.csv", table)).as_dict()
    assert adds_up(document)
    assert document["counted"] == document["late"] == document["notices"] == 0
    assert feed.kept() == before


def test_every_format_counts_alike(tmp_path):
    from django.db import transaction

    table = feed.random_table(3, 1_200)
    plain = feed.csv(tmp_path / "a.csv", table)
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(plain.read_bytes())
    lines = pa.Table.to_pylist(table)
    import orjson

    (tmp_path / "a.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in lines))
    feed.parquet(tmp_path / "a.parquet", table)
    seen = []
    for name in ("a.parquet", "a.csv", "a.csv.gz", "a.jsonl"):
        point = transaction.savepoint()
        feed.count(tmp_path / name)
        seen.append(feed.kept())
        transaction.savepoint_rollback(point)
    assert seen[0].notices
    assert all(one == seen[0] for one in seen)


def test_half_a_file_waits_until_it_is_whole(tmp_path):
    table = feed.random_table(4, 1_000)
    path = feed.parquet(tmp_path / "a.parquet", table)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    document = feed.count(tmp_path).as_dict()
    assert document["records"] == 0
    assert "提前结束" in document["files"][0]["reason"], "in the installation's language"
    path.write_bytes(whole)
    assert feed.count(tmp_path).as_dict()["records"] == 1_000


def test_a_line_cut_off_is_not_believed_and_counts_when_it_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"r{n},svc-1,{world.START_MS + n},voice,123,0," for n in range(10)]
    head = "record,service,at_ms,kind,amount,charge_minor,country\n"
    path.write_text(head + "\n".join(rows)[:-4], encoding="utf-8")
    document = feed.count(path, now=world.START).as_dict()
    assert (document["counted"], document["rejected"]) == (9, 1)
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    document = feed.count(path, now=world.START).as_dict()
    assert (document["counted"], document["duplicates"], document["rejected"]) == (1, 9, 0)


def test_a_gzip_that_ends_early_is_unfinished(tmp_path):
    plain = feed.csv(tmp_path / "a.csv", feed.random_table(5, 2_000))
    path = tmp_path / "usage" / "a.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(plain.read_bytes())[:-2_000])
    document = feed.count(path.parent).as_dict()
    assert document["files"][0]["state"] == "stopped"


def test_a_file_replaced_under_its_name_is_another_file(tmp_path):
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(6, 800))
    first = feed.count(tmp_path).as_dict()
    both = pa.concat_tables([feed.random_table(6, 800), feed.random_table(7, 200)])
    feed.parquet(path, both)
    document = feed.count(tmp_path).as_dict()
    assert adds_up(document)
    assert document["duplicates"] >= first["counted"] + first["late"] > 300
    assert UsageFile.objects.count() == 2


def test_a_file_replaced_while_half_of_it_is_counted(tmp_path, monkeypatch):
    """What is counted stands; of the new content only what is new counts."""
    table = feed.random_table(11, 900)
    thirds = [table.slice(at, 300) for at in (600, 300, 0)]  # the last of March is too old
    path = feed.parquet(tmp_path / "a.parquet", pa.concat_tables(thirds))
    real, calls = counting._batch, []

    def until_the_second(*given, **named):
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(real(*given, **named))

    monkeypatch.setattr(counting, "_batch", until_the_second)
    with pytest.raises(KeyboardInterrupt):
        feed.count(tmp_path, rows=300)
    monkeypatch.setattr(counting, "_batch", real)
    assert UsageFile.objects.get().done_rows == 300
    feed.parquet(path, pa.concat_tables([thirds[1], thirds[0], thirds[2]]))
    document = feed.count(tmp_path, rows=300).as_dict()
    assert adds_up(document)
    assert document["files"][0]["state"] == "counted"
    first = UsageFile.objects.order_by("id").first()
    assert (first.done_rows, first.state) == (300, UsageFile.State.OPEN)
    keys = list(Notice.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) > 0
    # Every record counted before is a duplicate now.
    before = json.loads(first.batches.get().counts)
    assert document["duplicates"] >= before["counted"] + before.get("late", 0) > 100


@pytest.mark.parametrize("hours", [[0, -1, 0], [0, 24, 0], [24, -1, 25]])
def test_a_clock_that_jumps_between_files_changes_nothing(tmp_path, hours):
    """The machine's clock set back an hour or ahead a day: the same notices, facts and state."""
    batch = world.random_batch(np.random.default_rng(12), 1_800, 12, days=20)
    use = feed.as_table(batch)
    ended = world.START_MS + 20 * world.DAY
    use = use.filter(pa.array((batch.at_ms >= world.START_MS) & (batch.at_ms < ended)))
    now = world.START + timedelta(days=20)
    for number, jump in enumerate(hours):
        part = use.slice(number * 500, 500 if number < 2 else None)
        path = feed.parquet(tmp_path / f"{number}.parquet", part)
        feed.count(path, now=now + timedelta(hours=jump))
        feed.count(path, now=now)
    jumped = feed.kept()
    assert len(jumped.notices) > 20
    feed.count(feed.parquet(tmp_path / "again.parquet", use), now=now)
    assert feed.kept() == jumped
    kept = np.flatnonzero((batch.at_ms >= world.START_MS) & (batch.at_ms < ended))
    whole = type(batch)(*(getattr(batch, name)[kept] for name in batch.__slots__))
    rules = world.rules()
    abroad_costs = replace(rules, like_home=np.zeros_like(rules.like_home))
    expected, _, memory = world.run(abroad_costs, world.memory(12), whole, "oracle", day=20)
    assert jumped.state == memory.lines.state.tobytes()
    named = {
        tuple(one[["line", "step", "period", "multiple", "country", "day"]]) for one in expected
    }
    assert len(jumped.notices) == len(named)


def test_a_missing_column_is_named(tmp_path):
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(8, 10).drop_columns(["amount"]))
    with pytest.raises(BadInput, match="The column amount is missing"):
        feed.count(path)
    assert not UsageBatch.objects.exists()


def test_units_that_jump_stop_the_file_until_a_person_has_looked(tmp_path):
    def calls(first, seconds):
        numbers = range(first, first + 2_000)
        return pa.table(
            {
                "record": [f"r{n}" for n in numbers],
                "service": ["svc-1"] * 2_000,
                "at_ms": [world.START_MS + n for n in numbers],
                "kind": ["data"] * 2_000,
                "amount": [seconds] * 2_000,
            }
        )

    feed.count(feed.parquet(tmp_path / "a.parquet", calls(0, 3)), now=world.START)
    jumped = feed.parquet(tmp_path / "b.parquet", calls(5_000, 3 * 2**20))
    before = feed.kept()
    with pytest.raises(UnitsJumped, match="records of data"):
        feed.count(jumped, now=world.START)
    assert feed.kept() == before
    document = feed.count(jumped, now=world.START, accept=True).as_dict()
    assert document["counted"] == 2_000


def test_values_that_cannot_be_read_are_rejected_by_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "record,service,at,kind,amount,charge_minor,country\n"
        "a,svc-1,2026-03-27T00:00:00Z,data,100,,\n"
        "b,svc-1,2026-03-27T08:00:00+08:00,data,100,1,TH\n"
        "c,svc-1,yesterday,data,100,,\n"
        "d,svc-1,2026-03-27T00:00:00Z,data,ten,,\n"
        "e,svc-1,2026-03-27T00:00:00Z,telex,1,,\n"
        "f,svc-99,2026-03-27T00:00:00Z,data,100,,\n"
        "g,svc-1,2026-03-27T00:00:00Z,data,100\n"
        ",svc-1,2026-03-27T00:00:00Z,data,100,,\n"
        "h,svc-1,2026-03-27T00:00:00Z,data,100,,Thailand\n"
        "i,svc-1,2027-03-27T00:00:00Z,data,100,,\n"
        "j,svc-1,2020-03-27T00:00:00Z,data,100,,\n"
        "k,svc-1,2026-03-27T00:00:00Z,data,99999999999999999,,\n",
        encoding="utf-8",
    )
    document = feed.count(path, now=world.START).as_dict()
    assert document["treatments"] == {
        "counted": 2,
        "unknown_line": 1,
        "future": 1,
        "too_old": 1,
        "implausible": 1,
        "unknown_kind": 1,
        "malformed": 5,
    }
    assert adds_up(document)
    assert [(one.row, one.reason) for one in rejected_rows(files=["a.csv"])] == [
        (3, "malformed"),
        (4, "malformed"),
        (5, "unknown_kind"),
        (6, "unknown_line"),
        (7, "malformed"),
        (8, "malformed"),
        (9, "future"),
        (10, "too_old"),
        (11, "implausible"),
        (12, "malformed"),
    ]


def test_a_record_refused_for_its_line_counts_once_the_line_is_enrolled(tmp_path):
    table = feed.random_table(9, 300, lines=30)
    document = feed.count(feed.parquet(tmp_path / "a.parquet", table)).as_dict()
    assert document["treatments"]["unknown_line"] > 50
    feed.enrol_lines(31)
    again = feed.count(feed.csv(tmp_path / "b.csv", table)).as_dict()
    assert again["counted"] + again["late"] > 50
    assert again["duplicates"] > 50
    assert Notice.objects.count() == feed.kept().facts
