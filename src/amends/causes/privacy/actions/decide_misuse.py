"""Decide a case of misuse, with the consequence for the user and the partner."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import UnableToActOnPrivacy, check
from amends.causes.privacy.models import MisuseCase
from amends.causes.privacy.queries import of_brand
from amends.people.access.actions.deactivate_user import reinstate, suspend
from amends.people.access.queries.colleagues import people
from amends.people.partners.actions.sanction import impose, lift
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.registry import DecisionAct
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject

SUSPENSION = "privacy.suspend_user"


class UnableToDecideMisuse(BadInput):
    """There is no such open case, no such decision, or no reason."""

    code = "unable_to_decide_misuse"


def decide_misuse(
    ref: str, decision: str, *, reason: str, actor: Actor, now: datetime
) -> MisuseCase:
    """Close a case. A warning or suspension of a partner's user is a sanction of the partner too;
    a suspension closes the user's account at once, and a second person approves it within a day.
    """
    check(actor, "privacy.decide")
    if decision not in MisuseCase.Decision.values:
        raise UnableToDecideMisuse(_("There is no such decision."))
    if not reason.strip():
        raise UnableToDecideMisuse(
            _("A decision needs a reason."),
            meaning=_("Nothing was changed."),
            next_step=_("Write what you found and what the person said."),
        )
    with transaction.atomic():
        cases = of_brand(actor.brand).select_for_update()
        case = cases.filter(ref=ref, decided_at=None).first()
        if case is None:
            raise UnableToDecideMisuse(
                _("There is no open case of that reference."),
                next_step=_("Load the page again: a colleague may have decided it."),
            )
        if case.user == actor.ref:
            raise UnableToActOnPrivacy(
                _("This case is about you."),
                meaning=_("Nothing was changed."),
                next_step=_("Another privacy officer must decide it."),
            )
        if decision == MisuseCase.Decision.SUSPENSION:
            _request_suspension(case, reason=reason, actor=actor, now=now)
            case.refresh_from_db()
        else:
            _carry_out(case, decision, reason=reason, actor=actor, now=now)
    return case


def _request_suspension(case: MisuseCase, *, reason: str, actor: Actor, now: datetime) -> None:
    """Suspend at once; without the approval of a second person within a day it is undone."""
    user = people([case.user]).get(case.user, case.user)
    request_approval(
        SUSPENSION,
        subject=Subject(
            kind="misuse_case", key=case.ref, title=user, path=f"/desk/privacy/cases/{case.ref}/"
        ),
        reason=reason,
        actor=actor,
        now=now,
        benefits=[case.user],
        brands=[case.brand] if case.brand else [],
        urgent=True,
    )


def perform_suspension(act: DecisionAct) -> str:
    """Close the account of a case, and suspend the partner that the user works for."""
    case = MisuseCase.objects.select_for_update().get(ref=act.subject)
    decision = MisuseCase.Decision.SUSPENSION
    _carry_out(case, decision, reason=act.reason, actor=act.actor, now=act.now)
    return case.sanction


def undo_suspension(act: DecisionAct) -> None:
    """Open the account again and lift the sanction; the case shows that the decision is lifted."""
    case = MisuseCase.objects.select_for_update().get(ref=act.subject)
    if case.appeal_outcome == MisuseCase.Outcome.OVERTURNED:
        return
    reinstate(case.user, actor=act.actor, now=act.now)
    if case.sanction:
        lift(case.sanction, now=act.now)
    case.appealed_at = case.appealed_at or act.now
    case.appeal_outcome, case.appeal_decided_at = MisuseCase.Outcome.OVERTURNED, act.now
    case.appeal_by = act.actor.ref
    case.appeal_reason = act.answer or "No second person approved it in time."
    case.save()
    payload: dict[str, str | int] = {
        "case": case.ref,
        "outcome": str(case.appeal_outcome),
        "by": act.actor.ref,
    }
    append(
        [
            Fact(
                kind="MisuseAppealed",
                subscriber="",
                subject=case.ref,
                happened_at=act.now,
                source="privacy",
                payload=payload,
            )
        ],
        now=act.now,
    )


def _carry_out(
    case: MisuseCase, decision: str, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Record a decision with its consequences, and state it as a fact."""
    case.decision, case.reason = decision, reason.strip()[:500]
    case.decided_by, case.decided_at = actor.ref, now
    if case.partner and decision in ("warning", "suspension"):
        case.sanction = impose(case.partner, kind=decision, reason=case.reason[:300], now=now)
    if decision == MisuseCase.Decision.SUSPENSION:
        suspend(case.user, actor=actor, now=now)
    case.save()
    payload: dict[str, str | int] = {
        "case": case.ref,
        "user": case.user,
        "decision": str(decision),
        "by": actor.ref,
        "alerts": case.alerts.count(),
    }
    if case.sanction:
        payload["sanction"] = case.sanction
    append(
        [
            Fact(
                kind="MisuseDecided",
                subscriber="",
                subject=case.ref,
                happened_at=now,
                source="privacy",
                payload=payload,
            )
        ],
        now=now,
    )
