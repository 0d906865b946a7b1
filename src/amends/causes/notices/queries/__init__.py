"""Notices sent, holds, and preferences, for other apps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from amends.causes.notices.models import DueBlock, Hold, Notice, NoticeMessage, Preference
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import from_ms

EVERY_DUTY = "*"


@dataclass(frozen=True, slots=True)
class Choice:
    """A user's preference about a duty; a new `number` makes the own mark due again."""

    declined: bool = False
    own_step: int | None = None
    own_unit: str = ""
    channel: str = ""
    language: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of some users, by subscriber, service and duty; the newest of each holds."""

    by_key: Mapping[tuple[str, str, str], Choice]

    def of(self, subscriber: str, service: str, duty: str) -> Choice:
        """The choice that holds: of the service before of the person, of the duty before of all."""
        for key in ((service, duty), ("", duty), (service, EVERY_DUTY), ("", EVERY_DUTY)):
            if choice := self.by_key.get((subscriber, *key)):
                return choice
        return Choice()


def choices_of(subscribers: Collection[str]) -> Choices:
    """What some users have chosen."""
    choices_by_key: dict[tuple[str, str, str], Choice] = {}
    wanted = sorted(subscribers)
    for part in slices(wanted):
        rows = Preference.objects.filter(subscriber__in=part).order_by("id")
        for row in rows:
            choices_by_key[(row.subscriber, row.service, row.duty)] = Choice(
                declined=row.declined,
                own_step=row.own_step,
                own_unit=row.own_unit,
                channel=row.channel,
                language=row.language,
                number=row.id,
            )
    return Choices(choices_by_key)


@dataclass(frozen=True, slots=True)
class HoldView:
    """Use that goes no further, or did not, until the user consented."""

    key: str
    subscriber: str
    service: str
    duty: str
    counter: str
    action: str
    held_at: datetime
    ended_at: datetime | None
    ended_by: str
    consent: str = ""


def holds(*, standing: bool = True, service: str = "", limit: int = 200) -> list[HoldView]:
    """Holds, newest first; only those in force, unless asked for all."""
    rows = Hold.objects.order_by("-held_at_ms", "-id")
    if standing:
        rows = rows.filter(ended_at_ms=None)
    if service:
        rows = rows.filter(service=service)
    return [hold_view(row) for row in rows[:limit]]


def hold_of(key: str) -> HoldView | None:
    """The hold of a key."""
    row = Hold.objects.filter(key=key).first()
    return None if row is None else hold_view(row)


def hold_view(row: Hold) -> HoldView:
    """A hold as others see it."""
    return HoldView(
        key=row.key,
        subscriber=row.subscriber,
        service=row.service,
        duty=row.duty,
        counter=row.counter,
        action=row.action,
        held_at=from_ms(row.held_at_ms),
        ended_at=None if row.ended_at_ms is None else from_ms(row.ended_at_ms),
        ended_by=row.ended_by,
        consent=row.consent,
    )


def held_among(services: Collection[str]) -> set[str]:
    """Those of some services whose use is held."""
    wanted, held_services = sorted(set(services)), set()
    for part in slices(wanted):
        rows = Hold.objects.filter(service__in=part, ended_at_ms=None)
        held_services |= set(rows.values_list("service", flat=True))
    return held_services


def is_held(service: str) -> bool:
    """Whether use of a service is held: what the network asks before it lets use go on."""
    return Hold.objects.filter(service=service, ended_at_ms=None).exists()


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice and its outcome, as a page shows it; who it is for stays a pseudonym."""

    key: str
    subscriber: str
    service: str
    pack: str
    duty: str
    version: str
    period: str
    step: str
    state: str
    reason: str
    due_at: datetime
    due_by: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    channels: tuple[str, ...] = ()
    parts: int = 0


def listed(
    *, state: str = "", duty: str = "", limit: int = 100, before: int = 0
) -> list[NoticeView]:
    """Notices, newest first."""
    rows = Notice.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if duty:
        rows = rows.filter(duty=duty)
    if before:
        rows = rows.filter(id__lt=before)
    notices = list(rows[:limit])
    messages: dict[int, list[NoticeMessage]] = {}
    for telling in NoticeMessage.objects.filter(notice__in=[row.pk for row in notices]).order_by(
        "id"
    ):
        messages.setdefault(telling.notice_id, []).append(telling)
    return [_view(row, messages.get(row.pk, [])) for row in notices]


def written_after(number: int, *, limit: int = 100_000) -> tuple[list[NoticeView], int]:
    """The notices written after the one of a number, in order, and the number of the last."""
    rows = list(Notice.objects.filter(id__gt=number).order_by("id")[:limit])
    return [_view(row, []) for row in rows], rows[-1].id if rows else number


def counts_by_state() -> dict[str, int]:
    """Number of notices by state."""
    rows = Notice.objects.order_by("state").values_list("state").annotate(number=Count("id"))
    counts = dict(rows)
    waiting = DueBlock.objects.aggregate(Sum("rows"))["rows__sum"] or 0
    if waiting:
        counts[Notice.State.DUE.value] = counts.get(Notice.State.DUE.value, 0) + waiting
    return counts


def _view(row: Notice, messages: list[NoticeMessage]) -> NoticeView:
    return NoticeView(
        key=row.key,
        subscriber=row.subscriber,
        service=row.service,
        pack=row.pack,
        duty=row.duty,
        version=row.version,
        period=row.period,
        step=row.step,
        state=row.state,
        reason=row.reason,
        due_at=from_ms(row.due_at_ms),
        due_by=from_ms(row.due_by_ms),
        sent_at=None if row.sent_at_ms is None else from_ms(row.sent_at_ms),
        delivered_at=None if row.delivered_at_ms is None else from_ms(row.delivered_at_ms),
        channels=tuple(message.channel for message in messages),
        parts=sum(message.parts for message in messages),
    )
