"""Notices found in bulk rest as columns, and become the same rows when they are to be told."""

import numpy as np
import pytest
from django.db import transaction

from amends.causes.notices import queries
from amends.causes.notices.actions import write_notices
from amends.causes.notices.actions.engine_memory import load
from amends.causes.notices.actions.notice_rows import rows_of
from amends.causes.notices.actions.write_notices import expand_blocks
from amends.causes.notices.engine_models import DueBlock
from amends.causes.notices.models import Hold, Notice
from amends.engines.metering.keys import notice_key
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(autouse=True)
def _lines(db):
    feed.enrol_lines()


def laid_out():
    while expand_blocks():
        pass


def test_blocks_become_the_rows_they_would_have_been(tmp_path, monkeypatch):
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(1, 3_000))
    point = transaction.savepoint()
    first = feed.count(path).as_dict()
    rows = feed.kept()
    transaction.savepoint_rollback(point)
    monkeypatch.setattr(write_notices, "AT_ONCE", 10)
    monkeypatch.setattr(write_notices, "ROWS_A_BLOCK", 9)
    again = feed.count(path).as_dict()
    waiting = sum(DueBlock.objects.values_list("rows", flat=True))
    assert DueBlock.objects.count() > 3
    assert waiting + Notice.objects.count() == first["notices"] == again["notices"]
    assert queries.counts_by_state() == {"due": first["notices"]}
    assert set(Hold.objects.values_list("key", flat=True)) <= set(
        Notice.objects.values_list("key", flat=True)
    )
    laid_out()
    blocks = feed.kept()
    assert sorted(blocks.notices) == sorted(rows.notices)
    assert (blocks.holds, blocks.facts, blocks.state) == (rows.holds, rows.facts, rows.state)
    assert again["notices_sha256"] == first["notices_sha256"]
    assert not DueBlock.objects.exists()


def test_a_block_laid_out_twice_is_there_once(tmp_path, monkeypatch):
    monkeypatch.setattr(write_notices, "AT_ONCE", 0)
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(2, 2_000)))
    again = [(one.rows, bytes(one.columns)) for one in DueBlock.objects.all()]
    laid_out()
    before = feed.kept().notices
    for rows, columns in again:
        DueBlock.objects.create(rows=rows, columns=columns)
    laid_out()
    assert feed.kept().notices == before


def test_every_row_has_the_one_key_of_its_words():
    rules, memory = world.rules(), world.memory(12)
    batch = world.random_batch(np.random.default_rng(5), 20_000, 12, days=140)
    notices, _, memory = world.run(rules, memory, batch, "numba")
    engine = load(jurisdiction="cn", now=feed.NOW, duties=world.DUTIES)
    rows = rows_of(engine, notices, pack="cn", detected_ms=1)
    assert len(rows) > 200
    words = ("subscriber", "service", "duty", "version", "period", "step")
    for row in rows.table.to_pylist():
        assert row["key"] == notice_key(**{name: row[name] for name in words})
        assert row["version"] == "2026-01-01"
