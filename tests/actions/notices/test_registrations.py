"""Who arrives abroad is told when the network registers them, once, before the first use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from amends.cases.audits.actions.audit import audit
from amends.causes.notices.actions.run import run
from amends.causes.notices.jobs.count_usage import count_usage
from amends.causes.notices.models import Notice
from amends.platform.kit.actors import system
from amends.platform.kit.periods import to_ms
from tests.actions.notices import engine_feed as feed

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 5, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def registered(path: Path, *rows: tuple[str, datetime, str]) -> Path:
    frame = pl.DataFrame(
        [(service, at.isoformat(), country) for service, at, country in rows],
        schema=["service", "at", "country"],
        orient="row",
    )
    writers = {
        ".csv": frame.write_csv,
        ".parquet": frame.write_parquet,
        ".jsonl": frame.write_ndjson,
    }
    writers[path.suffix](path)
    return path


def used(path: Path, at: datetime, country: str, record: str = "r1") -> Path:
    pl.DataFrame(
        {
            "record": [record],
            "service": ["svc-0"],
            "at_ms": [to_ms(at)],
            "kind": ["data"],
            "amount": [1000],
            "country": [country],
            "limit": [0],
            "subscriber": ["person-0"],
        }
    ).write_parquet(path)
    return path


def welcomes() -> list[tuple[str, int]]:
    rows = Notice.objects.filter(duty="cn.roaming_entry").order_by("id")
    return list(rows.values_list("period", "due_at_ms"))


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_the_welcome_goes_out_on_registration_and_the_first_use_adds_none(
    tmp_path: Path, settings, ending: str
) -> None:
    settings.NETWORK_DIR, settings.USAGE_DIR = tmp_path / "network", tmp_path / "usage"
    settings.NETWORK_DIR.mkdir()
    feed.enrol_lines()
    registered(
        settings.NETWORK_DIR / f"a.{ending}",
        ("svc-0", AT - HOUR, ""),
        ("svc-0", AT, "TH"),
        ("svc-0", AT, "TH"),
        ("visitor", AT, "TH"),
    )
    report = count_usage(now=AT + timedelta(seconds=5))
    assert report is not None
    # 23:00 in Shanghai: the use of the next day belongs to the same journey.
    assert welcomes() == [("TH@2026-06-05", to_ms(AT))]
    settings.USAGE_DIR.mkdir()
    used(settings.USAGE_DIR / "b.parquet", AT + 10 * HOUR, "TH")
    count_usage(now=AT + 12 * HOUR)
    assert len(welcomes()) == 1
    count_usage(now=AT + 13 * HOUR)
    assert len(welcomes()) == 1


def test_home_again_and_back_abroad_is_another_journey(tmp_path: Path) -> None:
    feed.enrol_lines()
    path = registered(
        tmp_path / "a.csv",
        ("svc-0", AT, "TH"),
        ("svc-0", AT + 24 * HOUR, ""),
        ("svc-0", AT + 48 * HOUR, "TH"),
    )
    run(path, jurisdiction="cn", now=AT + 50 * HOUR)
    assert [period for period, _ in welcomes()] == ["TH@2026-06-05", "TH@2026-06-07"]


def test_the_auditor_reads_registrations_too(tmp_path: Path) -> None:
    feed.enrol_lines()
    arrived = registered(tmp_path / "a.csv", ("svc-0", AT, "TH"))
    use = used(tmp_path / "b.parquet", AT + 40 * HOUR, "TH")
    for path in (arrived, use):
        run(path, jurisdiction="cn", now=AT + 41 * HOUR)
    report = audit(
        start=date(2026, 6, 1),
        end=date(2026, 7, 1),
        actor=system("auditor"),
        now=AT + 60 * HOUR,
        jurisdiction="cn",
        usage=[arrived, use],
    )
    assert report.stated == 0


def test_without_the_engine_a_registration_is_owed_its_welcome(tmp_path: Path) -> None:
    arrived = registered(tmp_path / "a.csv", ("svc-0", AT, "TH"))
    report = audit(
        start=date(2026, 6, 1),
        end=date(2026, 7, 1),
        actor=system("auditor"),
        now=AT + 60 * HOUR,
        jurisdiction="cn",
        usage=[arrived],
    )
    assert [one.duty for one in report.counts] == ["cn.roaming_entry"]
