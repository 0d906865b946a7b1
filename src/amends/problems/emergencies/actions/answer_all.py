"""Answer all complaints of an issue: one drafts the common words, another sends them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.answer_together import (
    GroupReplyPreview,
    answer_together,
    outlooks,
)
from amends.cases.complaints.queries.analytics import brands_of
from amends.channels.actions.post import Outgoing, post_many
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.kit.packs import pack
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.actions.drill_letters import letter_of
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import AnswerRound
from amends.problems.emergencies.queries.steps import SANDBOX
from amends.problems.emergencies.rules.drills import Invented, invented, is_invented
from amends.problems.hotissues.actions.authority import demand, locked
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.queries.records import HotIssue

_AT_ONCE = 200


class UnableToAnswerAll(Refused):
    """The words are missing, or the one who drafted them would also send them."""

    code = "unable_to_answer_all"


def draft_answer(ref: str, zh: str, en: str, *, actor: Actor, now: datetime) -> AnswerRound:
    """Save the text that open every answer; nothing leaves by it."""
    demand(actor, "hotissues.answer", now)
    if not zh.strip() or not en.strip():
        raise UnableToAnswerAll(
            _("The opening words are missing in one of the languages."),
            next_step=_("Write them in Chinese and in English; each user gets their own."),
        )
    with transaction.atomic():
        issue = locked(ref, actor)
        waiting = issue.answer_rounds.filter(brand=actor.brand, sent_at__isnull=True).first()
        round_ = waiting or AnswerRound(issue=issue, brand=actor.brand)
        round_.opening_zh, round_.opening_en = (
            redact_person(zh.strip()),
            redact_person(en.strip()),
        )
        round_.drafted_at, round_.drafted_by = now, actor.ref
        round_.save()
        note(issue, "answer_drafted", actor=actor, now=now)
    return round_


def outlook_of(round_: AnswerRound, *, now: datetime, brand: str = "") -> list[GroupReplyPreview]:
    """What each complainant would get; nothing is written."""
    openings = {"zh": round_.opening_zh, "en": round_.opening_en}
    issue = round_.issue
    if not issue.drill:
        return outlooks(complaints_in(issue), openings=openings, now=now, brand=brand)
    sent = round_.sent_at is not None
    own = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    return [
        _invented_outlook(invented_complaint, openings, own, sent=sent)
        for invented_complaint in _invented(issue)
    ]


def newest_round(issue: HotIssue, *, brand: str = "") -> AnswerRound | None:
    """The newest draft of the people of a brand; None before one."""
    return issue.answer_rounds.filter(brand=brand).order_by("-drafted_at", "-id").first()


def digest_of(round_: AnswerRound) -> str:
    """SHA-256 over the opening words in both languages: what somebody has read before sending."""
    return sha256("\0".join((round_.opening_zh, round_.opening_en, "")).encode()).hexdigest()


def send_answer(ref: str, *, actor: Actor, now: datetime, seen: str = "") -> AnswerRound:
    """Send the drafted answer to all whose complaint is ready; each once, the rest named.

    seen  `digest_of` the words the sender has read: nobody sends what was changed meanwhile; "" of
          a caller that reads and sends in one

    Somebody else than who drafted it sends it. What a person must decide is left, with the reason;
    the step of the plan is done when nobody is left. Safe to call again: it goes on where it was.
    """
    demand(actor, "hotissues.answer", now)
    with transaction.atomic():
        issue = locked(ref, actor)
        round_ = newest_round(issue, brand=actor.brand)
        if round_ is None:
            raise UnableToAnswerAll(
                _("Nothing is drafted yet."), next_step=_("Write the opening words first.")
            )
        if round_.drafted_by == actor.ref:
            raise UnableToAnswerAll(
                _("You drafted this answer yourself."),
                meaning=_("Nothing was sent."),
                next_step=_("Ask a colleague to read it and send it."),
            )
        if seen and seen != digest_of(round_):
            raise UnableToAnswerAll(
                _("The text was changed since you read it."),
                meaning=_("Nothing was sent."),
                next_step=_("Read all answers again, then send them."),
            )
    openings = {"zh": round_.opening_zh, "en": round_.opening_en}
    left: dict[Any, Any] = {}
    if issue.drill:
        answered = _answer_drill(issue, round_, now)
    else:
        refs = complaints_in(issue)
        answered, left = answer_together(refs, openings=openings, actor=actor, now=now)
    with transaction.atomic():
        issue = locked(ref, actor)
        round_ = AnswerRound.objects.select_for_update().get(id=round_.id)
        round_.sent_at, round_.sent_by = round_.sent_at or now, round_.sent_by or actor.ref
        round_.answered += len(answered)
        round_.left = {
            complaint_ref: why for complaint_ref, why in left.items() if why != "answered"
        }
        round_.save()
        if answered or not round_.left:
            counts: dict[str, object] = {"answered": len(answered), "left": len(round_.left)}
            note(issue, "answered", actor=actor, now=now, details=counts)
        if not round_.left and _all_seen(issue, actor):
            done(issue, "answer", actor=actor, now=now, details={"answered": round_.answered})
    return round_


def _all_seen(issue: HotIssue, actor: Actor) -> bool:
    """Whether who sends sees all of them: those of another brand are answered by that brand."""
    refs = complaints_in(issue) if actor.brand and not issue.drill else []
    return set(brands_of(refs).values()) <= {actor.brand}


def _invented(issue: HotIssue) -> list[Invented]:
    refs = [ref for ref in complaints_in(issue) if is_invented(ref)]
    invented_by_ref = {
        invented_complaint.complaint: invented_complaint
        for invented_complaint in invented(issue.number, len(refs))
    }
    return [invented_by_ref[ref] for ref in refs if ref in invented_by_ref]


def _invented_outlook(
    invented_complaint: Invented, openings: dict[str, str], currency: str, *, sent: bool
) -> GroupReplyPreview:
    subject, body = letter_of(invented_complaint, openings, currency)
    return GroupReplyPreview(
        complaint=invented_complaint.complaint,
        tracking_code=invented_complaint.complaint,
        language=invented_complaint.language,
        verdict=invented_complaint.verdict,
        amount_minor=invented_complaint.amount_minor,
        currency=currency,
        subject=subject,
        body=body,
        left="answered" if sent else "",
    )


def _answer_drill(issue: HotIssue, round_: AnswerRound, now: datetime) -> list[str]:
    """The letters of a drill lie in the outbox on a channel that has no sender."""
    if round_.sent_at is not None:
        return []
    openings = {"zh": round_.opening_zh, "en": round_.opening_en}
    people, answered = _invented(issue), []
    currency = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    for batch in slices(people, _AT_ONCE):
        with transaction.atomic():
            letters = []
            for invented_complaint in batch:
                subject, body = letter_of(invented_complaint, openings, currency)
                letters.append(
                    Outgoing(
                        key=f"drill-reply:{issue.id}:{invented_complaint.complaint}",
                        channel=SANDBOX,
                        recipient=invented_complaint.person,
                        subject=subject,
                        body=body,
                        language=invented_complaint.language,
                        reference=issue.id,
                    )
                )
            post_many(letters, now=now)
        answered += [invented_complaint.complaint for invented_complaint in batch]
    return answered
