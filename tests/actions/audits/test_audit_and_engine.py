"""Two ways to the same notices: the engine, record by record; the auditor, whole months at once."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.models import DutyCount
from amends.causes.notices.models import Notice
from amends.platform.kit.actors import system
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import columns_of
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 12, tzinfo=UTC)
JUNE = {"start": date(2026, 6, 1), "end": date(2026, 7, 1)}
LIMITS = {
    "data": world.PLANS[0].data_bytes,
    "voice": world.PLANS[0].voice_s,
    "sms": world.PLANS[0].messages,
}
PLAIN = [number for number in range(36) if number % 3 == 0 and number % len(world.CYCLES) == 0]


def usage(path: Path, seed: int) -> Path:
    """Records of lines on the plain plan of Shanghai, in order of time, some of them twice."""
    chance = random.Random(seed)
    rows = []
    for number in range(400):
        line, kind = chance.choice(PLAIN), chance.choice(["data", "voice", "sms"])
        rows.append(
            {
                "record": f"r{number}",
                "service": f"svc-{line}",
                "subscriber": f"person-{line}",
                "at_ms": to_ms(FIRST + timedelta(minutes=30 * number + chance.randrange(30))),
                "kind": kind,
                "amount": max(1, LIMITS[kind] * chance.randrange(1, 30) // 100),
                "charge_minor": 0,
                "country": "",
                "limit": LIMITS[kind],
            }
        )
    rows += chance.sample(rows, 20)
    return feed.parquet(path, pa.Table.from_pylist(rows))


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (2, 3))]
)
def test_engine_and_auditor_name_the_same_notices(tmp_path: Path, seed: int) -> None:
    feed.enrol_lines(36)
    path = usage(tmp_path / "june.parquet", seed)
    feed.count(path, duties=None, now=NOW)
    counted = dict(
        Notice.objects.filter(duty__startswith="cn.allowance").values_list("key", "due_by_ms")
    )
    assert len(counted) > 10
    report = audit(**JUNE, actor=system("auditor"), now=NOW, usage=[path], jurisdiction="cn")
    assert report.stated == 0, "the engine had stated all of it, under the same keys"
    table = columns_of("NoticeDue", end=NOW + timedelta(days=30))
    stated = {
        row["key"]: row["due_at_ms"]
        for row in table.to_pylist()
        if row["duty"].startswith("cn.allowance")
    }
    assert stated == counted


def test_the_same_usage_with_the_engine_switched_off(tmp_path: Path) -> None:
    path = usage(tmp_path / "june.parquet", 1)
    report = audit(**JUNE, actor=system("auditor"), now=NOW, usage=[path], jurisdiction="cn")
    assert Notice.objects.count() == 0
    stated = set(columns_of("NoticeDue", end=NOW + timedelta(days=30))["key"].to_pylist())
    assert (
        report.stated
        == len(stated)
        == sum(row.missing + row.unknown for row in DutyCount.objects.all())
    )
    feed.enrol_lines(36)
    feed.count(path, duties=None, now=NOW)
    late = set(Notice.objects.filter(duty__startswith="cn.allowance").values_list("key", flat=True))
    assert late == stated, "what the engine finds when it is switched on again was known before"
