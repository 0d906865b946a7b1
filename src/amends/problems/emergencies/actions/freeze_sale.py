"""Take from sale what causes an issue, and give it back: stated, and asked for by the gates."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.subscribers.queries import is_offer
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.problems.emergencies.actions.steps import done
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.catalogue.actions.freeze import freeze, unfreeze
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def freeze_sale(
    ref: str, kind: str, what: str, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Freeze an offer, a campaign or a launch; orders of it are refused until it is lifted.

    In a drill nothing is frozen: the step is done, and said to be a drill.
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        _demand_open(issue)
        if not issue.drill:
            _check_known(kind, what)
            freeze(kind, what, cause=cause_of(issue), reason=reason, by=actor.ref, now=now)
            _state("SaleFrozen", issue, kind, what, reason, now)
        details: dict[str, object] = {"kind": kind, "ref": what}
        note(issue, "frozen", actor=actor, now=now, reason=reason, details=details)
        done(issue, "freeze", actor=actor, now=now, details=details)


def resume_sale(
    ref: str, kind: str, what: str, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Lift the freeze of this issue; a freeze of another issue remains."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        if not issue.drill:
            unfreeze(kind, what, cause=cause_of(issue), reason=reason, by=actor.ref, now=now)
            _state("SaleResumed", issue, kind, what, reason, now)
        note(
            issue,
            "resumed",
            actor=actor,
            now=now,
            reason=reason,
            details={"kind": kind, "ref": what},
        )


def _demand_open(issue: HotIssue) -> None:
    if issue.state != "open":
        raise Refused(
            _("The issue is closed."),
            meaning=_("Nothing was taken from sale."),
            next_step=_("Open it again, or freeze it for the issue that is open."),
            code="not_taken_from_sale",
        )


def _check_known(kind: str, what: str) -> None:
    """Refuse an offer the register does not know: a slip of the pen would stop no sale. Campaigns
    and launches have no register here."""
    if kind == "offer" and not is_offer(what.strip()):
        raise Refused(
            _("No offer has the reference %(ref)s.") % {"ref": what.strip()},
            meaning=_("Nothing was taken from sale: orders go through."),
            next_step=_("Choose the offer from the list."),
            code="not_taken_from_sale",
        )


def cause_of(issue: HotIssue) -> str:
    """How a freeze names its issue."""
    return f"issue:{issue.id}"


def _state(kind: str, issue: HotIssue, what: str, ref: str, reason: str, now: datetime) -> None:
    payload: dict[str, str | int] = {
        "what": what,
        "offer": ref,
        "reason": reason.strip()[:200],
        "issue": issue.id,
    }
    append(
        [
            Fact(
                kind=kind,
                subscriber="",
                subject=ref,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )
