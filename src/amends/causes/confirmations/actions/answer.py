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
    user_answer = read_answer(text)
    if user_answer is None:
        return None
    by_mail = "@" in sender
    person = identify(email=sender) if by_mail else identify(phone=sender)
    if person is None:
        return None
    method = "sms_reply" if proves_number(channel) else "code"
    received_answer = _Taken(
        channel=channel, method=method, by="channels", words=f"{message}|{text.strip()}"
    )
    return _answer_any(person.pseudonym, user_answer, received_answer, now)


def answer_by_text(subscriber: str, text: str, *, channel: str, now: datetime) -> Answered | None:
    """What a user who has shown who they are types in a chat; None where it does not answer."""
    user_answer = read_answer(text)
    if user_answer is None:
        return None
    received_answer = _Taken(
        channel=channel, method="code", by=subscriber, words=f"typed|{text.strip()}"
    )
    return _answer_any(subscriber, user_answer, received_answer, now)


def _answer_any(
    subscriber: str, user_answer: UserAnswer, received_answer: _Taken, now: datetime
) -> Answered | None:
    orders = _open_orders(subscriber)
    if not orders:
        return None
    with transaction.atomic():
        return _answer_one_of(orders, user_answer, received_answer, now)


def answer_by_link(
    token: str, *, yes: bool, now: datetime, code: str = "", by: str = "subscriber"
) -> Answered:
    """The page behind the link: yes, with the code where the rules do not accept a click, or no."""
    challenge_row = Challenge.objects.filter(link_print=link_digest(token)).first()
    if challenge_row is None:
        return Answered("expired")
    with transaction.atomic():
        order = Order.objects.select_for_update().get(id=challenge_row.order_id)
        challenge = Challenge.objects.select_for_update().get(id=challenge_row.id)
        if not yes and order.state in (State.WAITING, State.CONFIRMED) and not order.exception:
            # No is taken at any time, from whoever holds a link to the question, however old.
            still_open = None if challenge.answer else challenge
            return _refuse(order, still_open, channel="web", by=by, now=now)
        if outcome := _closed(order, challenge, now):
            return Answered(outcome, order.id)
        by_click = challenge.form == "yes" and "click" in order.methods.split(",")
        received_answer = _Taken(
            channel="web", method="click" if by_click else "code", by=by, words=f"link|{code}"
        )
        if not by_click and not _fits(challenge, code):
            return _wrong(order, [challenge], now)
        return _yes(order, challenge, received_answer, now)


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
    ids: Sequence[str], user_answer: UserAnswer, received_answer: _Taken, now: datetime
) -> Answered | None:
    orders = list(Order.objects.select_for_update().filter(id__in=ids).order_by("id"))
    challenges = list(
        Challenge.objects.select_for_update().filter(order__in=orders, answer="").order_by("id")
    )
    by_id = {order.id: order for order in orders}
    open_now = [
        open_challenge
        for open_challenge in challenges
        if not _closed(by_id[open_challenge.order_id], open_challenge, now)
    ]
    if not open_now:
        return Answered("expired", orders[-1].id) if user_answer.code else None
    if user_answer.word == "no" and not user_answer.code:
        for open_challenge in open_now:
            _refuse(
                by_id[open_challenge.order_id],
                open_challenge,
                channel=received_answer.channel,
                by=received_answer.by,
                now=now,
            )
        return Answered("refused", open_now[-1].order_id)
    if not user_answer.code:
        return Answered("wrong", open_now[-1].order_id)
    matching = next(
        (open_challenge for open_challenge in open_now if _fits(open_challenge, user_answer.code)),
        None,
    )
    if matching is None:
        return _wrong(by_id[open_now[-1].order_id], open_now, now)
    order = by_id[matching.order_id]
    if user_answer.word == "no":
        return _refuse(
            order, matching, channel=received_answer.channel, by=received_answer.by, now=now
        )
    # The second question is another one: its code is written back alone, not after a yes.
    method = received_answer.method if matching.form == "yes" else "code"
    return _yes(
        order,
        matching,
        _Taken(
            channel=received_answer.channel,
            method=method,
            by=received_answer.by,
            words=received_answer.words,
        ),
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


def _wrong(order: Order, challenges: Sequence[Challenge], now: datetime) -> Answered:
    """Count a wrong code; the last one allowed closes the question, and only another may be put."""
    max_attempts = demand_of(order).challenges.attempts
    for asked_challenge in challenges:
        asked_challenge.attempts += 1
        if asked_challenge.attempts >= max_attempts:
            asked_challenge.answer, asked_challenge.answered_at = Challenge.Answer.SPENT, now
        asked_challenge.save(update_fields=["attempts", "answer", "answered_at"])
    return Answered(
        "spent" if all(asked_challenge.answer for asked_challenge in challenges) else "wrong",
        order.id,
    )


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


def _yes(order: Order, challenge: Challenge, received_answer: _Taken, now: datetime) -> Answered:
    if received_answer.method not in order.methods.split(","):
        return Answered("not_this_way", order.id)
    evidence = f"{challenge.id}|{challenge.text_hash}|{order.terms_hash}|{received_answer.words}"
    confirmation = Confirmation(
        order=order,
        step=challenge.step,
        form=challenge.form,
        method=received_answer.method,
        channel=received_answer.channel,
        challenge=challenge,
        terms_hash=order.terms_hash,
        evidence_hash=sha256(evidence.encode()).hexdigest(),
        taken_by=received_answer.by[:64],
        given_at=now,
    )
    challenge.answer, challenge.answered_at = Challenge.Answer.YES, now
    challenge.save(update_fields=["answer", "answered_at"])
    return give(order, confirmation, by=received_answer.by, now=now)
