"""Top-ups, prepaid balances, other billing days, multiples, provinces, users a rule leaves out:
the auditor finds without the engine what the engine finds, and nothing else."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import transaction
from django.utils import translation

from amends.cases.audits.actions.audit import AuditReport, audit
from amends.cases.audits.jobs.audit import audit_notices
from amends.cases.audits.models import AuditRun, MissedNotice
from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.record_changes import apply_executed_orders
from amends.causes.notices.actions.run import run
from amends.causes.notices.actions.write_due import write_due_of
from amends.causes.notices.engine_models import UsagePlan
from amends.causes.notices.models import Notice
from amends.causes.notices.rules.life_cycle import LifeCycleEvent
from amends.engines.metering.engine.marks import MeteringPlan
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.models import Subscriber
from amends.platform.kit.actors import system
from amends.platform.kit.periods import to_ms
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.models import Offer
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import columns_of

pytestmark = pytest.mark.django_db
MB = 1_048_576
FIRST = datetime(2026, 6, 2, tzinfo=UTC)
NOW = datetime(2026, 7, 12, tzinfo=UTC)
MONTHS = {"start": date(2026, 6, 1), "end": date(2026, 8, 1)}
Record = tuple[str, datetime, str, int, int, str]


class Feed:
    """Records as a file for the engine, and their charges as facts for the auditor."""

    def __init__(self, folder: Path, currency: str = "CNY") -> None:
        self.folder, self.currency, self.files, self.number = folder, currency, [], 0
        self.limits: dict[str, int] = {}

    def write(self, *records: Record) -> Path:
        """Service, moment, kind, amount, charge, country of each."""
        rows, facts = [], []
        for service, at, kind, amount, charge, country in sorted(records, key=lambda one: one[1]):
            self.number += 1
            rows.append(
                {
                    "record": f"r{self.number}",
                    "service": service,
                    "subscriber": f"p-{service}",
                    "at_ms": to_ms(at),
                    "kind": kind,
                    "amount": amount,
                    "charge_minor": charge,
                    "country": country,
                    "limit": self.limits.get(service, 0),
                }
            )
            if charge:
                facts.append(
                    Fact(
                        "ChargeMade",
                        f"p-{service}",
                        service,
                        at,
                        "billing",
                        {
                            "charge": f"c{self.number}",
                            "charge_kind": "usage",
                            "offer": "plan",
                            "amount_minor": charge,
                            "currency": self.currency,
                        },
                    )
                )
        with transaction.atomic():
            append(facts, now=NOW)
        path = self.folder / f"{len(self.files)}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
        self.files.append(path)
        return path


def lines(plans: Sequence[MeteringPlan], cycles: Sequence[tuple[str, int]]) -> None:
    count = len(plans)
    enrol(
        NewLines(
            [f"svc-{n}" for n in range(count)],
            [f"p-svc-{n}" for n in range(count)],
            list(range(count)),
            list(range(count)),
            plans,
            cycles,
        ),
        now=FIRST,
    )


def count(path: Path, now: datetime = NOW, jurisdiction: str = "cn") -> None:
    run(path, jurisdiction=jurisdiction, now=now)


def found(jurisdiction: str = "cn") -> set[tuple[str, str, str, str]]:
    """What the engine wrote: service, duty, period and step of each notice."""
    rows = Notice.objects.filter(duty__startswith=jurisdiction)
    return set(rows.values_list("service", "duty", "period", "step"))


def keys() -> set[str]:
    return set(Notice.objects.values_list("key", flat=True))


def audited(files: list[Path], jurisdiction: str = "cn") -> AuditReport:
    return audit(**MONTHS, actor=system("auditor"), now=NOW, usage=files, jurisdiction=jurisdiction)


def stated() -> set[str]:
    return set(columns_of("NoticeDue", end=NOW + timedelta(days=30))["key"].to_pylist())


def test_billing_months_begin_on_the_day_and_in_the_zone_of_the_line(tmp_path: Path) -> None:
    plan = MeteringPlan("p", data_bytes=100 * MB)
    lines([plan] * 3, [("Asia/Shanghai", 15), ("Europe/Berlin", 31), ("UTC", 1)])
    feed = Feed(tmp_path)
    feed.limits = {f"svc-{n}": 100 * MB for n in range(3)}
    chance = random.Random(7)
    records = [
        (f"svc-{n % 3}", FIRST + timedelta(hours=5 * n), "data", chance.randrange(12) * MB, 0, "")
        for n in range(180)
    ]
    count(feed.write(*records))
    assert {
        "2026-05-15/data",
        "2026-06-15/data",
        "2026-05-31/data",
        "2026-06-30/data",
        "2026-06-01/data",
    } <= {period for _, _, period, _ in found()}
    assert audited(feed.files).stated == 0
    assert stated() == keys()


def test_a_step_armed_again_by_a_top_up_is_owed_again(tmp_path: Path) -> None:
    lines([MeteringPlan("p", data_bytes=100 * MB)], [("Asia/Shanghai", 1)])
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": 100 * MB}
    days = [FIRST + timedelta(days=n) for n in range(20)]
    count(feed.write(("svc-0", days[1], "data", 100 * MB, 0, "")), days[2])
    change_line("svc-0", "top_up", reference="t-1", counter="data", amount=100 * MB, at=days[3])
    # Too little to arm the first step again, which is then not owed twice.
    change_line("svc-0", "top_up", reference="t-2", counter="data", amount=MB, at=days[6])
    count(feed.write(("svc-0", days[4], "data", 99 * MB, 0, "")), days[5])
    count(feed.write(("svc-0", days[7], "data", MB, 0, ""), ("svc-0", days[8], "data", MB, 0, "")))
    reached = sorted(period for _, duty, period, _ in found() if duty == "cn.allowance_reached")
    assert reached == ["2026-06-01+t-2/data", "2026-06-01/data"]
    assert audited(feed.files).stated == 0


def test_what_is_owed_after_a_top_up_is_known_with_the_engine_switched_off(tmp_path: Path) -> None:
    lines([MeteringPlan("p", data_bytes=100 * MB)], [("Asia/Shanghai", 1)])
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": 100 * MB}
    feed.write(
        ("svc-0", FIRST, "data", 100 * MB, 0, ""),
        ("svc-0", FIRST + timedelta(hours=3), "data", 50 * MB, 0, ""),
    )
    at = FIRST + timedelta(hours=2)
    change_line("svc-0", "top_up", reference="t", counter="data", amount=50 * MB, at=at)
    audited(feed.files)
    owed = MissedNotice.objects.filter(duty="cn.allowance_reached").count()
    assert owed == 2, "on the same day too: once, and once more after the top-up"


def offers(**megabytes: int) -> None:
    append(
        publish_offers(
            [
                NewOffer(ref, "1", "mobile", "套餐", "Plan", 0, "CNY", FIRST, allowance_mb=mb)
                for ref, mb in megabytes.items()
            ]
        ),
        now=FIRST,
    )


@pytest.mark.parametrize("way", ["event", "order"])
def test_another_plan_within_the_month_arms_again_for_engine_and_auditor(
    tmp_path: Path, way: str
) -> None:
    """The file states no limits: the auditor takes those of the plan held at the time."""
    with transaction.atomic():
        offers(small=100, large=200)
    register(NewSubscriber(pseudonym="p-svc-0"), now=FIRST)
    open_services([NewService("p-svc-0", "mobile", FIRST, ref="svc-0", offer="small")])
    lines(
        [MeteringPlan("small", data_bytes=100 * MB), MeteringPlan("large", data_bytes=200 * MB)],
        [("Asia/Shanghai", 1)] * 2,
    )
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": None}  # type: ignore[dict-item]
    day = [FIRST + timedelta(days=n) for n in range(40)]
    used = [
        ("svc-0", day[1], "data", 100 * MB, 0, ""),
        ("svc-0", day[5], "data", 99 * MB, 0, ""),
        ("svc-0", day[6], "data", MB, 0, ""),
        ("svc-0", day[32], "data", 150 * MB, 0, ""),
    ]
    count(feed.write(used[0]), day[2])
    if way == "event":
        change_line("svc-0", "plan", reference="move", plan="large", at=day[3])
    else:
        to = {"from_offer": "small", "to_offer": "large", "initiator": "subscriber"}
        with transaction.atomic():
            append([Fact("ServiceChanged", "p-svc-0", "svc-0", day[3], "crm", to)], now=day[3])
        apply_executed_orders(now=day[4])
    count(feed.write(*used[1:3]), day[7])
    count(feed.write(used[3]), day[33])
    reached = [period for _, duty, period, _ in found() if duty == "cn.allowance_reached"]
    assert len(reached) == 2, "of the small plan, and once more of the large one"
    assert audited(feed.files).stated == 0
    assert stated() == keys()


def test_a_change_of_plan_is_known_with_the_engine_switched_off(tmp_path: Path) -> None:
    with transaction.atomic():
        offers(small=100, large=200)
        to = {"from_offer": "small", "to_offer": "large", "initiator": "subscriber"}
        at = FIRST + timedelta(days=2)
        append([Fact("ServiceChanged", "p-svc-0", "svc-0", at, "crm", to)], now=at)
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": None}  # type: ignore[dict-item]
    feed.write(*(("svc-0", FIRST + timedelta(days=n), "data", 100 * MB, 0, "") for n in (1, 3)))
    audited(feed.files)
    assert MissedNotice.objects.filter(duty="cn.allowance_reached").count() == 2


def test_a_prepaid_balance_low_and_negative_again_after_each_payment(tmp_path: Path) -> None:
    lines(
        [MeteringPlan("prepaid", balance_minor=3000), MeteringPlan("later")],
        [("Asia/Shanghai", 10)] * 2,
    )
    feed = Feed(tmp_path)
    day = [FIRST + timedelta(days=n) for n in range(40)]
    count(
        feed.write(
            ("svc-0", day[1], "charge", 0, 2001, ""), ("svc-0", day[2], "charge", 0, 1000, "")
        ),
        day[3],
    )
    change_line("svc-0", "top_up", reference="pay-1", counter="money", amount=5000, at=day[4])
    change_line("svc-1", "balance", reference="set-1", amount=1500, at=day[4])
    count(
        feed.write(
            ("svc-0", day[5], "charge", 0, 4500, ""),
            ("svc-1", day[5], "charge", 0, 600, ""),
            ("svc-0", day[12], "charge", 0, 600, ""),
        ),
        day[13],
    )
    change_line("svc-1", "top_up", reference="pay-2", counter="money", amount=50, at=day[14])
    count(
        feed.write(
            ("svc-1", day[15], "charge", 0, 10, ""), ("svc-1", day[16], "charge", 0, 2000, "")
        )
    )
    of_balance = {one for one in found() if one[1] == "cn.balance_low"}
    assert {(service, step) for service, _, _, step in of_balance} == {
        ("svc-0", "low"),
        ("svc-0", "negative"),
        ("svc-1", "low"),
        ("svc-1", "negative"),
    }
    assert len([one for one in of_balance if one[0] == "svc-0"]) == 4
    assert audited(feed.files).stated == 0


def test_a_balance_is_audited_with_the_engine_switched_off(tmp_path: Path) -> None:
    lines([MeteringPlan("prepaid", balance_minor=3000)], [("Asia/Shanghai", 1)])
    Feed(tmp_path).write(("svc-0", FIRST, "charge", 0, 2500, ""))
    report = audited([])
    assert report.stated == 1
    assert "cn.balance_low" not in report.not_audited
    assert MissedNotice.objects.get().duty == "cn.balance_low"


def test_each_so_many_is_owed_at_every_multiple(tmp_path: Path) -> None:
    lines([MeteringPlan("none")], [("Asia/Kolkata", 1)])
    feed = Feed(tmp_path, "INR")
    records = [
        ("svc-0", FIRST + timedelta(hours=n), "data", mb * MB, 0, "")
        for n, mb in enumerate((4, 7, 3, 25, 0, 1))
    ]
    count(feed.write(*records), jurisdiction="in")
    steps = {step for _, _, _, step in found("in.") if ":" in step}
    assert steps == {"each10:1", "each10:3", "each10:4"}
    assert audited(feed.files, "in").stated == 0


def test_the_province_of_the_subscriber_decides_which_duties_hold(tmp_path: Path) -> None:
    """Four times the mean: told in Henan, where three times is the mark, and nowhere else."""
    provinces = ("41", "44", "50", "33")
    lines([MeteringPlan("p")] * 4, [("Asia/Shanghai", 1)] * 4)
    for number, province in enumerate(provinces):
        register(NewSubscriber(pseudonym=f"p-svc-{number}", province=province), now=FIRST)
    open_services([NewService(f"p-svc-{n}", "mobile", FIRST, ref=f"svc-{n}") for n in range(4)])
    feed = Feed(tmp_path)
    for month in (3, 4, 5):
        at = datetime(2026, month, 5, tzinfo=UTC)
        usual = [(f"svc-{n}", at, "charge", 0, 1000, "") for n in range(4)]
        count(feed.write(*usual), at + timedelta(days=1))
    june = FIRST + timedelta(days=3)
    count(feed.write(*((f"svc-{n}", june, "charge", 0, 4000, "") for n in range(4))))
    henan = Notice.objects.get(duty__endswith=".abnormal")
    assert (henan.service, henan.duty, henan.pack) == ("svc-0", "cn-41.abnormal", "cn-41")
    assert audited([]).stated == 0
    assert {row["duty"] for row in columns_of("NoticeDue", end=NOW).to_pylist()} >= {henan.duty}
    # Who moves house comes under the other rule when the engine is loaded next.
    Subscriber.objects.filter(pseudonym="p-svc-1").update(province="41")
    count(feed.write(("svc-1", june + timedelta(days=1), "charge", 0, 1, "")))
    assert Notice.objects.filter(duty="cn-41.abnormal").count() == 2
    assert UsagePlan.objects.filter(place="cn-41").exists()


@pytest.mark.parametrize("by", ["service", "offer"])
def test_users_whom_a_rule_leaves_out_are_not_told_and_not_owed(
    tmp_path: Path, by: str, settings: Any
) -> None:
    settings.JURISDICTION = "eu"
    lines([MeteringPlan("p")] * 2, [("Europe/Berlin", 1)] * 2)
    for number in range(2):
        register(NewSubscriber(pseudonym=f"p-svc-{number}", zone="Europe/Berlin"), now=FIRST)
    kinds = ("m2m" if by == "service" else "mobile", "mobile")
    if by == "offer":
        Offer.objects.create(ref="meters", kind="m2m")
    open_services(
        [
            NewService(
                f"p-svc-{n}",
                kinds[n],
                FIRST,
                ref=f"svc-{n}",
                offer="meters" if by == "offer" and n == 0 else "",
            )
            for n in range(2)
        ]
    )
    feed = Feed(tmp_path, "EUR")
    count(
        feed.write(("svc-0", FIRST, "data", MB, 0, "TH"), ("svc-1", FIRST, "data", MB, 0, "TH")),
        jurisdiction="eu",
    )
    # The emergency number is told to machines too: that rule leaves nobody out.
    assert {service for service, duty, *_ in found("eu.") if duty != "eu.roam.112"} == {"svc-1"}
    assert audited(feed.files, "eu").stated == 0


def test_a_border_is_not_told_to_a_firm_the_rule_leaves_out(settings: Any, db: None) -> None:
    settings.JURISDICTION = "uk"
    now = datetime(2026, 6, 2, 9, tzinfo=UTC)
    for number, kind in enumerate(("b2b", "mobile")):
        register(NewSubscriber(pseudonym=f"p-{number}", zone="Europe/London"), now=now)
        open_services([NewService(f"p-{number}", kind, now, ref=f"s-{number}")])
    away = [
        LifeCycleEvent(
            f"e-{n}",
            "border",
            f"p-{n}",
            f"s-{n}",
            to_ms(now),
            to_ms(now),
            "UTC",
            "",
            {"country": "FR"},
        )
        for n in range(2)
    ]
    write_due_of(away, now=now)
    assert set(Notice.objects.values_list("service", flat=True)) == {"s-1"}


def test_the_job_reads_the_files_of_usage_once_a_day(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine switched off nothing else shows that an allowance was used up."""
    settings.USAGE_DIR, settings.NETWORK_DIR = tmp_path, tmp_path / "none"
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": 100 * MB}
    path = feed.write(("svc-0", NOW - timedelta(days=3), "data", 100 * MB, 0, ""))
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    assert audit_notices(now=NOW).stated == 2
    assert set(MissedNotice.objects.values_list("duty", flat=True)) == {
        "cn.allowance_near",
        "cn.allowance_reached",
    }
    read = []
    monkeypatch.setattr(
        "amends.cases.audits.jobs.audit.holds_usage", lambda path: read.append(path)
    )
    audit_notices(now=NOW + timedelta(hours=1))
    assert read == []
    assert MissedNotice.objects.count() == 2, "what was stated stays owed"
    monkeypatch.setattr("amends.cases.audits.jobs.audit.MOST_BYTES", 1)
    monkeypatch.setattr("amends.cases.audits.jobs.audit.holds_usage", lambda path: True)
    audit_notices(now=NOW + timedelta(hours=21))
    assert AuditRun.objects.first().usage_sha256 == "", "too much for one reading: by facts alone"


def test_what_cannot_be_read_of_usage_hides_nobody_else_s_notice(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.USAGE_DIR, settings.NETWORK_DIR = tmp_path, tmp_path / "none"
    feed = Feed(tmp_path)
    feed.limits = {"svc-0": 100 * MB}
    feed.write(("svc-0", NOW - timedelta(days=3), "data", 100 * MB, 0, ""))
    head, at = "record,service,at_ms,kind,amount,country\n", to_ms(NOW)
    broken = {
        "empty.csv": f"{head}x,svc-0,{at},data,,\ny,svc-0,{at},data,ten,\nz,svc-1,{at},data,1,\n",
        "half.parquet": "PAR1",
        "list.jsonl": '{"record":"a","service":"s","at_ms":1,"kind":"data","amount":{"a":1}}\n',
    }
    for name, text in broken.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for path in tmp_path.iterdir():
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    with translation.override("en"):
        assert audit_notices(now=NOW).stated == 2
    assert AuditRun.objects.first().usage_sha256, "the rest was read"
    said = caplog.text
    assert "empty.csv: 2 rows that cannot be read" in said
    assert "half.parquet: The file cannot be read" in said
    assert "list.jsonl: The column amount holds no plain values" in said
