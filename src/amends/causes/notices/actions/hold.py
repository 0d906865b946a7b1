"""Hold use until the user consents, and let it go on: by consent, or when its period is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.models import Hold
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import insert
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import to_ms
from amends.platform.kit.terms import shifted
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_DAY = len("2026-11-01")
_KEYWORD = re.compile(r"\s*JX\s*0*(?P<number>\d{1,18})\s*[。.!！]?\s*", re.IGNORECASE)
Row = tuple[str, str, str, str, str, str, str]
"""key, subscriber, service, duty, counter, period, action."""


@dataclass(frozen=True, slots=True)
class Released:
    """A hold that ended; `fact` proves the consent."""

    key: str
    service: str
    fact: str


def hold_rows(rows: Sequence[Row], *, now: datetime) -> None:
    """Register holds in the caller's transaction; one that is registered stays as it is."""
    columns: Sequence[Sequence[str]] = list(zip(*rows, strict=True)) or [()] * 7
    names = ("key", "subscriber", "service", "duty", "counter", "period", "action")
    insert(
        Hold,
        {**dict(zip(names, columns, strict=True)), "held_at_ms": [to_ms(now)] * len(rows)},
        or_leave=True,
    )


def keyword_of(key: str) -> str:
    """The code that releases one hold and no other; "" where nothing is held under `key`."""
    number = Hold.objects.filter(key=key).values_list("id", flat=True).first()
    return "" if number is None else f"JX{number}"


def release(
    key: str, *, subscriber: str, channel: str, now: datetime, presence: str = ""
) -> Released:
    """Let use go on by the user's consent, which becomes a fact; asked twice, it is done once.

    subscriber  who consents; only whose service it is may
    channel     where the consent was given: `sms`, `app`, `store`, …
    presence    how the identity of the subscriber was checked
    """
    with transaction.atomic():
        hold = Hold.objects.select_for_update().filter(key=key).first()
        if hold is None or hold.subscriber != subscriber:
            raise Refused(
                _("Nothing is held under that reference."),
                meaning=_("Nothing was changed."),
                next_step=_("Use the reference in the newest notice."),
                code="hold_not_released",
            )
        if hold.ended_at_ms is not None:
            return Released(hold.key, hold.service, hold.consent)
        purpose = _purpose(hold, presence)
        stated: dict[str, str | int] = {"purpose": purpose, "channel": channel}
        fact = Fact(
            kind="ConsentGiven",
            subscriber=subscriber,
            subject=hold.service,
            happened_at=now,
            source="notices",
            payload=stated,
        )
        append([fact], now=now)
        change_line(hold.service, "consent", reference=fact.id, at=now)
        hold.ended_at_ms, hold.ended_by, hold.consent = to_ms(now), "consent", fact.id
        hold.save(update_fields=["ended_at_ms", "ended_by", "consent"])
    return Released(hold.key, hold.service, fact.id)


def _purpose(hold: Hold, presence: str) -> str:
    presence_text = f", presence: {presence}" if presence else ""
    return f"use beyond {hold.duty} ({hold.key}){presence_text}"


def withdraw_consent(
    key: str, *, subscriber: str, channel: str, now: datetime, presence: str = ""
) -> None:
    """Withdraw the consent to go on, which becomes a fact: the hold is in force again.

    As easily as it was given; what was used meanwhile stays agreed to.
    """
    with transaction.atomic():
        hold = Hold.objects.select_for_update().filter(key=key).first()
        if hold is None or hold.subscriber != subscriber or hold.ended_by != "consent":
            raise Refused(
                _("You have given no consent under that reference."),
                meaning=_("Nothing was changed."),
                next_step=_("Check your page for the consents you have given."),
                code="hold_not_released",
            )
        purpose = _purpose(hold, presence)
        fact = Fact(
            kind="ConsentWithdrawn",
            subscriber=subscriber,
            subject=hold.service,
            happened_at=now,
            source="notices",
            payload={"purpose": purpose, "channel": channel},
        )
        append([fact], now=now)
        change_line(hold.service, "withdrawn", reference=fact.id, at=now)
        hold.ended_at_ms, hold.ended_by = None, ""
        hold.save(update_fields=["ended_at_ms", "ended_by"])


def release_by_reply(text: str, *, subscriber: str, channel: str, now: datetime) -> Released | None:
    """Read a reply as consent to go on; None where it is something else, or about nothing held.

    Only the code of the notice counts: a yes without it could mean anything.
    """
    match = _KEYWORD.fullmatch(text)
    if match is None:
        return None
    key = (
        Hold.objects.filter(id=int(match["number"]), subscriber=subscriber)
        .values_list("key", flat=True)
        .first()
    )
    if key is None:
        return None
    return release(key, subscriber=subscriber, channel=channel, now=now)


def end_past_holds(*, now: datetime) -> int:
    """End the holds whose billing period is over in the user's own zone; how many."""
    ended = 0
    open_holds = list(Hold.objects.filter(ended_at_ms=None).order_by("id"))
    people = subscribers(hold.subscriber for hold in open_holds)
    for hold in open_holds:
        person = people.get(hold.subscriber)
        zone = ZoneInfo(person.zone) if person else ZoneInfo("UTC")
        if _is_over(hold.period, now.astimezone(zone).date()):
            ended += Hold.objects.filter(pk=hold.pk, ended_at_ms=None).update(
                ended_at_ms=to_ms(now), ended_by="period"
            )
    return ended


def _is_over(period: str, today: date) -> bool:
    """Whether a billing period, which its first day opens, has passed; visits and orders do not."""
    try:
        first = date.fromisoformat(period[:_DAY])
    except ValueError:
        return False
    return today >= shifted(first, 1)
