"""Settings of subscribers and of minors, and the entries of stopped messages and calls.

The outbox asks `send_after` through the registry, an order `order_refusal` by a signal of
`confirmations`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from amends.causes.protection import refusals
from amends.causes.protection.choices import DeliveryAction, DeliveryReason
from amends.causes.protection.choices import ProtectionLevel as ProtectionLevel
from amends.causes.protection.choices import Treatment as Treatment
from amends.causes.protection.models import (
    ChosenNumber,
    Guardianship,
    ProtectionSettings,
    StoppedDelivery,
)
from amends.causes.protection.numbers import masked
from amends.causes.protection.queries import ADVERTS
from amends.causes.protection.rules.delivery import quiet_until
from amends.causes.protection.rules.guardianship import GuardianshipRule, guardianship_rules
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.packs import rules_in_force
from amends.platform.vault.sealing import open_sealed

CORRECT_WITHIN = timedelta(days=31)
"""How long a subscriber can say that something was wrongly stopped."""

NOT_URGENT = ADVERTS | {"survey", "report_outcome"}
"""Purposes of our own messages that wait for the end of a subscriber's quiet hours."""

PREMIUM_KINDS = frozenset({"value_added", "subscription"})
_LISTED = 100


@dataclass(frozen=True, slots=True)
class StoppedLine:
    """Something that was stopped, as its recipient sees it; the number is theirs to know."""

    row: StoppedDelivery
    number: str
    action: DeliveryAction
    reason: str
    may_correct: bool


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """A number on a subscriber's own list."""

    ref: str
    number: str
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class Minor:
    """A ward's line; the number is masked, the level is what applies.

    powers  the rule by which the guardian decides, None where the ward alone does
    """

    row: Guardianship
    number: str
    level: str
    powers: GuardianshipRule | None


@dataclass(frozen=True, slots=True)
class StopCounts:
    """Messages and calls by what was done with them, and how many were called wrong."""

    marked: int
    held: int
    blocked: int
    wrong: int


def settings_of(subscriber: str) -> ProtectionSettings | None:
    """The settings of a subscriber; None for the defaults."""
    return ProtectionSettings.objects.filter(subscriber=subscriber).first()


def second_contact_of(subscriber: str) -> str:
    """The phone number of a subscriber's second contact; "" for none."""
    row = settings_of(subscriber)
    if row is None or not row.second_contact:
        return ""
    table = ProtectionSettings._meta.db_table
    return open_sealed(table, "second_contact", subscriber, bytes(row.second_contact))


def number_of_stop(row: StoppedDelivery) -> str:
    """The number of the sender; "" once it was erased."""
    sealed = bytes(row.number)
    table = StoppedDelivery._meta.db_table
    return open_sealed(table, "number", row.ref, sealed) if sealed else ""


def chosen_numbers(subscriber: str) -> list[ChosenLine]:
    """A subscriber's own list of numbers, newest first."""
    table = ChosenNumber._meta.db_table
    return [
        ChosenLine(
            row.ref,
            open_sealed(table, "number", row.ref, bytes(row.number)),
            Treatment(row.treatment),
        )
        for row in ChosenNumber.objects.filter(subscriber=subscriber)
    ]


def stopped_for(subscriber: str, *, now: datetime) -> list[StoppedLine]:
    """Entries of the last 31 days for a subscriber, newest first."""
    rows = StoppedDelivery.objects.filter(subscriber=subscriber, at__gt=now - CORRECT_WITHIN)
    return [
        StoppedLine(
            row=row,
            number=number_of_stop(row),
            action=DeliveryAction(row.action),
            reason=str(DeliveryReason(row.reason).label),
            may_correct=row.wrong_at is None,
        )
        for row in rows[:_LISTED]
    ]


def stop_counts(*, now: datetime, days: int = 30, brand: str = "") -> StopCounts:
    """Counts of the last days, of the subscribers of a brand where one is given."""
    rows = StoppedDelivery.objects.filter(at__gt=now - timedelta(days=days))
    if brand:
        rows = rows.filter(brand__in=("", brand))
    counts_by_action = {
        action: rows.filter(action=action).count() for action in ("mark", "hold", "block")
    }
    wrong = rows.filter(wrong_at__isnull=False).count()
    return StopCounts(
        marked=counts_by_action["mark"],
        held=counts_by_action["hold"],
        blocked=counts_by_action["block"],
        wrong=wrong,
    )


def minors_of(guardian: str, *, now: datetime) -> list[Minor]:
    """The lines a subscriber decides for."""
    rows = list(Guardianship.objects.filter(guardian=guardian, until__gte=timezone.localdate(now)))
    return _minors(rows)


def guardianships(*, brand: str = "", on: date) -> list[Minor]:
    """Guardianships in force on a day, those that end first at the top."""
    rows = list(Guardianship.objects.filter(until__gte=on)[:_LISTED])
    if brand:
        subscribers_by_ref = subscribers(row.minor for row in rows)
        rows = [
            row
            for row in rows
            if row.minor in subscribers_by_ref and subscribers_by_ref[row.minor].brand == brand
        ]
    return _minors(rows)


def _minors(rows: list[Guardianship]) -> list[Minor]:
    chosen = ProtectionSettings.objects.filter(subscriber__in=[row.minor for row in rows])
    levels = dict(chosen.values_list("subscriber", "level"))
    table = Guardianship._meta.db_table
    return [
        Minor(
            row=row,
            number=masked(open_sealed(table, "number", row.minor, bytes(row.number))),
            level=levels.get(row.minor, ProtectionLevel.MARKED),
            powers=_powers(row, timezone.now()),
        )
        for row in rows
    ]


def careful_among(wanted: Collection[str], *, now: datetime) -> set[str]:
    """Of some subscribers, the minors and the elders with a second contact."""
    minors = Guardianship.objects.filter(
        minor__in=list(wanted), until__gte=timezone.localdate(now)
    ).values_list("minor", flat=True)
    elders = ProtectionSettings.objects.filter(subscriber__in=list(wanted))
    elders = elders.exclude(contact_entry="").values_list("subscriber", flat=True)
    return {*minors, *elders}


def send_after(purpose: str, wanted: Collection[str], now: datetime) -> dict[str, datetime]:
    """The check before a message is sent: subscriber → end of the quiet hours they are in.

    Only messages that are not urgent wait.
    """
    if purpose not in NOT_URGENT:
        return {}
    rows = list(
        ProtectionSettings.objects.filter(
            subscriber__in=list(wanted), quiet_from__isnull=False, quiet_until__isnull=False
        )
    )
    subscribers_by_ref = subscribers(row.subscriber for row in rows)
    release_times = {
        row.subscriber: quiet_until(
            timezone.localtime(now, ZoneInfo(subscribers_by_ref[row.subscriber].zone)),
            quiet_from=row.quiet_from,
            until=row.quiet_until,
        )
        for row in rows
        if row.subscriber in subscribers_by_ref
    }
    return {subscriber: until for subscriber, until in release_times.items() if until is not None}


def rules_of_guardians(on: date) -> dict[str, GuardianshipRule]:
    """Basis of guardianship → rule of the installation's pack on a day."""
    return guardianship_rules(
        rules_in_force(settings.JURISDICTION, "protection", "guardianship", on)
    )


def guardianship_of(ward: str, *, now: datetime) -> Guardianship | None:
    """The guardianship in force of a subscriber's line; None for none."""
    rows = Guardianship.objects.filter(minor=ward, until__gte=timezone.localdate(now))
    return rows.first()


def powers_over(ward: str, *, now: datetime) -> GuardianshipRule | None:
    """The rule by which a guardian may decide for a subscriber; None where none may."""
    row = guardianship_of(ward, now=now)
    return _powers(row, now) if row is not None else None


def _powers(row: Guardianship, now: datetime) -> GuardianshipRule | None:
    """None for entries that no second person approved, and after an adult's objection."""
    rule = rules_of_guardians(timezone.localdate(now)).get(row.basis) if row.approval else None
    return None if rule is None or (row.objected_at and rule.objection_ends) else rule


def order_refusal(
    *, subscriber: str, order: str, kind: str, provider: str, now: datetime, **_signal: Any
) -> str:
    """The reason why a minor's order is refused; "" where it may. Stops are never refused."""
    if order == "stop":
        return ""
    row = Guardianship.objects.filter(minor=subscriber, until__gte=timezone.localdate(now)).first()
    powers = _powers(row, now) if row is not None else None
    if row is None or powers is None or not powers.refuses_orders:
        return ""
    if row.purchases_off:
        return refusals.purchases_off()
    if row.premium_off and (kind in PREMIUM_KINDS or provider):
        return refusals.premium_off()
    return ""
