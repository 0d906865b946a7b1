"""Decide a case of misuse, with the consequence for the user and the partner."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.access.actions.deactivate_user import suspend
from amends.facts.fact import Fact
from amends.kit.actors import Actor
from amends.kit.errors import BadInput
from amends.ledger.actions.append import append
from amends.partners.actions.sanction import impose
from amends.privacy.actions.authority import UnableToActOnPrivacy, check
from amends.privacy.models import MisuseCase
from amends.privacy.queries import of_brand


class UnableToDecideMisuse(BadInput):
    """There is no such open case, no such decision, or no reason."""

    code = "unable_to_decide_misuse"


def decide_misuse(
    ref: str, decision: str, *, reason: str, actor: Actor, now: datetime
) -> MisuseCase:
    """Close a case. A warning or suspension of a partner's user is a sanction of the partner too;
    a suspension closes the user's account.
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
        case.decision, case.reason = decision, reason.strip()[:500]
        case.decided_by, case.decided_at = actor.ref, now
        if case.partner and decision in ("warning", "suspension"):
            case.sanction = impose(case.partner, kind=decision, reason=case.reason[:300], now=now)
        if decision == "suspension":
            suspend(case.user, actor=actor, now=now)
        case.save()
        payload: dict[str, str | int] = {
            "case": ref,
            "user": case.user,
            "decision": decision,
            "by": actor.ref,
            "alerts": case.alerts.count(),
        }
        if case.sanction:
            payload["sanction"] = case.sanction
        append([Fact("MisuseDecided", "", ref, now, "privacy", payload)], now=now)
    return case
