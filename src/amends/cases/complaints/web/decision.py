"""The tab *Verdict*: verdict, amount, reasons, what would be done, who approves, the reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.answer import ReplyDraft, UnableToWriteReply, preview
from amends.cases.complaints.actions.letters import decided as letter_of
from amends.cases.complaints.queries.casefile import (
    CaseFile,
    Complaint,
    DecidedBy,
    Decision,
    DecisionOnFile,
    PendingApproval,
    complaints_of,
)
from amends.cases.complaints.queries.status import newest_decisions
from amends.cases.complaints.texts.rules import rule_words
from amends.cases.complaints.web.questions import question_for
from amends.cases.complaints.web.words import REMEDIES, STRENGTHS, VERDICTS
from amends.channels.queries.contacts import opened_column
from amends.engines.decisions.clocks import RuleStatement
from amends.engines.decisions.compensation import compensation_statements
from amends.engines.decisions.rulings.model import ProposedDecision
from amends.people.access.queries.colleagues import names_with_roles
from amends.people.access.queries.rights import role_title
from amends.people.access.web.refusals import refusal_text
from amends.people.access.web.signs import sign
from amends.people.access.web.words import chinese
from amends.platform.kit.actors import Actor, is_user
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_money, join_words
from amends.platform.kit.packs import day_in
from amends.work.remedies.queries import (
    RemedyView,
    approver_of,
    may_approve_amount,
    refunds_of,
    roles_for,
)


def decision_context(
    file: CaseFile,
    names: dict[str, str],
    *,
    actor: Actor,
    now: datetime,
    pending: PendingApproval | None = None,
) -> dict[str, Any]:
    """What the tab shows, with or without a decision.

    pending  it was approved and can still be undone: nothing else is done with it meanwhile
    """
    current = file.current
    complaint = file.complaint
    waiting = complaint.state == "investigating" and not complaint.history and not pending
    context: dict[str, Any] = {
        "remedies": [(remedy, REMEDIES.get(remedy.kind, remedy.kind)) for remedy in file.remedies],
        "waiting": waiting,
    }
    if current is None:
        return context
    # A corrected class takes the proposal away that was made for the class before.
    dropped = waiting and not complaint.verdict
    decided = current.row.verdict != "person_must_decide" and not dropped
    verdict = current.verdict
    return context | {
        "verdict": sign(VERDICTS, current.row.verdict),
        "dropped": dropped,
        "decision": verdict,
        "reasons": _reasons(current),
        "strength": STRENGTHS.get(current.row.strength, "") if decided else "",
        "decided_by": _decided_by(current.row, names, pending, waiting=waiting),
        "why": verdict.why("zh" if chinese() else "en") if verdict else "",
        "ask": question_for(verdict.why_person, complaint.language) if verdict else "",
        "warning": verdict.warning("zh" if chinese() else "en") if verdict else "",
        "also": [zh if chinese() else en for zh, en in verdict.also] if verdict else [],
        "proposals": _proposals(verdict),
        "can_approve": waiting and decided,
        "can_overrule": waiting,
        "approver": _approver(current, now) if waiting else "",
        "draft": _draft(file, now) if waiting and decided else None,
        "pending_letter": _pending_letter(file, pending, now) if pending else None,
        **(_higher(file, current, actor, now) if waiting and decided else {}),
    }


def _decided_by(
    decision: Decision, names: dict[str, str], pending: PendingApproval | None, *, waiting: bool
) -> str:
    """Who decided, has decided and not approved yet, or that a rule proposes it."""
    if pending:
        decision.decided_by = decision.decided_with(pending.approved_by)
        decision.approved_by = pending.approved_by
    elif is_user(decision.by):
        decision.decided_by = DecidedBy.PERSON
    elif waiting and decision.alone:
        return _("proposed by rule; the rule may act alone")
    elif not decision.decided_by:
        return _("proposed by rule")
    return decision.decided_by_text(names)


@dataclass(frozen=True, slots=True)
class EarlierRefund:
    """What was refunded of a charge before; `complaint` is None where no complaint asked."""

    remedy: RemedyView
    reason: str
    complaint: Complaint | None


def earlier_refunds(complaint: Complaint) -> list[EarlierRefund]:
    """What else gives back of the charges that the current decision of a complaint names."""
    current = newest_decisions([complaint.id]).get(complaint.id)
    if current is None:
        return []
    ruling = ProposedDecision.from_dict(current.decision)
    charges = {remedy.charge for remedy in ruling.remedies if remedy.charge}
    refunds = refunds_of([f"complaint:{complaint.id}"], charges)
    refs = [refund.cause.removeprefix("complaint:") for refund in refunds]
    complaints = {
        complaint_row.id: complaint_row
        for complaint_row in complaints_of(refs, brand=complaint.brand)
    }
    return [
        EarlierRefund(
            refund,
            refund.reason_zh if chinese() else refund.reason_en,
            complaints.get(refund.cause.removeprefix("complaint:")),
        )
        for refund in refunds
    ]


def unfixed(complaint: Complaint) -> list[RuleStatement]:
    """What the rules of the day of receipt say of compensation without fixing an amount."""
    try:
        return compensation_statements(
            jurisdiction=complaint.jurisdiction,
            province=complaint.province,
            kind=complaint.code,
            on=day_in(complaint.jurisdiction, complaint.received_at),
        )
    except AmendsError:  # no rules of that day, or a class this version does not know
        return []


def _higher(file: CaseFile, current: DecisionOnFile, actor: Actor, now: datetime) -> dict[str, Any]:
    """Where the actor's limit does not cover what is granted: who may, and whether they are asked.

    What is upheld in part is offered to the user first; a higher limit is asked on acceptance.
    """
    amount, currency = current.row.amount_minor, current.row.currency
    today = timezone.localdate(now)
    if current.row.verdict != "upheld" or (
        may_approve_amount(actor.roles, amount, currency, today)
    ):
        return {}
    needed = approver_of(amount, currency, today).role
    who = names_with_roles(roles_for(amount, currency, today), brand=file.complaint.brand)
    return {
        "above_limit": True,
        "can_ask": bool(needed),
        "asked_role": role_title(file.complaint.approval_role),
        "needed_role": role_title(needed),
        "who_may": join_words(who, "zh" if chinese() else "en"),
    }


def closed_decision(current: DecisionOnFile | None) -> dict[str, Any]:
    """The tab for somebody to whom the records are closed: the verdict, and why no more."""
    context: dict[str, Any] = {"remedies": [], "waiting": False, "closed": True}
    if current is not None:
        context["verdict"] = sign(VERDICTS, current.row.verdict)
    return context


def _reasons(current: DecisionOnFile) -> list[dict[str, Any]]:
    if current.verdict is None:
        return []
    language = "zh" if chinese() else "en"
    numbers: dict[str, int] = {}
    for number, row in enumerate(current.dossier.rows if current.dossier else (), start=1):
        numbers.setdefault(row.question, number)
    return [
        {
            "text": reason.text(language),
            "rule_title": rule_words(reason.rule).title,
            "rule_text": reason.rule_text(language),
            "source": reason.source,
            "verified": reason.verified,
            "row": numbers.get(reason.question),
        }
        for reason in current.verdict.reasons
    ]


def _proposals(verdict: ProposedDecision | None) -> list[str]:
    if verdict is None:
        return []
    remedies = verdict.remedies
    if not remedies and verdict.suggestion:
        remedies = verdict.suggestion.remedies
    language = "zh" if chinese() else "en"
    return [remedy.text(language) for remedy in remedies]


def _approver(current: DecisionOnFile, now: datetime) -> str:
    """Who may approve the amount, in a sentence."""
    amount, currency = current.row.amount_minor, current.row.currency
    if not amount:
        return ""
    needed = approver_of(amount, currency, timezone.localdate(now))
    limit = format_money(needed.limit_below_minor, currency)
    if needed.role == "handler":
        return _("Any handler may approve it.")
    if needed.role == "senior_handler":
        return _("Above a handler's limit of %(limit)s: a senior handler approves it.") % {
            "limit": limit
        }
    if needed.role == "manager":
        return _("Above %(limit)s: a manager approves it.") % {"limit": limit}
    return _("Above every approval limit: no one here can approve it.")


def _pending_letter(file: CaseFile, pending: PendingApproval, now: datetime) -> dict[str, str]:
    """The letter as it was approved: as it was edited, else as its template writes it."""
    written = {
        "subject": opened_column(pending, "subject_sealed"),
        "body": opened_column(pending, "body_sealed"),
        "language": file.complaint.language,
    }
    return written if written["body"] else _draft(file, now) or written


def _draft(file: CaseFile, now: datetime) -> dict[str, str] | None:
    """The reply as the template writes it (it is stored when it leaves), or why it cannot be."""
    current = file.current
    if current is None or current.verdict is None:
        return None
    try:
        kind, fields = letter_of(file.complaint, current.row, current.verdict, now=now)
        text = preview(ReplyDraft(file.complaint, kind, fields))
    except UnableToWriteReply as error:
        return {"refused": str(refusal_text(error))}
    return {"subject": text.subject, "body": text.body, "language": file.complaint.language}
