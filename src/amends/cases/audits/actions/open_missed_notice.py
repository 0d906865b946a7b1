"""Open one missed notice in a case: whose it is, masked, with its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from amends.cases.audits.queries import MissedNoticeView, missed_notice
from amends.people.access.actions.evidence import evidence
from amends.people.access.actions.look import MaskedValue, look
from amends.people.access.actions.open_case import open_case
from amends.people.access.queries import cases_for, may
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput, Refused
from amends.record.ledger.queries import StoredFact

KINDS = (
    "NoticeDue",
    "NoticeSent",
    "NoticeDelivered",
    "NoticeFailed",
    "UsageCrossed",
    "ChargeMade",
    "RefundMade",
)
_BEFORE, _AFTER = timedelta(days=31), timedelta(days=62)


@dataclass(frozen=True, slots=True)
class OpenedNotice:
    """A notice owed, whose it is (masked), and the facts of that time."""

    notice: MissedNoticeView
    name: MaskedValue
    phone: MaskedValue
    facts: tuple[StoredFact, ...]
    case: str


def open_missed_notice(key: str, *, actor: Actor, now: datetime) -> OpenedNotice:
    """Show whose notice it is; leaves `DataAccessed` facts, or shows nothing.

    The platform opens the case, because the notice itself is the reason; a person looks in it.
    """
    if not may(actor.roles, "notices.owed", at=now):
        raise Refused(
            _("Your role does not see missed notices."),
            meaning=_("Nothing was shown."),
            next_step=_("Ask a senior handler or a service-quality manager."),
            code="unable_to_open_notice",
        )
    missed = missed_notice(key, brand=actor.brand)
    if missed is None:
        raise BadInput(
            _("There is no such missed notice."),
            meaning=_("It has arrived meanwhile, or an audit no longer finds it."),
            next_step=_("Load the list again."),
            code="notice_unknown",
        )
    notice, subscriber = missed
    case = _case(notice, subscriber, now)
    seen = look(actor, case, ("name", "phone"), now=now)
    read = evidence(actor, case, kinds=KINDS, now=now)
    facts = tuple(fact for fact in read.facts if fact.subject == notice.service)
    return OpenedNotice(
        notice=notice, name=seen["name"], phone=seen["phone"], facts=facts, case=case
    )


def _case(notice: MissedNoticeView, subscriber: str, now: datetime) -> str:
    reference = f"notice:{notice.key}"
    for case in cases_for(reference):
        if case.closed_at is None:
            return case.ref
    return open_case(
        system("auditor"),
        subscriber=subscriber,
        purpose="notice",
        reference=reference,
        service=notice.service,
        start=notice.due_at - _BEFORE,
        end=notice.due_at + _AFTER,
        now=now,
    )
