"""A user's own account, the same on every channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from amends.causes.confirmations.queries import mine, numbered_services, present_subscriber
from amends.causes.notices.queries.accounts import accounts_of
from amends.causes.notices.queries.preferences import OpenPreference, open_choices
from amends.entrances.selfservice.rules.keywords import read_keyword as read_keyword
from amends.people.operator.queries import public_address
from amends.people.subscribers.queries import services_of, subscriber
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import pack
from amends.platform.kit.periods import just_after
from amends.record.catalogue.queries import freezes, offer, offers
from amends.record.ledger.queries import facts_on

_ORDERED_ALONE = ("value_added", "subscription", "gift")
"""Kinds that a user opens on any channel; a line or a contract needs a person."""
_SIZES = {"byte": 1_048_576, "s": 60}
_SHOWN = {"byte": "MB", "s": "min"}
"""Units of the metering engine as people read them."""


@dataclass(frozen=True, slots=True)
class IdentifiedUser:
    """A user whose identity was proven.

    presence  reference of the answered challenge; "" where the network states the number
    channel   where they are
    """

    subscriber: str
    channel: str
    presence: str = ""

    @property
    def brand(self) -> str:
        """The brand whose user they are."""
        person = subscriber(self.subscriber)
        return person.brand if person else ""


@dataclass(frozen=True, slots=True)
class OrderableOffer:
    """An offer that can be ordered here; `price_minor` a month."""

    ref: str
    name: str
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ActiveService:
    """A service that runs; `number` is what a text message stops it by, 0 for none."""

    service: str
    name: str
    price_minor: int | None
    currency: str
    since: datetime
    number: int


@dataclass(frozen=True, slots=True)
class CounterUse:
    """The newest known use of a counter: `used` and `limit` in `unit`; 0 for no limit."""

    counter: str
    used: int
    limit: int
    unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineUse:
    """The use of one line in the present month, as far as records are known.

    charged_minor  charges of the month; left_minor: balance of a prepaid line, None without one
    """

    service: str
    name: str
    currency: str
    charged_minor: int
    left_minor: int | None
    counters: tuple[CounterUse, ...]


@dataclass(frozen=True, slots=True)
class ReminderSetting:
    """A reminder that leaves the user a choice; `number` is its position in the list, from 1.

    own_unit  "minor" for money, "" where there is no mark of one's own
    own       the mark chosen, None without one
    """

    number: int
    duty: str
    title: str
    may_decline: bool
    declined: bool
    own_unit: str
    own: int | None
    currency: str


def identified_by(
    presence: str, *, channel: str, now: datetime, brand: str = ""
) -> IdentifiedUser | None:
    """Whose presence a reference proves now; None for one that is not answered, or too old.

    brand  the brand a channel is confined to, "" for every brand
    """
    pseudonym = present_subscriber(presence, now=now) if presence else ""
    if not pseudonym:
        return None
    user = IdentifiedUser(pseudonym, channel, presence)
    return None if brand and user.brand != brand else user


def orderable(user: IdentifiedUser, *, now: datetime) -> list[OrderableOffer]:
    """Offers the user may order alone: on sale, not frozen, and not running already."""
    has = {own_service.offer for own_service in mine(user.subscriber) if own_service.until is None}
    return [menu_offer for menu_offer in offers_in_menus(now) if menu_offer.ref not in has]


def offers_in_menus(now: datetime) -> list[OrderableOffer]:
    """Offers on sale, not frozen, of the kinds that a user opens alone."""
    frozen = {freeze.ref for freeze in freezes() if freeze.kind in ("offer", "launch")}
    return [
        OrderableOffer(
            ref=offer_view.ref,
            name=_named(offer_view.name_zh, offer_view.name_en),
            price_minor=offer_view.price_minor,
            currency=offer_view.currency,
        )
        for offer_view in offers(now)
        if offer_view.kind in _ORDERED_ALONE and offer_view.ref not in frozen
    ]


def running(user: IdentifiedUser, *, now: datetime) -> list[ActiveService]:
    """Running services, each with the number that stops it by message."""
    numbers = {row.service: at for at, row in numbered_services(user.subscriber).items()}
    active_services = []
    for own_service in mine(user.subscriber):
        if own_service.until is not None:
            continue
        offer_view = offer(own_service.offer, now) if own_service.offer else None
        name = _named(own_service.name_zh, own_service.name_en)
        price, currency = own_service.price_minor, own_service.currency
        if offer_view is not None:
            name = name or _named(offer_view.name_zh, offer_view.name_en)
            price = offer_view.price_minor if price is None else price
            currency = currency or offer_view.currency
        active_services.append(
            ActiveService(
                service=own_service.service,
                name=name or own_service.offer or own_service.kind,
                price_minor=price,
                currency=currency,
                since=own_service.since,
                number=numbers.get(own_service.service, 0),
            )
        )
    return active_services


def usage_of(user: IdentifiedUser, *, now: datetime) -> list[LineUse]:
    """The user's lines with the newest mark each counter passed this month, charges and balance."""
    lines = [service for service in services_of(user.subscriber) if service.stopped_at is None]
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counters: dict[str, dict[str, CounterUse]] = defaultdict(dict)
    charged: dict[str, int] = defaultdict(int)
    refs = [line.ref for line in lines]
    for fact in facts_on(
        refs, kinds={"UsageCrossed", "ChargeMade"}, start=month, end=just_after(now)
    ):
        if fact.kind == "ChargeMade":
            charged[fact.subject] += int(fact.payload["amount_minor"])
        else:
            use = _counter_use(fact.payload, fact.happened_at)
            counters[fact.subject][use.counter] = use
    accounts = {
        line_account.service: line_account for line_account in accounts_of(user.subscriber, now=now)
    }
    currency = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    line_uses = []
    for line in lines:
        account = accounts.get(line.ref)
        offer_view = offer(line.offer, now) if line.offer else None
        line_uses.append(
            LineUse(
                service=line.ref,
                name=_named(offer_view.name_zh, offer_view.name_en) if offer_view else line.kind,
                currency=account.currency if account else currency,
                charged_minor=charged[line.ref],
                left_minor=account.left_minor if account else None,
                counters=tuple(counters[line.ref].values()),
            )
        )
    return line_uses


def _counter_use(payload: Mapping[str, object], at: datetime) -> CounterUse:
    unit = str(payload["unit"])
    size = _SIZES.get(unit, 1)
    used, limit = int(str(payload["used"])), int(str(payload.get("limit", 0)))
    return CounterUse(
        counter=str(payload["counter"]),
        used=used // size,
        limit=limit // size,
        unit=_SHOWN.get(unit, unit),
        at=at,
    )


def reminders_of(user: IdentifiedUser, *, now: datetime) -> list[ReminderSetting]:
    """The reminders that leave the user a choice, numbered as lists show them."""
    person = subscriber(user.subscriber)
    if person is None:
        return []
    return [
        _setting(number, open_choice)
        for number, open_choice in enumerate(open_choices(person, now=now), start=1)
        if open_choice.own_unit or open_choice.duty.opt_out
    ]


def _setting(number: int, preference: OpenPreference) -> ReminderSetting:
    return ReminderSetting(
        number=number,
        duty=preference.duty.id,
        title=_named(preference.duty.title_zh, preference.duty.title_en),
        may_decline=preference.duty.opt_out,
        declined=preference.current.declined,
        own_unit=preference.own_unit,
        own=preference.current.own_step,
        currency=preference.currency,
    )


def speed_test_link() -> str:
    """Where the user tests the line; the result is signed and can be complained with."""
    return f"{public_address()}/speed/"


def _named(zh: str, en: str) -> str:
    return zh if is_chinese(get_language() or "") else en
