"""Appeal against a decision on misuse: noted, and decided by somebody who did not decide first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import UnableToActOnPrivacy, check
from amends.causes.privacy.models import MisuseCase
from amends.causes.privacy.queries import of_brand
from amends.people.access.actions.deactivate_user import reinstate
from amends.people.partners.actions.sanction import lift
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.approvals.queries import history_of

Decision, Outcome = MisuseCase.Decision, MisuseCase.Outcome


def note_appeal(ref: str, text: str, *, actor: Actor, now: datetime) -> MisuseCase:
    """Note what the person says against the decision; one appeal a case."""
    check(actor, "privacy.appeal")
    with transaction.atomic():
        case = of_brand(actor.brand).select_for_update().filter(ref=ref).first()
        if case is None or case.decided_at is None or case.appealed_at or not text.strip():
            raise Refused(
                _("This case is not open to an appeal."),
                meaning=_("Nothing was changed."),
                next_step=_("A decided case is appealed once, with the person's own words."),
                code="unable_to_appeal",
            )
        case.appeal, case.appealed_at = text.strip()[:500], now
        case.save(update_fields=["appeal", "appealed_at"])
    return case


def decide_appeal(
    ref: str, outcome: str, *, reason: str, actor: Actor, now: datetime
) -> MisuseCase:
    """Decide an appeal; where the decision is lifted, so are suspension and sanction."""
    check(actor, "privacy.appeal")
    with transaction.atomic():
        waiting = (
            of_brand(actor.brand)
            .select_for_update()
            .filter(ref=ref, appealed_at__isnull=False, appeal_decided_at=None)
        )
        case = waiting.first()
        if case is None or outcome not in Outcome.values or not reason.strip():
            raise Refused(
                _("There is no open appeal of that reference, or no reason is given."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the page again, choose an outcome and write why."),
                code="unable_to_appeal",
            )
        approvers = {item.answered_by for item in history_of("misuse_case", ref)}
        if actor.ref in {case.user, case.decided_by, *approvers}:
            raise UnableToActOnPrivacy(
                _("You decided this case, or it is about you."),
                meaning=_("Nothing was changed."),
                next_step=_("Somebody else must decide the appeal."),
            )
        case.appeal_outcome, case.appeal_reason = outcome, reason.strip()[:500]
        case.appeal_by, case.appeal_decided_at = actor.ref, now
        if outcome == Outcome.OVERTURNED:
            if case.decision == Decision.SUSPENSION:
                reinstate(case.user, actor=actor, now=now)
            if case.sanction:
                lift(case.sanction, now=now)
        case.save()
        payload: dict[str, str | int] = {"case": ref, "outcome": outcome, "by": actor.ref}
        append(
            [
                Fact(
                    kind="MisuseAppealed",
                    subscriber="",
                    subject=ref,
                    happened_at=now,
                    source="privacy",
                    payload=payload,
                )
            ],
            now=now,
        )
    return case
