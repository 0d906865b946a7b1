"""Withdraw by a word from the telephone on record: as easily as it was ordered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from amends.causes.confirmations.actions.prove_presence import SHOWN_FOR
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.models import Presence, RunningService
from amends.causes.confirmations.queries import numbered_services
from amends.causes.confirmations.queries.order_details import language_of
from amends.causes.confirmations.rules.answers import STOPPED_BY_KEYWORD, read_withdrawal
from amends.causes.confirmations.rules.texts import message as text_of
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import proves_number, reached_by
from amends.people.access.actions.reach import UnableToReach, reach
from amends.people.operator.queries import public_address
from amends.people.subscribers.queries import identify
from amends.platform.kit.actors import system
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import offer

_MOST = 8


def withdraw_by_message(
    *, channel: str, sender: str, text: str, message: str, now: datetime
) -> str:
    """Stop what the word names; the order that did so, `asked` where we asked which, "" if nothing.

    Only a text message from the telephone on record counts. A word without a number stops the one
    added service that runs; where several do, the person is asked which.
    """
    number = read_withdrawal(text)
    if number is None or not proves_number(channel):
        return ""
    person = identify(phone=sender)
    if person is None:
        return ""
    running = numbered_services(person.pseudonym)
    if not running:
        return ""
    bare = [
        service_number
        for service_number in running
        if _kind(running[service_number], now) in STOPPED_BY_KEYWORD
    ]
    chosen = running.get(number) if number else running[bare[0]] if len(bare) == 1 else None
    if chosen is None:
        return _ask_which(running, message, now)
    with transaction.atomic():
        presence = Presence.objects.create(
            subscriber=person.pseudonym,
            way=Presence.Way.CODE,
            channel=channel,
            asked_at=now,
            expires_at=now,
            shown_at=now,
            valid_until=now + SHOWN_FOR,
            recorded_by=f"message {message}"[:64],
        )
        withdrawn = stop_at_once(
            chosen.service,
            subscriber=person.pseudonym,
            presence=presence.id,
            now=now,
            channel=channel,
        )
    return withdrawn.order


def _kind(row: RunningService, now: datetime) -> str:
    """The kind of a service; of one that was reported without, its offer's."""
    if row.kind:
        return row.kind
    offer_view = offer(row.offer, now)
    return offer_view.kind if offer_view else ""


def _ask_which(running: dict[int, RunningService], message: str, now: datetime) -> str:
    """Send the words for what runs; nothing is changed by that."""
    person = next(iter(running.values())).subscriber
    language = language_of(person)
    chinese = is_chinese(language)
    listed = ("；" if chinese else "; ").join(
        f"TD{number} {(row.name_zh if chinese else row.name_en) or row.offer}"
        for number, row in list(running.items())[:_MOST]
    )
    try:
        contact = reach(
            system("confirmations"),
            subscriber=person,
            reference=message[:40],
            reason=gettext_noop("question which service to stop"),
            now=now,
        )
    except UnableToReach:
        return ""
    body = text_of(
        "which_to_stop",
        language,
        {
            "list": listed,
            "mine": f"{public_address()}/mine/",
        },
    )
    post_many(
        [
            Outgoing(
                key=f"which:{message}",
                channel=reached_by(contact.kind),
                recipient=contact.recipient,
                subject="Amends",
                body=body,
                language="zh" if chinese else "en",
                reference=f"withdrawal:{message}"[:64],
            )
        ],
        now=now,
    )
    return "asked"
