"""Show that one is the subscriber, by a code or at a counter, and confirm by being there."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.causes.confirmations.actions.answer import Answered, give
from amends.causes.confirmations.actions.challenge import code_print
from amends.causes.confirmations.models import Confirmation, Order, Presence, PresenceRequest
from amends.causes.confirmations.queries.order_details import language_of
from amends.causes.confirmations.rules.answers import CODE_DIGITS
from amends.causes.confirmations.rules.channels import is_independent
from amends.causes.confirmations.rules.texts import message
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_code import UnableToSendCode, code_answered, send_code
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import UnableToReach, reach
from amends.people.access.queries import may
from amends.people.subscribers.queries import subscriber
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.vault.sealing import seal

CODE_VALID, SHOWN_FOR = timedelta(minutes=10), timedelta(minutes=30)
MAX_ATTEMPTS = 5


def request_presence(number: str, *, source: str = "", brand: str = "", now: datetime) -> str:
    """Have a code sent to whoever has this number; returns the reference of the question.

    source  blind index of the network address that asks
    brand   the brand that the client or colleague is confined to, "" for all; to them a subscriber
            of another brand is a number on no record

    Nothing is looked up here: the job `send_codes` does, and a number nobody has takes as long.
    """
    row = PresenceRequest(source=source, brand=brand, asked_at=now)
    row.number = seal(PresenceRequest._meta.db_table, "number", row.id, number)
    row.save(force_insert=True)
    return row.id


def ask_presence(subscriber: str, *, now: datetime, ref: str = "", source: str = "") -> str:
    """Send a code to the contact on record; returns the reference of the question.

    For a number nobody has, or whose owner has no contact on record or was asked too often, the
    question exists all the same and no code answers it: who asks learns nothing from it.
    """
    with transaction.atomic():
        presence = Presence(
            subscriber=subscriber,
            way=Presence.Way.CODE,
            channel="none",
            asked_at=now,
            expires_at=now + CODE_VALID,
        )
        presence.id = ref or presence.id
        if subscriber:
            _send_code(presence, source, now)
        presence.save(force_insert=True)
    return presence.id


def answer_presence(ref: str, code: str, *, now: datetime) -> str:
    """Take the code; the subscriber it shows, or "" if it is not right, or too old.

    A question about an unknown number takes the same time, so that the time reveals nothing.
    """
    with transaction.atomic():
        presence = Presence.objects.select_for_update().filter(id=ref).first()
        if presence is None or presence.shown_at or presence.expires_at <= now:
            return ""
        if presence.attempts >= MAX_ATTEMPTS:
            return ""
        if not hmac.compare_digest(presence.code_print, code_print(ref, code.strip())):
            presence.attempts += 1
            presence.save(update_fields=["attempts"])
            return ""
        code_answered(f"presence:{presence.id}")
        presence.code_print, presence.shown_at = "", now
        presence.valid_until = now + SHOWN_FOR
        presence.save(update_fields=["code_print", "shown_at", "valid_until"])
        return presence.subscriber


def record_presence(subscriber: str, *, actor: Actor, now: datetime) -> str:
    """A clerk saw the person and a document at a counter; the document's number is not kept."""
    if not may(actor.roles, "confirmations.counter"):
        raise Refused(
            _("Your role records no presence at a counter."),
            meaning=_("Nothing was stored."),
            next_step=_("Ask somebody who works at the counter."),
            code="presence_not_shown",
        )
    presence = Presence.objects.create(
        subscriber=subscriber,
        way=Presence.Way.DOCUMENT,
        channel="counter",
        recorded_by=actor.ref[:64],
        partner=actor.partner,
        asked_at=now,
        expires_at=now,
        shown_at=now,
        valid_until=now + SHOWN_FOR,
    )
    return presence.id


def confirm_in_person(
    order_id: str, presence_id: str, *, actor: Actor, now: datetime, document: str = ""
) -> Answered:
    """One confirmation by somebody who is shown to be here.

    document  reference of the signed paper or pad record, for a signature at a counter
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=order_id)
        _refuse_other_brand(order, actor)
        presence = Presence.objects.get(id=presence_id)
        signed = presence.way == Presence.Way.DOCUMENT
        method = "signature" if signed else "code"
        if order.state != Order.State.WAITING or order.lapses_at <= now:
            return Answered("expired", order.id)
        form = "signature" if signed else "presence"
        # The same challenge twice is one confirmation, however often it is answered.
        used = order.confirmations.filter(form=form).exists()
        if used or method not in order.methods.split(","):
            return Answered("not_this_way", order.id)
        _refuse_absent(order, presence, actor, document, now)
        evidence = f"{presence.id}|{document}|{order.terms_hash}"
        order.challenges.filter(answer="").update(answer="replaced", answered_at=now)
        confirmation = Confirmation(
            order=order,
            step=order.confirmations.count() + 1,
            form=form,
            method=method,
            channel=presence.channel,
            presence=presence,
            terms_hash=order.terms_hash,
            evidence_hash=sha256(evidence.encode()).hexdigest(),
            taken_by=actor.ref[:64],
            partner=actor.partner,
            given_at=now,
        )
        return give(order, confirmation, by=actor.ref, now=now)


def _refuse_other_brand(order: Order, actor: Actor) -> None:
    if not actor.brand:
        return
    person = subscriber(order.subscriber)
    if person is None or person.brand != actor.brand:
        raise BadInput(
            _("There is no order of this reference."),
            meaning=_("Nothing was stored."),
            next_step=_("Look it up in the list of orders."),
            code="order_unknown",
        )


def _refuse_absent(
    order: Order, presence: Presence, actor: Actor, document: str, now: datetime
) -> None:
    is_present = (
        presence.subscriber == order.subscriber
        and presence.shown_at is not None
        and presence.valid_until is not None
        and presence.shown_at <= now < presence.valid_until
    )
    taker = presence.partner or actor.partner
    free = is_independent(taker_partner=taker, provider=order.provider, agent=order.agent)
    signed = presence.way != Presence.Way.DOCUMENT or bool(document.strip())
    twice = order.needed > 1 and presence.way == Presence.Way.CODE and order.order != "stop"
    if not (is_present and free and signed) or twice:
        raise Refused(
            _("This confirmation cannot be taken here."),
            meaning=_(
                "The person is not shown to be here, the signed paper is not named, or who "
                "takes it down earns by the service."
            ),
            next_step=_(
                "Record the presence and the paper at a counter of the operator, or let "
                "the user answer the message."
            ),
            code="not_confirmed_in_person",
        )


def _send_code(presence: Presence, source: str, now: datetime) -> None:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    language = language_of(presence.subscriber)
    minutes = str(int(CODE_VALID.total_seconds()) // 60)
    try:
        with transaction.atomic():
            contact = reach(
                system("confirmations"),
                subscriber=presence.subscriber,
                reference=presence.id,
                reason=gettext_noop("code to check an identity"),
                now=now,
            )
            send_code(
                Outgoing(
                    key=f"presence:{presence.id}",
                    channel=reached_by(contact.kind),
                    recipient=contact.recipient,
                    subject="Amends",
                    body=message("code", language, {"code": code, "minutes": minutes}),
                    language="zh" if is_chinese(language) else "en",
                    reference=f"presence:{presence.id}",
                ),
                source=source,
                now=now,
            )
    except (UnableToReach, UnableToSendCode):
        return
    presence.channel, presence.code_print = reached_by(contact.kind), code_print(presence.id, code)
