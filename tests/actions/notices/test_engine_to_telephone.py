"""From usage records to the words on somebody's telephone, through the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.hold import keyword_of, release_by_reply
from amends.causes.notices.actions.run import run
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.actions.set_preference import set_preference
from amends.causes.notices.models import Notice, NoticeMessage
from amends.causes.notices.queries import is_held
from amends.channels import senders as switches
from amends.channels.queries import open_letter
from amends.channels.senders import Switch
from amends.engines.duties.book import book
from amends.engines.metering.engine.marks import MeteringPlan
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.ledger.actions.append import append

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 12, 4, tzinfo=UTC)
MB = 1_048_576
HEAD = "record,service,subscriber,at_ms,kind,amount,charge_minor,country\n"


@pytest.fixture(autouse=True)
def open_channels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def never(_clock: Callable[[], datetime]) -> Any:
        raise AssertionError("nothing is handed over in these tests")

    monkeypatch.setitem(switches.SWITCHES, "sms", Switch(lambda: True, never))
    return iter(())


def operator(language: str = "zh-hans") -> str:
    """A subscriber on a plan of 100 MB, with an own limit of ¥50."""
    with transaction.atomic():
        offers = [
            NewOffer(
                "plan",
                "1",
                "plan",
                "畅享套餐",
                "Plan Plum",
                2900,
                "CNY",
                NOW - timedelta(days=90),
                allowance_mb=100,
                out_of_plan_minor_per_mb=29,
            ),
            NewOffer(
                "roaming:TH",
                "1",
                "roaming",
                "通话每分钟0.99元，流量每天30元",
                "calls ¥0.99 a minute, data ¥30 a day",
                0,
                "CNY",
                NOW - timedelta(days=90),
            ),
        ]
        append(publish_offers(offers), now=NOW)
    person = register(NewSubscriber(phone="13900001234", language=language), now=NOW)
    open_services(
        [
            NewService(
                ref="svc-1",
                subscriber=person,
                kind="mobile",
                offer="plan",
                started_at=NOW - timedelta(days=90),
            )
        ]
    )
    plan = MeteringPlan("plan", data_bytes=100 * MB, own_minor=5_000)
    enrol(NewLines(["svc-1"], [person], [0], [0], [plan], [("Asia/Shanghai", 1)]), now=NOW)
    return person


def feed(folder: Path, *rows: tuple[str, int, int, str], name: str = "usage.csv") -> None:
    """Usage of the line, a minute apart: kind, amount, charge, country."""
    start = to_ms(NOW) - 3_600_000
    lines = [
        f"r{at},svc-1,,{start + at * 60_000},{kind},{amount},{charge},{country}"
        for at, (kind, amount, charge, country) in enumerate(rows)
    ]
    path = folder / name
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    run(path, jurisdiction="cn", now=NOW)


def words_by_duty() -> dict[str, str]:
    return {
        telling.notice.duty: open_letter(telling.message)[1]
        for telling in NoticeMessage.objects.select_related("notice")
    }


def test_an_allowance_used_up_is_told_with_the_plans_own_price(tmp_path: Path) -> None:
    operator()
    feed(tmp_path, ("data", 85 * MB, 0, ""), ("data", 20 * MB, 0, ""))
    send_notices(now=NOW)
    said = words_by_duty()
    assert (
        said["cn.allowance_near"] == "您本期流量已用85 MB，套餐限量100 MB。超出后资费每MB ¥0.29。"
    )
    assert "继续使用的资费为每MB ¥0.29" in said["cn.allowance_reached"]


def test_arrival_abroad_is_told_with_that_countrys_tariff(tmp_path: Path) -> None:
    operator("en")
    feed(tmp_path, ("data", MB, 0, "TH"))
    send_notices(now=NOW)
    assert words_by_duty()["cn.roaming_entry"].startswith(
        "Welcome to Thailand. Roaming here: calls ¥0.99 a minute, data ¥30 a day."
    )


def test_a_country_without_a_published_tariff_waits_for_a_person(tmp_path: Path) -> None:
    operator()
    feed(tmp_path, ("data", MB, 0, "FR"))
    send_notices(now=NOW)
    notice = Notice.objects.get(duty="cn.roaming_entry")
    assert (notice.state, notice.reason) == ("incomplete", "lacks roaming_tariff")


def test_the_users_own_limit_holds_until_the_word_comes_back(tmp_path: Path) -> None:
    person = operator()
    feed(tmp_path, ("data", MB, 5_100, ""))
    send_notices(now=NOW)
    notice = Notice.objects.get(duty="cn.own_cap")
    word = keyword_of(notice.key)
    said = words_by_duty()["cn.own_cap"]
    assert "已达¥51.00，超过您设置的上限¥50.00" in said
    assert f"请回复{word}" in said
    assert is_held("svc-1")
    assert release_by_reply(word, subscriber=person, channel="sms", now=NOW)
    assert not is_held("svc-1")
    feed(tmp_path, ("data", MB, 5_100, ""), ("data", MB, 10, ""), name="later.csv")
    assert not is_held("svc-1"), "the engine knows of the consent"


def test_a_chosen_mark_reaches_the_engine(tmp_path: Path) -> None:
    person = operator()
    duty = book("cn", NOW.date()).find("cn.own_cap")
    assert duty is not None
    set_preference(
        duty, subscriber=person, service="svc-1", own_step=9_000, chosen_on="app", now=NOW
    )
    feed(tmp_path, ("data", MB, 5_100, ""))
    assert not is_held("svc-1")
    feed(tmp_path, ("data", MB, 5_100, ""), ("data", MB, 4_000, ""), name="later.csv")
    assert is_held("svc-1")
