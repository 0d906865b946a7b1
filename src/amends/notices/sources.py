"""The events of the life cycle, as the rules take them: from facts, and as others gave them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils import timezone

from amends.kit.packs import pack
from amends.kit.periods import from_ms, to_ms
from amends.kit.terms import shifted
from amends.ledger.queries import columns_of
from amends.notices.advice import advise
from amends.notices.models import LifeEvent
from amends.notices.rules.duty import EXEMPT
from amends.notices.rules.life_cycle import Event, anniversaries, may_be_near
from amends.subscribers.queries import (
    OfferView,
    SubscriberView,
    offers,
    services_of_kinds,
    subscribers,
)

_AHEAD = timedelta(days=62)
"""The longest window before an event, and some: what ends later is not looked at yet."""
_ADVISED = frozenset({"best_offer", "best_offer_zh", "best_name_zh"})
_TELLS_ITSELF = "confirmations"
"""That room answers the orders it carries out in the same transaction."""
_ORDERS_BACK = timedelta(days=3)
_YEARLY_LATE = timedelta(days=31)
"""How long after its day the yearly advice is still written: work that stood still skips nobody."""


def given_events(now: datetime, *, limit: int = 5_000) -> list[Event]:
    """Recorded events whose duties are not all written, soonest first."""
    rows = LifeEvent.objects.filter(settled=False, happens_at_ms__lte=to_ms(now + _AHEAD)).order_by(
        "happens_at_ms", "id"
    )[:limit]
    known = {offer.ref: offer for offer in offers(now)}
    return [
        Event(
            row.ref, row.kind, row.subscriber, row.service, row.happens_at_ms, row.recorded_at_ms,
            "UTC", known[row.offer].kind if row.offer in known else "",
            _figures(row.kind, row.happens_at_ms, known.get(row.offer)) | json.loads(row.figures),
        )
        for row in rows
    ]  # fmt: skip


def ordered(now: datetime) -> Iterator[Event]:
    """Orders of the last days whose outcome is known: activated, changed, or refused."""
    start = now - _ORDERS_BACK
    activated = _by_order("ServiceChanged", start, now) | _by_order("ServiceActivated", start, now)
    refused = _by_order("ConfirmationRefused", start, now)
    known = {offer.ref: offer for offer in offers(now)}
    own = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    for fact in columns_of("ServiceOrdered", start=start, end=now).to_pylist():
        if fact["source"] == _TELLS_ITSELF:
            continue
        done, failed = activated.get(fact["order"]), refused.get(fact["order"])
        outcome = done or failed
        if outcome is None:
            continue
        offer = known.get(fact["offer"])
        # What is told is the outcome: it is owed from the moment that stands, not from the order.
        at_ms = max(outcome["happened_at_ms"], fact["happened_at_ms"])
        figures = _figures("order_done", at_ms, offer)
        figures["outcome"] = "done" if done else "failed"
        if fact["price_minor"] is not None:
            figures |= {"price_minor": fact["price_minor"], "currency": fact["currency"] or own}
        yield Event(
            fact["order"], "order_done", fact["subscriber"], fact["subject"], at_ms,
            max(outcome["recorded_at_ms"], fact["recorded_at_ms"]), "UTC",
            offer.kind if offer else "", figures,
        )  # fmt: skip


def running(now: datetime) -> Iterator[Event]:
    """Ends of minimum terms that come near, and the yearly advice of services without one."""
    known = {offer.ref: offer for offer in offers(now)}
    begun = columns_of("ServiceActivated", end=now, fields=("subject", "subscriber", "offer"))
    near = pa.array(_near(begun, known, now))
    begun = begun.filter(near)
    left: dict[str, int] = {}
    for kind in ("ServiceChanged", "ServiceStopped"):
        ended = columns_of(kind, end=now, fields=("subject",))
        ended = ended.filter(pc.is_in(ended["subject"], value_set=begun["subject"]))
        for subject, at_ms in zip(
            ended["subject"].to_pylist(), ended["happened_at_ms"].to_pylist(), strict=True
        ):
            left[subject] = max(at_ms, left.get(subject, 0))
    columns = (
        begun[name].to_pylist() for name in ("subject", "subscriber", "happened_at_ms", "offer")
    )
    for service, subscriber, at_ms, ref in zip(*columns, strict=True):
        offer = known.get(ref)
        if offer is None or left.get(service, 0) > at_ms:
            continue
        yield from _ends(service, subscriber, at_ms, offer, now)


def _near(begun: pa.Table, known: Mapping[str, OfferView], now: datetime) -> Any:
    """Which of the services may have an end or an anniversary near; most have none."""
    coded = begun["offer"].combine_chunks().dictionary_encode()
    terms = [
        known[ref].contract_months if ref in known else 0 for ref in coded.dictionary.to_pylist()
    ]
    months = np.array([*terms, 0])[coded.indices.fill_null(len(terms)).to_numpy(False)]
    days = (to_ms(now) - begun["happened_at_ms"].to_numpy()) / 86_400_000
    return may_be_near(days, months, late=_YEARLY_LATE.days, ahead=_AHEAD.days)


def localised(events: Iterable[Event]) -> Iterator[tuple[Event, SubscriberView]]:
    """Each event with the subscriber it concerns, in that subscriber's zone; strangers left out.

    What the service is for stands beside it, where some rule leaves such users out.
    """
    given = list(events)
    users = services_of_kinds(EXEMPT, among=(event.service for event in given))
    people = subscribers(event.subscriber for event in given)
    for event in given:
        person = people.get(event.subscriber)
        if person is not None and person.status not in {"left", "erased"}:
            yield replace(event, zone=person.zone, user=users.get(event.service, "")), person


def with_advice(events: Sequence[Event], now: datetime) -> list[Event]:
    """The events with the best offer by the user's last months, where that is known."""
    found = list(events)
    open_to = [
        place
        for place, event in enumerate(found)
        if event.kind in {"contract_ends", "yearly"} and not event.figures.keys() & _ADVISED
    ]
    asked = [
        (one.subscriber, one.service, str(one.figures.get("offer", "")))
        for one in (found[place] for place in open_to)
    ]
    for place, said in zip(open_to, advise(asked, now=now), strict=True):
        if said:
            figures = {**found[place].figures, **said}
            found[place] = replace(found[place], figures=figures)
    return found


def _ends(
    service: str, subscriber: str, began_ms: int, offer: OfferView, now: datetime
) -> Iterator[Event]:
    """The end of the minimum term if it is near, else the anniversary that has just come."""
    zone = "UTC"
    there = from_ms(began_ms).astimezone(ZoneInfo(zone))
    end = datetime.combine(
        shifted(there.date(), offer.contract_months), there.time(), tzinfo=there.tzinfo
    )
    if offer.contract_months and now < end <= now + _AHEAD:
        figures = _figures("contract_ends", to_ms(end), offer)
        if offer.valid_to is None or offer.valid_to > end:
            figures["after_end"] = "same"
        yield Event(f"{service}@{end:%Y-%m-%d}", "contract_ends", subscriber, service, to_ms(end),
                    began_ms, zone, offer.kind, figures)  # fmt: skip
    if not offer.contract_months or end <= now:
        for at in anniversaries(began_ms, after=now - _YEARLY_LATE, until=now, zone=zone):
            yield Event(f"{service}@{from_ms(at):%Y}", "yearly", subscriber, service, at, began_ms,
                        zone, offer.kind, _figures("yearly", at, offer))  # fmt: skip


def _by_order(kind: str, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    facts = columns_of(kind, start=start, end=end, fields=("order", "recorded_at_ms")).to_pylist()
    return {fact["order"]: fact for fact in facts if fact["order"]}


def _figures(kind: str, happens_at_ms: int, offer: OfferView | None) -> dict[str, str | int]:
    """What a text about the event can be filled with from the event itself and its offer."""
    figures: dict[str, str | int] = {
        "from_ms": happens_at_ms,
        "start_ms": happens_at_ms,
        "end_day_ms": happens_at_ms,
        "stop_on_day_ms": happens_at_ms,
    }
    if offer is None:
        return figures
    months = offer.contract_months
    figures |= {
        "offer": offer.ref,
        "offer_zh": offer.name_zh,
        "offer_en": offer.name_en,
        "price_minor": offer.price_minor,
        "currency": offer.currency,
        "term_zh": f"{months}个月" if months else "不限期，可以随时退订",
        "term_en": f"{months} months" if months else "none, cancel at any time",
    }
    return figures
