"""The phrases a brand accepts although a rule of wording finds them: proposed, accepted, ended."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.causes.publicity.actions.authority import require
from amends.causes.publicity.actions.write import check_again
from amends.causes.publicity.models import LONGEST_LEAVE, AcceptedPhrase, PublishedCopy
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean, says_why

_SHORTEST = 2


def propose_phrase(
    phrase: str, *, reason: str, until: date, actor: Actor, now: datetime
) -> AcceptedPhrase:
    """Propose that copies of the actor's brand may use a phrase until a day (inclusive)."""
    require(actor, "publicity.write")
    cleaned, today = clean(phrase).strip(), timezone.localdate(now)
    if len(cleaned) < _SHORTEST or len(cleaned) > 200 or not says_why(reason):
        raise BadInput(
            _("A phrase needs two to 200 characters and a reason."),
            next_step=_("Fill in both."),
            code="phrase_not_proposed",
        )
    if not today <= until <= today + LONGEST_LEAVE:
        raise BadInput(
            _("A phrase is accepted for a year at most."),
            next_step=_("Choose a last day within a year."),
            code="phrase_not_proposed",
        )
    return AcceptedPhrase.objects.create(
        phrase=cleaned,
        reason=reason.strip()[:300],
        brand=actor.brand,
        until=until,
        proposed_by=actor.ref,
        proposed_at=now,
    )


def accept_phrase(number: int, *, actor: Actor, now: datetime) -> AcceptedPhrase:
    """Let a proposed phrase hold; always a second person does it."""
    require(actor, "publicity.decide")
    with transaction.atomic():
        row = _locked(number, actor)
        if row.status(timezone.localdate(now)) != AcceptedPhrase.State.PROPOSED:
            raise Refused(
                _("The phrase does not wait for a second person."),
                next_step=_("Load the page again."),
                code="phrase_not_accepted",
            )
        if row.proposed_by == actor.ref:
            raise Refused(
                _("You proposed this phrase."),
                meaning=_("It does not hold yet."),
                next_step=_("Ask a colleague who approves adverts."),
                code="phrase_not_accepted",
            )
        row.accepted_by, row.accepted_at = actor.ref, now
        row.save(update_fields=["accepted_by", "accepted_at"])
        _check_copies_with(row, now)
    return row


def end_phrase(number: int, *, actor: Actor, now: datetime) -> AcceptedPhrase:
    """End a phrase, in force or only proposed."""
    require(actor, "publicity.decide")
    with transaction.atomic():
        row = _locked(number, actor)
        if row.ended_at is None:
            row.ended_by, row.ended_at = actor.ref, now
            row.save(update_fields=["ended_by", "ended_at"])
            _check_copies_with(row, now)
    return row


def _locked(number: int, actor: Actor) -> AcceptedPhrase:
    rows = AcceptedPhrase.objects.select_for_update().filter(pk=number)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    row = rows.first()
    if row is None:
        raise BadInput(
            _("There is no such phrase."), next_step=_("Look in the list."), code="phrase_unknown"
        )
    return row


def _check_copies_with(row: AcceptedPhrase, now: datetime) -> None:
    copies = PublishedCopy.objects.filter(brand=row.brand, text__icontains=row.phrase)
    check_again(copies.exclude(state=PublishedCopy.State.WITHDRAWN), now=now)
