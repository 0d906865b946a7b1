"""Chapter of the demonstration: adverts that are stopped, one that passes, one that diverges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from amends.causes.publicity.actions.accept_phrases import accept_phrase, propose_phrase
from amends.causes.publicity.actions.approve import approve, waive
from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.actions.write import edit_copy, write_copy
from amends.causes.publicity.models import PublishedCopy
from amends.causes.publicity.queries import open_blocks
from amends.platform.kit.actors import Actor
from amends.record.catalogue.queries import all_key_facts
from amends.record.facts.offers.key_facts import KeyFacts


def play(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Record key facts, write adverts, approve those that may go; then one price rises."""
    manager, writer = staff["manager"], staff["senior_handler"]
    today = timezone.localdate(now)
    sold = [fact for fact in all_key_facts(now) if fact.price]
    gift = _gift_offer(today)
    register_offers([gift], actor=manager, now=now)
    if not sold:
        return
    fixed = next(
        (
            offer_facts
            for offer_facts in sold
            if offer_facts.down_nominal_mbps and offer_facts.price != 49
        ),
        sold[0],
    )
    mobile = next((offer_facts for offer_facts in sold if offer_facts.data_gb), sold[0])
    end = f"{gift.sale_to:%Y-%m-%d}"
    for offer, channel, text in (
        (fixed, "web", _broadband(fixed)),
        (fixed, "social", f"{fixed.name}宽带每月只要49元，一年不变！"),
        (mobile, "sms", f"{mobile.name}，每月{mobile.price:g}元，全网最低价！"),
        (mobile, "web", _mobile(mobile)),
        (mobile, "app", f"{mobile.name}: ¥{mobile.price:g} a month with unlimited data."),
        (gift, "web", f"首批用户礼每月79元，送话费300元，分12个月返还，限前10000名，{end}止。"),
        (gift, "agent", "首批用户礼每月79元，办理即送300元话费，名额有限，先到先得！"),
    ):
        ref = write_copy(text, offer=offer.id, channel=channel, actor=writer, now=now)
        if not open_blocks(ref, today):
            approve(ref, actor=manager, now=now)
    _edited(fixed, writer, now)
    _phrases(manager, writer, now, today)
    _waived(manager, writer, now, today)
    risen = replace(mobile, price=(mobile.price or 0) + 10)
    register_offers([risen], actor=manager, now=now)


def _edited(offer: KeyFacts, writer: Actor, now: datetime) -> None:
    """A draft that was corrected once: the price is right now, the condition is still missing."""
    text = f"{offer.name}宽带，每月{{price:g}}元。"
    named: dict[str, Any] = {"offer": offer.id, "channel": "app"}
    price = offer.price or 0
    ref = write_copy(text.format(price=price - 10), **named, actor=writer, now=now)
    edit_copy(ref, text.format(price=price), **named, version=1, actor=writer, now=now)


def _phrases(manager: Actor, writer: Actor, now: datetime, today: date) -> None:
    """One accepted phrase, and one that waits for a second person."""
    until = today + timedelta(days=180)
    award = propose_phrase(
        "全省首选的家庭宽带",
        reason="2026年省消费者协会评选结果，证书存市场部",
        until=until,
        actor=writer,
        now=now,
    )
    accept_phrase(award.pk, actor=manager, now=now)
    propose_phrase(
        "服务热线最快接通", reason="第三方拨测报告待复核", until=until, actor=manager, now=now
    )


def _waived(manager: Actor, writer: Actor, now: datetime, today: date) -> None:
    """One wording passes for a month although a rule stops it."""
    row = PublishedCopy.objects.filter(channel="sms", state="draft").first()
    if row is None:
        return
    for code in {finding.code for finding in open_blocks(row.ref, today)}:
        waive(
            row.ref,
            code,
            reason="已有监管机构价格监测报告佐证",
            owner=writer.ref,
            until=today + timedelta(days=30),
            actor=manager,
            now=now,
        )
    approve(row.ref, actor=manager, now=now)


def _gift_offer(today: date) -> KeyFacts:
    return KeyFacts(
        id="offer-first-users",
        name="首批用户礼",
        name_en="Welcome gift",
        price=79,
        gift_cny=300,
        gift_months=12,
        quota=10_000,
        sold_alone=True,
        sale_from=today - timedelta(days=20),
        sale_to=today + timedelta(days=40),
    )


def _broadband(offer: KeyFacts) -> str:
    parts = [f"{offer.name}每月{offer.price:g}元", f"下载速率最高{offer.down_nominal_mbps:g}Mbps"]
    return "，".join([*parts, *_term(offer)]) + "。"


def _mobile(offer: KeyFacts) -> str:
    parts = [f"{offer.name}每月{offer.price:g}元"]
    if offer.data_gb:
        parts.append(f"含{offer.data_gb:g}GB流量")
    return "，".join([*parts, *_term(offer)]) + "。"


def _term(offer: KeyFacts) -> list[str]:
    parts = []
    if offer.contract_months:
        parts.append(f"合约期{offer.contract_months:g}个月")
    if offer.early_termination_fee:
        parts.append(f"提前解约违约金{offer.early_termination_fee:g}元")
    return parts
