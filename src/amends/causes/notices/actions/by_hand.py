"""Tell a notice by a call or a letter: whose it is comes through access, the outcome is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.causes.notices.actions.follow import follow
from amends.channels.actions.by_hand import IN_HAND, ManualTask, in_hand, record_by_hand, take
from amends.people.access.actions.open_case import open_case
from amends.people.access.actions.share_case import share_case
from amends.people.access.actions.unmask import unmask
from amends.people.access.queries import cases_for, may
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused

_SEEN = {"phone": ("name", "phone"), "letter": ("name", "address")}
_MONTH = timedelta(days=31)


class UnableToDeliverByHand(Refused):
    """The role neither calls nor posts letters, or the message is somebody else's."""

    code = "unable_to_tell_by_hand"


@dataclass(frozen=True, slots=True)
class NoticeByHand:
    """A message in one's hands, with who it is for: `where` is the number or the address."""

    task: ManualTask
    name: str
    where: str


def take_up(message_ids: Sequence[str], *, actor: Actor, now: datetime) -> list[ManualTask]:
    """Take calls or letters that wait into one's hands; of another brand none is there."""
    _check(actor, now)
    own = take(message_ids, holder=actor.ref, now=now)
    return _of_brand(own, actor)


def shown(channel: str, *, actor: Actor, now: datetime) -> list[NoticeByHand]:
    """What the actor has in hand, with number or address; each look is a fact, or shows nothing."""
    _check(actor, now)
    return [_open(task, actor, now) for task in _of_brand(in_hand(channel, actor.ref), actor)]


def settle(message_ids: Sequence[str], outcome: str, *, actor: Actor, now: datetime) -> None:
    """Record what became of messages in hand; the notices follow at once, on as their pack says."""
    _check(actor, now)
    record_by_hand(message_ids, outcome, holder=actor.ref, now=now)
    follow(now=now)


def _check(actor: Actor, now: datetime) -> None:
    if not may(actor.roles, "notices.by_hand", at=now):
        raise UnableToDeliverByHand(
            _("Your role neither calls nor posts letters."),
            meaning=_("Nothing was shown."),
            next_step=_("Ask a handler."),
        )


def _open(task: ManualTask, actor: Actor, now: datetime) -> NoticeByHand:
    fields = _SEEN[task.channel]
    case, until = _case(task, now), now + IN_HAND[task.channel]
    share_case(system("notices"), case, user=actor.ref, until=until, now=now)
    unmasked = unmask(actor, case, fields, reason=_REASONS[task.channel], now=now)
    return NoticeByHand(task, unmasked["name"], unmasked[fields[1]])


_REASONS = {
    "phone": gettext_noop("a call about a notice due"),
    "letter": gettext_noop("a letter about a notice due"),
}


def _case(task: ManualTask, now: datetime) -> str:
    reference = f"notice:{task.duty_key}"
    for case in cases_for(reference):
        if case.closed_at is None:
            return case.ref
    return open_case(
        system("notices"),
        subscriber=task.subscriber,
        purpose="notice",
        reference=reference,
        service=task.service,
        start=task.posted_at - _MONTH,
        end=now + _MONTH,
        now=now,
    )


def _of_brand(tasks: Sequence[ManualTask], actor: Actor) -> list[ManualTask]:
    if not actor.brand:
        return list(tasks)
    people = subscribers(task.subscriber for task in tasks)
    own = {ref for ref, person in people.items() if person.brand == actor.brand}
    return [task for task in tasks if task.subscriber in own]
