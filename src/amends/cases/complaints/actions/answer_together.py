"""Answer many complaints of one cause together: common words, and each its own verdict and amount.

What opens the letter is the same for all; what was found, decided and given back is each one's own.
A complaint without a decision, or one that a person must decide, is left to a person: nobody is
decided on in a crowd.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction

from amends.cases.complaints.actions.answer import ReplyDraft, preview
from amends.cases.complaints.actions.letters import decided
from amends.cases.complaints.actions.settle import settle_many
from amends.cases.complaints.models import Complaint, Decision
from amends.engines.decisions.decide import PERSON, ProposedDecision
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class GroupReplyPreview:
    """What would be sent to one complainant.

    left      why it would not be: "no_decision", "person_must_decide", "answered"; "" if it would
    decision  the decision whose words these are
    """

    complaint: str
    tracking_code: str
    language: str
    verdict: str
    amount_minor: int
    currency: str
    subject: str
    body: str
    left: str
    decision: str = ""


def outlooks(
    refs: Iterable[str], *, openings: Mapping[str, str], now: datetime, brand: str = ""
) -> list[GroupReplyPreview]:
    """The letter each of these complaints would get; nothing is stored.

    openings  what opens every letter, in "zh" and "en"
    """
    found_outlooks = []
    for batch in _batches(list(dict.fromkeys(refs))):
        rows = Complaint.objects.filter(id__in=batch, kind="complaint")
        rows = rows.filter(brand=brand) if brand else rows
        newest: dict[str, Decision] = {}
        for decision in Decision.objects.filter(complaint__in=batch).order_by("at", "id"):
            newest[decision.complaint_id] = decision
        found_outlooks += [
            _outlook(row, newest.get(row.id), openings, now)
            for row in rows.order_by("received_at", "id")
        ]
    return found_outlooks


def answer_together(
    refs: Iterable[str], *, openings: Mapping[str, str], actor: Actor, now: datetime
) -> tuple[list[str], dict[str, str]]:
    """Settle these as they stand; returns those answered, and of the others why not.

    Each leaves exactly once: a complaint that was answered is not under investigation any more, so
    that a second call, or one after a crash, passes it over.
    """
    answered: list[str] = []
    left: dict[str, str] = {}
    for batch in _batches(list(dict.fromkeys(refs))):
        going = []
        for outlook in outlooks(batch, openings=openings, now=now, brand=actor.brand):
            if outlook.left:
                left[outlook.complaint] = outlook.left
            else:
                going.append(outlook)
        _settle(going, actor, now, answered, left)
    return answered, left


def _settle(
    going: Sequence[GroupReplyPreview],
    actor: Actor,
    now: datetime,
    answered: list[str],
    left: dict[str, str],
) -> None:
    """Settle together; where that is refused, apart, so that one complaint stops no other."""
    if not going:
        return
    letters = {outlook.complaint: (outlook.subject, outlook.body) for outlook in going}
    seen = {outlook.complaint: outlook.decision for outlook in going}
    try:
        with transaction.atomic():
            answered += settle_many(
                list(letters), actor=actor, now=now, texts_by_ref=letters, seen=seen
            )
        return
    except OperationalError:
        raise
    except Refused as refusal:
        if len(going) == 1:
            left[going[0].complaint] = str(refusal)
            return
    half = len(going) // 2
    _settle(going[:half], actor, now, answered, left)
    _settle(going[half:], actor, now, answered, left)


def _outlook(
    row: Complaint, decision: Decision | None, openings: Mapping[str, str], now: datetime
) -> GroupReplyPreview:
    left = ""
    if row.state in _ANSWERED or not row.is_open:
        left = "answered"
    elif row.state != "investigating" or decision is None or not row.verdict:
        left = "no_decision"
    elif decision.verdict == PERSON:
        left = "person_must_decide"
    subject = body = ""
    if decision is not None and not left:
        ruling = ProposedDecision.from_dict(decision.decision)
        kind, fields = decided(row, decision, ruling, now=now)
        letter = preview(ReplyDraft(row, kind, fields))
        opening = openings["zh" if is_chinese(row.language) else "en"].strip()
        subject, body = letter.subject, _opened(letter.body, opening)
    return GroupReplyPreview(
        complaint=row.id,
        tracking_code=row.code_public,
        language=row.language,
        verdict=row.verdict,
        amount_minor=row.amount_minor,
        currency=row.currency,
        subject=subject,
        body=body,
        left=left,
        decision=decision.id if decision else "",
    )


_ANSWERED = frozenset(
    {
        "proposed",
        "accepted",
        "implementing",
        "resolved",
        "confirmed",
        "closed_unconfirmed",
        "not_upheld",
        "inadmissible",
        "withdrawn",
        "with_regulator",
        "closed",
        "deadlocked",
    }
)


def _opened(body: str, opening: str) -> str:
    """The letter with the common words between its greeting and what it says."""
    greeting, gap, remainder = body.partition("\n\n")
    return f"{greeting}{gap}{opening}\n\n{remainder}" if remainder else f"{opening}\n\n{body}"


def _batches(refs: Sequence[str]) -> Iterator[list[str]]:
    for part in slices(refs, _AT_ONCE):
        yield list(part)
