"""My reminders: own cap, opt-out, a call if wanted; consent beyond a cap given and taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.list_holds import list_holds
from amends.causes.notices.actions.run import run
from amends.causes.notices.engine_models import LineChange
from amends.causes.notices.models import Hold, Notice, Preference
from amends.causes.notices.queries import choices_of, is_held
from amends.engines.metering.engine.marks import MeteringPlan
from amends.record.ledger.queries import facts_about
from tests.actions.notices import engine_feed as feed
from tests.pages.confirmations.test_mine import client as client
from tests.pages.confirmations.test_mine import enter

pytestmark = pytest.mark.django_db
PAGE = "/mine/reminders/"


def now() -> datetime:
    return timezone.now()


def line(shop: Shop) -> None:
    enrol(
        NewLines(
            [shop.plan], [shop.person], [0], [0], [MeteringPlan("hours")], [("Asia/Shanghai", 1)]
        ),
        now=now(),
    )


def charge(place: Path, shop: Shop, number: int, minor: int, country: str = "") -> list[str]:
    """What became of the record."""
    at = now()
    table = pa.table(
        {
            "record": [f"r{number}"],
            "service": [shop.plan],
            "kind": ["data"],
            "amount": [5],
            "at_ms": [round(at.timestamp() * 1000)],
            "charge_minor": [minor],
            "country": [country],
        }
    )
    path = feed.parquet(place / f"{number}.parquet", table)
    met = run(path, jurisdiction="cn", now=at + timedelta(seconds=1)).as_dict()["treatments"]
    assert isinstance(met, dict)
    return list(met)


def told(duty: str) -> list[str]:
    return list(Notice.objects.filter(duty=duty).order_by("id").values_list("period", flat=True))


def test_a_cap_of_ones_own_is_told_and_a_changed_one_again(
    client: Client, shop: Shop, tmp_path: Path
) -> None:
    line(shop)
    enter(client, shop)
    assert "Without one there is no cap." in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}cn.own_cap/", {"own": "20"}).status_code == 302
    charge(tmp_path, shop, 1, 1_900)
    assert told("cn.own_cap") == []
    charge(tmp_path, shop, 2, 200)
    assert len(told("cn.own_cap")) == 1
    assert 'value="20.00"' in client.get(PAGE).content.decode()
    client.post(f"{PAGE}cn.own_cap/", {"own": "30.00", "channel": "phone"})
    charge(tmp_path, shop, 3, 1_000)
    first, second = told("cn.own_cap")
    changed = LineChange.objects.filter(kind="own_mark").order_by("-id").first()
    assert (first != second, changed.reference in second) == (True, True)
    chosen = choices_of([shop.person]).of(shop.person, shop.plan, "cn.own_cap")
    assert (chosen.own_step, chosen.channel) == (3_000, "phone")
    client.post(f"{PAGE}cn.own_cap/", {"own": ""})
    charge(tmp_path, shop, 4, 90_000)
    assert len(told("cn.own_cap")) == 2
    purposes = [
        fact.payload["purpose"] for fact in facts_about(shop.person, kinds=["ConsentGiven"])
    ]
    assert "notice cn.own_cap, at 3000 minor" in purposes


def test_what_may_be_declined_is_and_the_rest_cannot(client: Client, shop: Shop) -> None:
    line(shop)
    enter(client, shop)
    client.post(f"{PAGE}cn.balance_low/", {})
    assert Preference.objects.filter(duty="cn.balance_low", declined=True).count() == 2
    (fact,) = {f.payload["purpose"] for f in facts_about(shop.person, kinds=["ConsentWithdrawn"])}
    assert fact == "notice cn.balance_low"
    client.post(f"{PAGE}cn.balance_low/", {})
    assert Preference.objects.count() == 2
    client.post(f"{PAGE}cn.balance_low/", {"notify": "1"})
    assert not choices_of([shop.person]).of(shop.person, "", "cn.balance_low").declined
    client.post(f"{PAGE}cn.own_cap/", {"own": "20"})
    assert not Preference.objects.filter(duty="cn.own_cap", declined=True).exists()


@pytest.mark.parametrize("own", ["-5", "0", "much", "1e99", "NaN"])
def test_an_amount_that_is_none_is_said_beside_its_field(
    client: Client, shop: Shop, own: str
) -> None:
    enter(client, shop)
    answer = client.post(f"{PAGE}cn.own_cap/", {"own": own})
    assert answer.status_code == 400
    assert "is not an amount above zero" in answer.content.decode()
    assert not Preference.objects.exists()


def test_a_channel_the_rule_does_not_know_is_refused(client: Client, shop: Shop) -> None:
    enter(client, shop)
    answer = client.post(f"{PAGE}cn.own_cap/", {"own": "20", "channel": "letter"})
    assert (answer.status_code, Preference.objects.count()) == (400, 0)
    assert client.post(f"{PAGE}cn.nothing/", {}).status_code == 404


def test_use_beyond_the_cap_goes_on_by_consent_and_stops_when_it_is_taken_back(
    client: Client, shop: Shop, tmp_path: Path
) -> None:
    line(shop)
    charge(tmp_path, shop, 1, 10_000, "TH")
    hold = Hold.objects.get()
    enter(client, shop)
    assert "Go on and pay for it" in client.get(PAGE).content.decode()
    client.post(f"/mine/holds/{hold.key}/", {})
    assert not is_held(shop.plan)
    assert charge(tmp_path, shop, 2, 10, "TH") == ["counted"]
    assert "Take it back" in client.get(PAGE).content.decode()
    client.post(f"/mine/holds/{hold.key}/", {"back": "1"})
    assert is_held(shop.plan)
    assert charge(tmp_path, shop, 3, 10, "TH") == ["counted_held"]
    steps = list_holds(0, now=now())
    assert [step.state for step in steps] == ["held"]
    kinds = [f.kind for f in facts_about(shop.person, kinds=["ConsentGiven", "ConsentWithdrawn"])]
    assert kinds == ["ConsentGiven", "ConsentWithdrawn"]
    client.post(f"/mine/holds/{hold.key}/", {"back": "1"})
    assert LineChange.objects.count() == 2


def test_nobody_answers_for_somebody_else(client: Client, shop: Shop) -> None:
    Hold.objects.create(
        key="k",
        subscriber="other",
        service="s",
        duty="cn.roaming_cap",
        period="2026-11-01",
        held_at_ms=1,
    )
    assert client.get(PAGE)["Location"] == "/mine/"
    enter(client, shop)
    client.post("/mine/holds/k/", {})
    assert Hold.objects.get().ended_at_ms is None
    assert "Go on and pay" not in client.get(PAGE).content.decode()


def test_the_page_in_chinese(client: Client, shop: Shop) -> None:
    enter(client, shop)
    client.cookies["amends_language"] = "zh"
    text = client.get(PAGE).content.decode()
    for said in ("我的提醒", "您自选的每月金额", "提醒方式", "需要这项提醒", "电话"):
        assert said in text
    assert "Tell me" not in text
