"""Put a question to the user: one challenge about one order, sent to the contact on record."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.causes.confirmations.models import Challenge, Order
from amends.causes.confirmations.queries.order_details import (
    demand_of,
    fact_of,
    fields_of,
    language_of,
)
from amends.causes.confirmations.rules.answers import CODE_DIGITS, link_digest
from amends.causes.confirmations.rules.texts import message
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import ContactOnRecord, UnableToReach, reach
from amends.people.operator.queries import public_address
from amends.platform.kit.actors import system
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.vault.indexes import blind_index
from amends.record.ledger.actions.append import append

# The form of each step's challenge: another one each time, so that one slip cannot give two.
FORMS = ("yes", "code")
_TEXTS = {"yes": "ask_yes", "code": "ask_code"}


class UnableToAsk(Refused):
    """The order does not wait, too many questions were put, or there is no contact on record."""

    code = "confirmation_not_asked"


def ask(order_id: str, *, now: datetime) -> Challenge:
    """Put the next question of an order; one that is still open is replaced."""
    # Looked at without a lock first: whoever asks again and again holds up no other order.
    _refuse_settled(seen := Order.objects.get(id=order_id), now)
    _refuse_too_many(seen, seen.confirmations.count() + 1, now)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=order_id)
        _refuse_settled(order, now)
        return ask_locked(order, now=now)


def ask_locked(order: Order, *, now: datetime) -> Challenge:
    """`ask` for a caller that holds the order's row."""
    step = order.confirmations.count() + 1
    used = set(order.confirmations.values_list("form", flat=True))
    form = next(form for form in FORMS if form not in used)
    _refuse_too_many(order, step, now)
    contact = _contact(order, now)
    Challenge.objects.filter(order=order, answer="").update(
        answer=Challenge.Answer.REPLACED, answered_at=now
    )
    return _put(order, step, form, contact, now)


def code_print(challenge: str, code: str) -> str:
    """A keyed hash of six digits: without the vault's key they cannot be tried offline."""
    return blind_index("confirmations.code", f"{challenge}:{code}")


def send(
    order: Order,
    contact: ContactOnRecord,
    *,
    key: str,
    text: str,
    fields: dict[str, str],
    now: datetime,
    duty: str = "",
) -> str:
    """Post one message about an order; returns the SHA-256 of its words."""
    language = language_of(order.subscriber)
    body = message(text, language, fields)
    post_many(
        [
            Outgoing(
                key=key,
                channel=reached_by(contact.kind),
                recipient=contact.recipient,
                subject=body.split("】")[0].lstrip("【") if is_chinese(language) else "Amends",
                body=body,
                language="zh" if is_chinese(language) else "en",
                reference=f"order:{order.id}",
                duty=duty,
                duty_key=key if duty else "",
                subscriber=order.subscriber if duty else "",
                service=order.service if duty else "",
            )
        ],
        now=now,
    )
    return sha256(body.encode()).hexdigest()


def contact_of(order: Order, *, now: datetime) -> ContactOnRecord:
    """The subscriber's contact on record, opened by `access` alone, who can see that it was."""
    return reach(
        system("confirmations"),
        subscriber=order.subscriber,
        reference=order.id,
        reason=gettext_noop("confirmation of an order"),
        now=now,
    )


def _contact(order: Order, now: datetime) -> ContactOnRecord:
    try:
        return contact_of(order, now=now)
    except UnableToReach as why:
        raise UnableToAsk(
            why.what,
            meaning=_("The order waits; nothing is carried out."),
            next_step=_("The user may confirm at a counter, with a document."),
        ) from why


def _put(order: Order, step: int, form: str, contact: ContactOnRecord, now: datetime) -> Challenge:
    limits = demand_of(order).challenges
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    token = secrets.token_urlsafe(20)
    challenge = Challenge(
        order=order,
        step=step,
        form=form,
        channel=reached_by(contact.kind),
        terms_hash=order.terms_hash,
        link_print=link_digest(token),
        asked_at=now,
        expires_at=min(now + timedelta(minutes=limits.valid_minutes), order.lapses_at),
    )
    challenge.print = code_print(challenge.id, code)
    fields = fields_of(order) | {
        "code": code,
        "link": f"{public_address()}/confirm/{token}/",
        "minutes": str(limits.valid_minutes),
    }
    challenge.text_hash = send(
        order, contact, key=f"challenge:{challenge.id}", text=_TEXTS[form], fields=fields, now=now
    )
    challenge.save(force_insert=True)
    stated = {"step": step, "terms": order.terms_hash, "channel": reached_by(contact.kind)}
    append([fact_of("ConfirmationAsked", order, now, **stated)], now=now)
    return challenge


def _refuse_settled(order: Order, now: datetime) -> None:
    if order.state != Order.State.WAITING or order.lapses_at <= now:
        raise UnableToAsk(
            _("This order does not wait for an answer."),
            meaning=_("Nothing was sent."),
            next_step=_("Place a new order if the user wants it."),
        )


def _refuse_too_many(order: Order, step: int, now: datetime) -> None:
    limits = demand_of(order).challenges
    today = Challenge.objects.filter(
        order__subscriber=order.subscriber, asked_at__gt=now - timedelta(days=1)
    ).count()
    if (
        today >= limits.asks_per_day
        or order.challenges.filter(step=step).count() >= limits.asks_per_step
    ):
        raise UnableToAsk(
            _("Too many questions were put already."),
            meaning=_("Nothing was sent; the order waits until it lapses."),
            next_step=_("The user may confirm at a counter, with a document, or tomorrow."),
        )
