"""Bulk resolution: propose the same credit for everybody who is hit and silent, each once.

Those who complained get what their own verdict says. The proposals wait in `remedies`, where
somebody whose limit covers it approves them; refunds of a charge stay within the charge there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.platform.database.rows import update
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput
from amends.problems.emergencies.actions.notify_silent import find_silent
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import Affected, Emergency
from amends.problems.emergencies.queries.affected import complainants_in
from amends.problems.emergencies.queries.support import credit_cause
from amends.problems.hotissues.actions.authority import demand, locked
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.queries import approver_of, remedies_of

_AT_ONCE = 200
_MOST_MINOR = 10_000_000


class UnableToRelieve(BadInput):
    """The amount or the reason is missing, or nobody is left to propose it for."""

    code = "unable_to_relieve"


@dataclass(frozen=True, slots=True)
class Relief:
    """What is given to each: minor units, and why in both languages."""

    amount_minor: int
    currency: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class ReliefOutlook:
    """What a relief would propose: persons, the sum, and whose limit each proposal needs.

    approver  the lowest role that may approve one of them, "" where none may
    """

    people: int
    amount_minor: int
    currency: str
    approver: str


def relief_outlook(
    issue: HotIssue, relief: Relief, *, brand: str = "", now: datetime
) -> ReliefOutlook:
    """The counts of a relief; nothing is proposed."""
    people = len(without_relief(issue, brand=brand))
    role = approver_of(relief.amount_minor, relief.currency, timezone.localdate(now)).role
    return ReliefOutlook(
        people=people,
        amount_minor=people * relief.amount_minor,
        currency=relief.currency,
        approver=role,
    )


def relieve(ref: str, relief: Relief, *, actor: Actor, now: datetime) -> int:
    """Propose the relief for everybody it was not proposed for yet; how many.

    In a drill the proposals are counted and none reaches `remedies`.
    """
    demand(actor, "hotissues.silent", now)
    reasons = (relief.reason_zh.strip(), relief.reason_en.strip())
    if not 0 < relief.amount_minor <= _MOST_MINOR or not all(reasons):
        raise UnableToRelieve(
            _("A relief needs an amount, and its reason in both languages."),
            meaning=_("Nothing was proposed."),
            next_step=_("Say what each gets, and why."),
        )
    with transaction.atomic():
        issue = locked(ref, actor)
        if emergency := Emergency.objects.filter(issue=issue).first():
            find_silent(issue, emergency, now=now)
    proposed = 0
    for part in slices(without_relief(issue, brand=actor.brand), _AT_ONCE):
        with transaction.atomic():
            # Another desk may propose for the same at this moment: whoever locks a row first does.
            rows = issue.affected.select_for_update().filter(id__in=part, proposed_at__isnull=True)
            batch = list(rows.order_by("id"))
            if batch and not issue.drill:
                propose([_proposal(row, issue, relief) for row in batch], by=actor.ref, now=now)
            for row in batch:
                row.amount_minor, row.currency = relief.amount_minor, relief.currency
                row.proposed_at = now
            update(batch, ["amount_minor", "currency", "proposed_at"])
        proposed += len(batch)
    if not proposed:
        raise UnableToRelieve(
            _("There are no users left to propose it for."),
            next_step=_("State first who is affected: by offer, by area."),
        )
    with transaction.atomic():
        issue = locked(ref, actor)
        details: dict[str, object] = {
            "people": proposed,
            "amount_minor": relief.amount_minor,
            "currency": relief.currency,
        }
        note(issue, "relief_proposed", actor=actor, now=now, reason=reasons[1], details=details)
        if not without_relief(issue):
            done(issue, "relief", actor=actor, now=now, details=details)
    return proposed


def relief_waits(issue: HotIssue) -> bool:
    """Whether a proposal of the issue's relief is neither approved nor rejected yet."""
    if issue.drill:
        return False
    rows = issue.affected.filter(proposed_at__isnull=False).order_by("id")
    causes = [credit_cause(ref) for ref in rows.values_list("id", flat=True)]
    for part in slices(causes, _AT_ONCE):
        for remedies in remedies_of(part).values():
            if any(remedy.state in ("proposed", "offered") for remedy in remedies):
                return True
    return False


def without_relief(issue: HotIssue, *, brand: str = "") -> list[str]:
    """Of those hit and silent, whom nothing was proposed for yet: who has complained since gets
    what their own verdict says."""
    rows = issue.affected.filter(proposed_at__isnull=True)
    rows = rows.filter(brand=brand) if brand else rows
    spoke = complainants_in(issue)
    return [
        ref
        for ref, subscriber_ref in rows.order_by("id").values_list("id", "subscriber")
        if subscriber_ref not in spoke
    ]


def _proposal(row: Affected, issue: HotIssue, relief: Relief) -> Proposal:
    return Proposal(
        cause=credit_cause(row.id),
        kind="credit",
        subscriber=row.subscriber,
        brand=row.brand,
        amount_minor=relief.amount_minor,
        currency=relief.currency,
        reason_zh=relief.reason_zh.strip(),
        reason_en=relief.reason_en.strip(),
        rule=f"issue {issue.number}",
    )
