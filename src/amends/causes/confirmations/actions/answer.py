"""Take an answer: yes with the right code confirms one step, no ends the order."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from amends.causes.confirmations.actions.challenge import UnableToAsk, ask_locked, code_print
from amends.causes.confirmations.actions.execute import (
    close_locked,
    execute_locked,
    hold_locked,
    notify_not_done,
)
from amends.causes.confirmations.actions.sale_freeze import frozen_part
from amends.causes.confirmations.models import Challenge, Confirmation, Order
from amends.causes.confirmations.queries.order_details import demand_of, fact_of, is_overtaken
from amends.causes.confirmations.rules.answers import UserAnswer, link_digest, read_answer
from amends.channels.queries.capabilities import proves_number
from amends.people.subscribers.queries import identify
from amends.record.ledger.actions.append import append

State = Order.State


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer.

    outcome  executed, confirmed (waits for its day), on_hold (taken from sale for now), asked_again
             (the next step was sent), overtaken (what it was about ended meanwhile), refused,
             wrong (the code is not the one sent), spent (too many wrong codes), expired (too late,
             or answered before), not_this_way (the rules do not accept this method)
    """

    outcome: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    """How an answer arrived: channel, method, who took it, and what it said."""

    channel: str
    method: str
    by: str
    words: str


def answer_by_message(
    *, channel: str, sender: str, text: str, message: str, now: datetime
) -> Answered | None:
    """A reply by SMS or mail; None where it is no answer to an open question of this sender.

    A code that is not the one sent counts against every open question of the person, so that
    guesses cannot be spread over them. A bare no refuses all of them; a bare yes confirms nothing.
    """
    said = read_answer(text)
    if said is None:
        return None
    by_mail = "@" in sender
    person = identify(email=sender) if by_mail else identify(phone=sender)
    if person is None:
        return None
    method = "sms_reply" if proves_number(channel) else "code"
    taken = _Taken(channel=channel, method=method, by="channels", words=f"{message}|{text.strip()}")
    return _answer_any(person.pseudonym, said, taken, now)


def answer_by_text(subscriber: str, text: str, *, channel: str, now: datetime) -> Answered | None:
    """What a user who has shown who they are types in a chat; None where it does not answer."""
    said = read_answer(text)
    if said is None:
        return None
    taken = _Taken(channel=channel, method="code", by=subscriber, words=f"typed|{text.strip()}")
    return _answer_any(subscriber, said, taken, now)


def _answer_any(subscriber: str, said: UserAnswer, taken: _Taken, now: datetime) -> Answered | None:
    orders = _open_orders(subscriber)
    if not orders:
        return None
    with transaction.atomic():
        return _answer_one_of(orders, said, taken, now)


def answer_by_link(
    token: str, *, yes: bool, now: datetime, code: str = "", by: str = "subscriber"
) -> Answered:
    """The page behind the link: yes, with the code where the rules do not accept a click, or no."""
    found = Challenge.objects.filter(link_print=link_digest(token)).first()
    if found is None:
        return Answered("expired")
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=found.order_id)
        challenge = Challenge.objects.select_for_update().get(id=found.id)
        if not yes and order.state in (State.WAITING, State.CONFIRMED) and not order.exception:
            # No is taken at any time, from whoever holds a link to the question, however old.
            still_open = None if challenge.answer else challenge
            return _refuse(order, still_open, channel="web", by=by, now=now)
        if outcome := _closed(order, challenge, now):
            return Answered(outcome, order.id)
        by_click = challenge.form == "yes" and "click" in order.methods.split(",")
        taken = _Taken(
            channel="web", method="click" if by_click else "code", by=by, words=f"link|{code}"
        )
        if not by_click and not _fits(challenge, code):
            return _wrong(order, [challenge], now)
        return _yes(order, challenge, taken, now)


def answer_code(order_id: str, code: str, *, now: datetime, by: str, channel: str) -> Answered:
    """A code typed on a page that knows the order, such as "my services" or a counter's."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=order_id)
        challenge = order.challenges.select_for_update().filter(answer="").first()
        if challenge is None or (outcome := _closed(order, challenge, now)):
            return Answered("expired" if challenge is None else outcome, order.id)
        if not _fits(challenge, code):
            return _wrong(order, [challenge], now)
        return _yes(
            order,
            challenge,
            _Taken(channel=channel, method="code", by=by, words=f"typed|{code}"),
            now,
        )


def refuse(order_id: str, *, channel: str, by: str, now: datetime) -> Answered:
    """The user says no; it ends the order whatever was confirmed before."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=order_id)
        if order.state not in (State.WAITING, State.CONFIRMED) or order.exception:
            return Answered("expired", order.id)
        return _refuse(order, None, channel=channel, by=by, now=now)


def give(order: Order, confirmation: Confirmation, *, by: str, now: datetime) -> Answered:
    """Store a confirmation with its fact; carry out, wait for its day, or ask the next step.

    The caller holds the order's row.
    """
    demanded = demand_of(order)
    stated = {
        "step": confirmation.step,
        "terms": order.terms_hash,
        "channel": confirmation.channel,
        "method": confirmation.method,
        "evidence": confirmation.evidence_hash,
        "rules": ",".join(demanded.versions),
    }
    fact = fact_of("ConfirmationGiven", order, now, **stated)
    confirmation.fact = fact.id
    confirmation.save(force_insert=True)
    append([fact], now=now)
    if order.confirmations.count() < order.needed:
        try:
            with transaction.atomic():
                ask_locked(order, now=now)
        except UnableToAsk:
            pass
        return Answered("asked_again", order.id)
    if order.not_before is not None and order.not_before > now:
        order.state = State.CONFIRMED
        order.save(update_fields=["state"])
        return Answered("confirmed", order.id)
    if is_overtaken(order):
        close_locked(order, State.CANCELLED, by=by, now=now)
        return Answered("overtaken", order.id)
    if frozen_part(order, now=now):
        hold_locked(order, now=now)
        return Answered("on_hold", order.id)
    execute_locked(order, by=by, now=now)
    return Answered("executed", order.id)


def _open_orders(subscriber: str) -> list[str]:
    rows = Order.objects.filter(subscriber=subscriber, state=State.WAITING, challenges__answer="")
    return list(rows.order_by("id").values_list("id", flat=True))


def _answer_one_of(
    ids: Sequence[str], said: UserAnswer, taken: _Taken, now: datetime
) -> Answered | None:
    orders = list(Order.objects.select_for_update().filter(id__in=ids).order_by("id"))
    asked = list(
        Challenge.objects.select_for_update().filter(order__in=orders, answer="").order_by("id")
    )
    by_id = {order.id: order for order in orders}
    open_now = [one for one in asked if not _closed(by_id[one.order_id], one, now)]
    if not open_now:
        return Answered("expired", orders[-1].id) if said.code else None
    if said.word == "no" and not said.code:
        for one in open_now:
            _refuse(by_id[one.order_id], one, channel=taken.channel, by=taken.by, now=now)
        return Answered("refused", open_now[-1].order_id)
    if not said.code:
        return Answered("wrong", open_now[-1].order_id)
    meant = next((one for one in open_now if _fits(one, said.code)), None)
    if meant is None:
        return _wrong(by_id[open_now[-1].order_id], open_now, now)
    order = by_id[meant.order_id]
    if said.word == "no":
        return _refuse(order, meant, channel=taken.channel, by=taken.by, now=now)
    # The second question is another one: its code is written back alone, not after a yes.
    method = taken.method if meant.form == "yes" else "code"
    return _yes(
        order,
        meant,
        _Taken(channel=taken.channel, method=method, by=taken.by, words=taken.words),
        now,
    )


def _closed(order: Order, challenge: Challenge, now: datetime) -> str:
    """Why a challenge takes no answer, "" if it does; one whose time is over is closed."""
    if challenge.answer or order.state != State.WAITING or challenge.terms_hash != order.terms_hash:
        return "spent" if challenge.answer == Challenge.Answer.SPENT else "expired"
    if challenge.expires_at <= now or challenge.asked_at > now:
        if challenge.expires_at <= now:
            challenge.answer, challenge.answered_at = Challenge.Answer.EXPIRED, now
            challenge.save(update_fields=["answer", "answered_at"])
        return "expired"
    return ""


def _fits(challenge: Challenge, code: str) -> bool:
    return hmac.compare_digest(challenge.print, code_print(challenge.id, code.strip()))


def _wrong(order: Order, asked: Sequence[Challenge], now: datetime) -> Answered:
    """Count a wrong code; the last one allowed closes the question, and only another may be put."""
    most = demand_of(order).challenges.attempts
    for one in asked:
        one.attempts += 1
        if one.attempts >= most:
            one.answer, one.answered_at = Challenge.Answer.SPENT, now
        one.save(update_fields=["attempts", "answer", "answered_at"])
    return Answered("spent" if all(one.answer for one in asked) else "wrong", order.id)


def _refuse(
    order: Order, challenge: Challenge | None, *, channel: str, by: str, now: datetime
) -> Answered:
    if challenge is not None:
        challenge.answer, challenge.answered_at = Challenge.Answer.NO, now
        challenge.save(update_fields=["answer", "answered_at"])
    close_locked(order, State.REFUSED, by=by, now=now)
    append([fact_of("ConfirmationRefused", order, now, channel=channel)], now=now)
    notify_not_done(order, text="refused", now=now)
    return Answered("refused", order.id)


def _yes(order: Order, challenge: Challenge, taken: _Taken, now: datetime) -> Answered:
    if taken.method not in order.methods.split(","):
        return Answered("not_this_way", order.id)
    evidence = f"{challenge.id}|{challenge.text_hash}|{order.terms_hash}|{taken.words}"
    confirmation = Confirmation(
        order=order,
        step=challenge.step,
        form=challenge.form,
        method=taken.method,
        channel=taken.channel,
        challenge=challenge,
        terms_hash=order.terms_hash,
        evidence_hash=sha256(evidence.encode()).hexdigest(),
        taken_by=taken.by[:64],
        given_at=now,
    )
    challenge.answer, challenge.answered_at = Challenge.Answer.YES, now
    challenge.save(update_fields=["answer", "answered_at"])
    return give(order, confirmation, by=taken.by, now=now)
