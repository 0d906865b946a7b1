"""Withdraw by a word from the telephone on record: as easily as it was ordered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from amends.access.actions.reach import UnableToReach
from amends.channels.actions.post import Outgoing, post_many
from amends.confirmations.actions.present import SHOWN_FOR
from amends.confirmations.actions.put import contact_of
from amends.confirmations.actions.stop import stop_at_once
from amends.confirmations.models import Presence, RunningService
from amends.confirmations.orders import language_of
from amends.confirmations.rules.answers import read_withdrawal
from amends.confirmations.rules.texts import message as text_of
from amends.kit.formats import is_chinese
from amends.subscribers.queries import identify

_BY_A_BARE_WORD = frozenset(("value_added", "subscription", "gift"))
"""Kinds a word without a number stops; a whole line is named by its number."""
_MOST = 8


def withdraw_by_message(
    *, channel: str, sender: str, text: str, message: str, now: datetime
) -> str:
    """Stop what the word names; the order that did so, `asked` where we asked which, "" if nothing.

    Only a text message from the telephone on record counts. A word without a number stops the one
    added service that runs; where several do, the person is asked which.
    """
    number = read_withdrawal(text)
    if number is None or channel != "sms":
        return ""
    person = identify(phone=sender)
    if person is None:
        return ""
    running = _numbered(person.pseudonym)
    if not running:
        return ""
    bare = [one for one in running if running[one].kind in _BY_A_BARE_WORD]
    chosen = running.get(number) if number else running[bare[0]] if len(bare) == 1 else None
    if chosen is None:
        return _ask_which(running, message, now)
    with transaction.atomic():
        presence = Presence.objects.create(
            subscriber=person.pseudonym, way=Presence.Way.CODE, channel="sms", asked_at=now,
            expires_at=now, shown_at=now, valid_until=now + SHOWN_FOR,
            recorded_by=f"message {message}"[:64],
        )  # fmt: skip
        done = stop_at_once(
            chosen.service, subscriber=person.pseudonym, presence=presence.id, now=now,
            channel="sms",
        )  # fmt: skip
    return done.order


def _numbered(subscriber: str) -> dict[int, RunningService]:
    """What runs by an order of the person, by its number among all that ever did: it stays."""
    rows = RunningService.objects.filter(
        subscriber=subscriber, origin=RunningService.Origin.AMENDS, order__order="open"
    )
    return {
        number: row
        for number, row in enumerate(rows.select_related("order").order_by("id"), start=1)
        if row.until is None
    }


def _ask_which(running: dict[int, RunningService], message: str, now: datetime) -> str:
    """Send the words for what runs; nothing is changed by that."""
    first = next(iter(running.values()))
    if first.order is None:
        return ""
    language = language_of(first.subscriber)
    chinese = is_chinese(language)
    listed = ("；" if chinese else "; ").join(
        f"TD{number} {(one.name_zh if chinese else one.name_en) or one.offer}"
        for number, one in list(running.items())[:_MOST]
    )
    try:
        contact = contact_of(first.order, now=now)
    except UnableToReach:
        return ""
    body = text_of("which_to_stop", language, {
        "list": listed, "mine": f"{settings.BASE_URL}/mine/",
    })  # fmt: skip
    post_many(
        [
            Outgoing(
                key=f"which:{message}", channel=contact.channel, recipient=contact.recipient,
                subject="Amends", body=body, language="zh" if chinese else "en",
                reference=f"order:{first.order.id}",
            )
        ],
        now=now,
    )  # fmt: skip
    return "asked"
