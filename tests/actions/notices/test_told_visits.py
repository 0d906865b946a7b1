"""Who comes back to a country on one day is not told again, whether the notice is a row or waits."""

from datetime import timedelta

import pytest

from amends.causes.notices.actions import write_notices
from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.actions.write_notices import expand_blocks
from amends.causes.notices.engine_models import DueBlock
from amends.causes.notices.jobs import send_due as telling
from amends.causes.notices.models import Notice
from amends.engines.metering.engine.layout import country_code
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
ROAMERS = 9


@pytest.fixture(autouse=True)
def _in_blocks(db, monkeypatch):
    feed.enrol_lines()
    monkeypatch.setattr(write_notices, "AT_ONCE", 2)
    monkeypatch.setattr(write_notices, "ROWS_A_BLOCK", 4)


def go(tmp_path, *moves, kept=None, lines=ROAMERS):
    """Lines are somewhere one after the other, a file each: (day, country)."""
    for day, country in moves:
        records = world.Columns()
        for line in range(lines):
            number = round(day * 1_000) * 100 + line + 1
            records.use(
                line,
                world.START_MS + round(day * world.DAY) + line,
                amount=1,
                country=country_code(country),
                record=number,
            )
        path = feed.parquet(tmp_path / f"{day}.parquet", feed.as_table(records.batch()))
        feed.count(path, now=world.START + timedelta(days=day + 1), cached_engine=kept)


def entries():
    """How many arrivals stand, as rows and as facts."""
    while expand_blocks():
        pass
    assert feed.kept().facts == Notice.objects.count()
    return Notice.objects.filter(duty="entry").count()


AWAY_AND_BACK = ((7, "TH"), (7.1, "JP"), (7.2, "TH"), (7.3, "JP"))


def test_what_waits_in_blocks_is_not_told_again_by_another_engine(tmp_path):
    go(tmp_path, *AWAY_AND_BACK)
    assert DueBlock.objects.filter(urgent=True).count() == 2 * 5
    assert entries() == 2 * ROAMERS


def test_nor_by_the_same_engine(tmp_path):
    go(tmp_path, *AWAY_AND_BACK, kept=CachedEngine())
    assert entries() == 2 * ROAMERS


def test_nor_what_was_laid_out_in_between(tmp_path):
    kept = CachedEngine()
    for move in AWAY_AND_BACK:
        go(tmp_path, move, kept=kept)
        assert entries() <= 2 * ROAMERS
    go(tmp_path, (8, "TH"), kept=kept)
    assert entries() == 3 * ROAMERS


def test_nor_rows_that_were_written_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr(write_notices, "AT_ONCE", 100)
    go(tmp_path, *AWAY_AND_BACK[:2])
    assert Notice.objects.filter(duty="entry").count() == 2 * ROAMERS
    monkeypatch.setattr(write_notices, "AT_ONCE", 2)
    go(tmp_path, *AWAY_AND_BACK[2:], (8, "TH"))
    assert entries() == 3 * ROAMERS


def test_some_of_a_batch_may_be_new(tmp_path):
    go(tmp_path, *AWAY_AND_BACK[:2], lines=5)
    go(tmp_path, (7.2, "TH"))
    assert entries() == 5 + ROAMERS


def test_visits_become_rows_before_anything_else_is_posted(tmp_path, monkeypatch):
    go(tmp_path, (7, "TH"))
    use = world.Columns()
    for line in range(ROAMERS):
        use.use(line, world.START_MS + 8 * world.DAY, amount=500 * world.MB, record=line + 1)
    path = feed.parquet(tmp_path / "home.parquet", feed.as_table(use.batch()))
    feed.count(path, now=world.START + timedelta(days=9))
    visits = DueBlock.objects.filter(urgent=True).count()
    assert 0 < visits < DueBlock.objects.count()
    waiting = []

    def send(*, now):
        waiting.append(DueBlock.objects.filter(urgent=True).count())
        return {"sent": 1} if waiting[-1] else {}

    monkeypatch.setattr(telling, "send_notices", send)
    telling.send_due_notices(now=world.START + timedelta(days=9))
    assert waiting[:visits] == list(range(visits))[::-1]
    assert not DueBlock.objects.exists()
