"""The events of the life cycle, as the rules take them: from facts, and as other systems stated
them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils import timezone

from amends.causes.notices.actions.advice import advise
from amends.causes.notices.models import LifeEvent, Notice
from amends.causes.notices.rules.life_cycle import LifeCycleEvent, near
from amends.engines.duties.book import book
from amends.engines.duties.duty import EXEMPT
from amends.engines.duties.overlays import overlays
from amends.engines.metering.keys import notice_key
from amends.people.subscribers.queries import SubscriberView, services_of_kinds, subscribers
from amends.platform.kit.packs import day_in, pack
from amends.platform.kit.periods import from_ms, to_ms
from amends.record.catalogue.queries import OfferView, offers
from amends.record.ledger.queries import columns_of

_AHEAD = timedelta(days=62)
"""The longest window before an event, and some: what ends later is not read yet."""
_ADVISED = frozenset({"best_offer", "best_offer_zh", "best_name_zh"})
_NOTIFIED_BY = "confirmations"
"""That app answers the orders it carries out in the same transaction."""
_ORDERS_BACK = timedelta(days=3)
_YEARLY_LATE = timedelta(days=31)
"""How long after its day the yearly advice is still written: an outage skips nobody."""
_LEAST_YEAR, _LEAST_MONTH = 365, 28
_ZONES_APART_MS = 14 * 3_600_000
"""No zone is further from UTC."""


def stated_events(now: datetime, *, limit: int = 5_000) -> list[LifeCycleEvent]:
    """Recorded events whose duties are not all written, soonest first."""
    rows = LifeEvent.objects.filter(settled=False, happens_at_ms__lte=to_ms(now + _AHEAD)).order_by(
        "happens_at_ms", "id"
    )[:limit]
    offers_by_ref = {offer.ref: offer for offer in offers(now)}
    return [
        LifeCycleEvent(
            ref=row.ref,
            kind=row.kind,
            subscriber=row.subscriber,
            service=row.service,
            happens_at_ms=row.happens_at_ms,
            known_at_ms=row.recorded_at_ms,
            zone="UTC",
            offer_kind=offers_by_ref[row.offer].kind if row.offer in offers_by_ref else "",
            figures=_figures(row.kind, row.happens_at_ms, offers_by_ref.get(row.offer))
            | json.loads(row.figures),
        )
        for row in rows
    ]


def ordered(now: datetime) -> Iterator[LifeCycleEvent]:
    """Orders of the last days whose outcome is known: activated, changed, or refused."""
    start = now - _ORDERS_BACK
    activated = _by_order("ServiceChanged", start, now) | _by_order("ServiceActivated", start, now)
    refused = _by_order("ConfirmationRefused", start, now)
    offers_by_ref = {offer.ref: offer for offer in offers(now)}
    own = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    for fact in columns_of("ServiceOrdered", start=start, end=now).to_pylist():
        if fact["source"] == _NOTIFIED_BY:
            continue
        activation, failed = activated.get(fact["order"]), refused.get(fact["order"])
        outcome = activation or failed
        if outcome is None:
            continue
        offer = offers_by_ref.get(fact["offer"])
        # The notice states the outcome: it is due from the moment that is known, not from the
        # order.
        at_ms = max(outcome["happened_at_ms"], fact["happened_at_ms"])
        figures = _figures("order_done", at_ms, offer)
        figures["outcome"] = "done" if activation else "failed"
        if fact["price_minor"] is not None:
            figures |= {"price_minor": fact["price_minor"], "currency": fact["currency"] or own}
        yield LifeCycleEvent(
            ref=fact["order"],
            kind="order_done",
            subscriber=fact["subscriber"],
            service=fact["subject"],
            happens_at_ms=at_ms,
            known_at_ms=max(outcome["recorded_at_ms"], fact["recorded_at_ms"]),
            zone="UTC",
            offer_kind=offer.kind if offer else "",
            figures=figures,
        )


def running(now: datetime) -> Iterator[LifeCycleEvent]:
    """Ends of minimum terms that come near, and the yearly advice of services without one.

    An anniversary of which everything is written is left out: of what is near, nearly all is such.
    """
    offers_by_ref = {offer.ref: offer for offer in offers(now)}
    # What began since has neither an anniversary yet nor, under any offer, an end near.
    terms = [offer.contract_months for offer in offers_by_ref.values() if offer.contract_months]
    soonest = min([_LEAST_YEAR, *(_LEAST_MONTH * months - _AHEAD.days for months in terms)])
    begun = columns_of(
        "ServiceActivated",
        end=now - timedelta(days=max(0, soonest - 1)),
        fields=("subject", "subscriber", "offer"),
    )
    indexes, near_ms, ends = near(
        begun["happened_at_ms"].to_numpy(),
        _terms(begun["offer"], offers_by_ref),
        now_ms=to_ms(now),
        late=_YEARLY_LATE.days,
        ahead=_AHEAD.days,
    )
    begun = begun.take(pa.array(indexes))
    left: dict[str, int] = {}
    for kind in ("ServiceChanged", "ServiceStopped"):
        ended = columns_of(kind, end=now, fields=("subject",))
        ended = ended.filter(pc.is_in(ended["subject"], value_set=begun["subject"]))
        for subject, at_ms in zip(
            ended["subject"].to_pylist(), ended["happened_at_ms"].to_pylist(), strict=True
        ):
            left[subject] = max(at_ms, left.get(subject, 0))
    is_written = _written_of_anniversaries(now)
    columns = (
        begun[name].to_pylist() for name in ("subject", "subscriber", "happened_at_ms", "offer")
    )
    for service, subscriber, began_ms, ref, at_ms, end in zip(
        *columns, near_ms.tolist(), ends.tolist(), strict=True
    ):
        offer = offers_by_ref.get(ref)
        if offer is None or left.get(service, 0) > began_ms:
            continue
        if end:
            yield _end(service, subscriber, began_ms, offer, at_ms)
        elif not is_written(subscriber, service, at_ms):
            yield LifeCycleEvent(
                ref=f"{service}@{from_ms(at_ms):%Y}",
                kind="yearly",
                subscriber=subscriber,
                service=service,
                happens_at_ms=at_ms,
                known_at_ms=began_ms,
                zone="UTC",
                offer_kind=offer.kind,
                figures=_figures("yearly", at_ms, offer),
            )


def _terms(refs: pa.ChunkedArray, offers_by_ref: Mapping[str, OfferView]) -> Any:
    """The months of the minimum term of each service, by its offer."""
    coded = refs.combine_chunks().dictionary_encode()
    terms = [
        offers_by_ref[ref].contract_months if ref in offers_by_ref else 0
        for ref in coded.dictionary.to_pylist()
    ]
    return np.array([*terms, 0])[coded.indices.fill_null(len(terms)).to_numpy(False)]


def _written_of_anniversaries(now: datetime) -> Callable[[str, str, int], bool]:
    """What says of a subscriber, a service and its anniversary whether all it pulls is written.

    It says no where the duties differ between provinces, or the year between zones: then who
    knows the person finds out.
    """
    own = settings.JURISDICTION
    pulled = {
        book(jurisdiction, day_in(jurisdiction, now)).on_trigger(("yearly",))
        for jurisdiction in (own, *overlays(own).values())
    }
    duties = pulled.pop()
    if pulled or any(duty.lead for duty in duties):
        return lambda subscriber, service, at_ms: False
    since_ms = to_ms(now - _YEARLY_LATE)
    rows = Notice.objects.filter(duty__in=[duty.id for duty in duties], due_at_ms__gte=since_ms)
    written = set(rows.values_list("key", flat=True))
    wanted = [(duty.id, duty.version, step.id) for duty in duties for step in duty.steps]

    this = from_ms(to_ms(now)).year
    this_ms, next_ms = (to_ms(datetime(year, 1, 1, tzinfo=UTC)) for year in (this, this + 1))

    def is_written(subscriber: str, service: str, at_ms: int) -> bool:
        if min(abs(at_ms - this_ms), next_ms - at_ms) <= _ZONES_APART_MS:
            return False
        year = this if at_ms > this_ms else this - 1
        return all(
            notice_key(
                subscriber=subscriber,
                service=service,
                duty=duty,
                version=version,
                period=str(year),
                step=step,
            )
            in written
            for duty, version, step in wanted
        )

    return is_written


def localised(events: Iterable[LifeCycleEvent]) -> Iterator[tuple[LifeCycleEvent, SubscriberView]]:
    """Each event with the subscriber it concerns, in that subscriber's zone; strangers left out.

    The kind of use is given, where some rule leaves such users out.
    """
    event_list = list(events)
    users = services_of_kinds(EXEMPT, among=(event.service for event in event_list))
    people = subscribers(event.subscriber for event in event_list)
    for event in event_list:
        person = people.get(event.subscriber)
        if person is not None and person.status not in {"left", "erased"}:
            yield replace(event, zone=person.zone, user=users.get(event.service, "")), person


def with_advice(events: Sequence[LifeCycleEvent], now: datetime) -> list[LifeCycleEvent]:
    """The events with the best offer by the user's last months, where that is known."""
    event_list = list(events)
    open_to = [
        index
        for index, event in enumerate(event_list)
        if event.kind in {"contract_ends", "yearly"} and not event.figures.keys() & _ADVISED
    ]
    requests = [
        (open_event.subscriber, open_event.service, str(open_event.figures.get("offer", "")))
        for open_event in (event_list[index] for index in open_to)
    ]
    for index, advice_figures in zip(open_to, advise(requests, now=now), strict=True):
        if advice_figures:
            figures = {**event_list[index].figures, **advice_figures}
            event_list[index] = replace(event_list[index], figures=figures)
    return event_list


def _end(
    service: str, subscriber: str, began_ms: int, offer: OfferView, end_ms: int
) -> LifeCycleEvent:
    """The end of a minimum term that comes near."""
    end, figures = from_ms(end_ms), _figures("contract_ends", end_ms, offer)
    if offer.valid_to is None or offer.valid_to > end:
        figures["after_end"] = "same"
    return LifeCycleEvent(
        ref=f"{service}@{end:%Y-%m-%d}",
        kind="contract_ends",
        subscriber=subscriber,
        service=service,
        happens_at_ms=end_ms,
        known_at_ms=began_ms,
        zone="UTC",
        offer_kind=offer.kind,
        figures=figures,
    )


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
