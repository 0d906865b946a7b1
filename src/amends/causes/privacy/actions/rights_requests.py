"""Ask about one's own data, and answer it: access, copy, correction, erasure, objection."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.actions.record_consent import withdraw_consent
from amends.causes.privacy.actions.signals import erasure_requested, export_requested
from amends.causes.privacy.models import RightsRequest
from amends.causes.privacy.queries.clocks import last_moment, terms_on
from amends.causes.privacy.queries.consents import consents_of
from amends.people.subscribers.queries import subscriber as subscriber_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.periods import to_ms
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import open_sealed, seal
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

TABLE = "privacy_rights_request"
KEPT = timedelta(days=30)
Kind, State = RightsRequest.Kind, RightsRequest.State


class UnableToAskAboutData(BadInput):
    """No such right, nothing said of what is wrong, or asked for somebody else."""

    code = "unable_to_ask_about_data"


class UnableToAnswerRequest(Refused):
    """It is answered already, needs words, or knows no extension."""

    code = "unable_to_answer_request"


def ask(
    subscriber: str, kind: str, *, text: str, by: str, channel: str, now: datetime
) -> RightsRequest:
    """Take a request of a person about their own data; one that is open is not taken twice.

    An objection ends every use that rests on consent at once.
    """
    if kind not in Kind.values or (kind == Kind.CORRECTION and not text.strip()):
        raise UnableToAskAboutData(
            _("Nothing says what is wished."),
            meaning=_("Nothing was stored."),
            next_step=_("Choose what you wish; for a correction write what is wrong and right."),
        )
    person = subscriber_of(subscriber)
    if by != subscriber or person is None or person.status == "erased":
        raise UnableToAskAboutData(
            _("A person asks about their own data."),
            meaning=_("Nothing was stored."),
            next_step=_("Let the person use their own privacy page."),
        )
    term = terms_on(now)[kind]
    with transaction.atomic():
        open_requests = RightsRequest.objects.select_for_update().filter(
            subscriber=subscriber, kind=kind, state=State.OPEN
        )
        if open_request := open_requests.first():
            return open_request
        ref = random_id("rgt", length=12)
        row = RightsRequest.objects.create(
            ref=ref,
            subscriber=subscriber,
            brand=person.brand,
            kind=kind,
            channel=channel,
            words=seal(TABLE, "words", ref, text.strip()[:2000]),
            rule=term.rule,
            received_at=now,
            due_at=last_moment(term.term, now),
        )
        if kind == Kind.OBJECTION:
            for consent in consents_of(subscriber, now=now):
                if consent.given:
                    withdraw_consent(
                        subscriber, consent.purpose.id, by=by, channel=channel, now=now
                    )
        payload: dict[str, str | int] = {
            "request": ref,
            "right": kind,
            "rule": term.rule,
            "due_ms": to_ms(row.due_at),
        }
        append(
            [
                Fact(
                    kind="RightsRequested",
                    subscriber=subscriber,
                    subject=ref,
                    happened_at=now,
                    source="privacy",
                    payload=payload,
                )
            ],
            now=now,
        )
    return row


def answer(ref: str, *, is_granted: bool, text: str, actor: Actor, now: datetime) -> RightsRequest:
    """Answer a request: what a right needs is carried out, or it is refused with the reason.

    Raises what an erasure or an export raises (a hold, an open complaint); the request stays open.
    """
    check(actor, "privacy.requests")
    row = _open_one(ref, actor)
    if not text.strip():
        raise UnableToAnswerRequest(
            _("An answer needs words that the person reads."),
            meaning=_("Nothing was changed."),
            next_step=_("Write what was done, or why not."),
        )
    document = _carry_out(row, text, actor, now) if is_granted else b""
    with transaction.atomic():
        row = _open_one(ref, actor, lock=True)
        row.state = State.DONE if is_granted else State.REFUSED
        row.answer, row.answered_by, row.answered_at = mask_text(text).text[:500], actor.ref, now
        if document:
            row.document = seal(TABLE, "document", ref, document.decode())
            row.document_until = now + KEPT
        row.save()
        payload: dict[str, str | int] = {
            "request": ref,
            "right": row.kind,
            "outcome": str(row.state),
            "by": actor.ref,
        }
        append(
            [
                Fact(
                    kind="RightsAnswered",
                    subscriber=row.subscriber,
                    subject=ref,
                    happened_at=now,
                    source="privacy",
                    payload=payload,
                )
            ],
            now=now,
        )
    return row


def _carry_out(row: RightsRequest, text: str, actor: Actor, now: datetime) -> bytes:
    if row.kind in (Kind.ACCESS, Kind.EXPORT):
        answers = export_requested.send(
            None, subscriber=row.subscriber, actor=actor, now=now, reason=text, request=row.ref
        )
        for _receiver, document in answers:
            return orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2)
    if row.kind == Kind.ERASURE:
        erasure_requested.send(
            None, subscriber=row.subscriber, actor=actor, now=now, request=row.ref
        )
    return b""


def extend(ref: str, *, because: str, actor: Actor, now: datetime) -> RightsRequest:
    """Extend the term once, where its rule knows an extension, with the reason."""
    check(actor, "privacy.requests")
    with transaction.atomic():
        row = _open_one(ref, actor, lock=True)
        term = terms_on(row.received_at)[row.kind]
        if not term.extension or row.extended_because or not because.strip():
            raise UnableToAnswerRequest(
                _("The term of this request cannot be extended."),
                meaning=_("It stays due as before."),
                next_step=_("Answer it in time; some rules know one extension, with a reason."),
            )
        row.extended_because = mask_text(because).text[:300]
        row.due_at = last_moment(term.extended, row.received_at)
        row.save(update_fields=["extended_because", "due_at"])
    return row


def words_of(row: RightsRequest) -> str:
    """What the person wrote, for the officer who answers."""
    return open_sealed(TABLE, "words", row.ref, bytes(row.words)) if row.words else ""


def document_of(row: RightsRequest, *, now: datetime) -> str:
    """The copy that was made for the person; "" where there is none, or no more."""
    if not row.document or row.document_until is None or row.document_until < now:
        return ""
    return open_sealed(TABLE, "document", row.ref, bytes(row.document))


def forget_documents(now: datetime) -> int:
    """Forget copies whose time has ended; how many."""
    ended = RightsRequest.objects.filter(document_until__lte=now)
    return ended.update(document=b"", document_until=None)


def _open_one(ref: str, actor: Actor, *, lock: bool = False) -> RightsRequest:
    rows = RightsRequest.objects.select_for_update() if lock else RightsRequest.objects.all()
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    row = rows.filter(ref=ref, state=State.OPEN).first()
    if row is None:
        raise UnableToAnswerRequest(
            _("There is no open request of that reference."),
            next_step=_("Load the page again: a colleague may have answered it."),
        )
    return row
