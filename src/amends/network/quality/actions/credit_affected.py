"""Propose a credit by rule for everybody an incident affected, once it has ended.

The proposals wait in `remedies`, where somebody whose limit covers it approves them. Whose own
complaint already gave them something gets nothing more by it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from amends.network.quality.actions.incident_records import record_event
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import IncidentPerson, NetworkIncident
from amends.network.quality.queries.affected import lines_hit
from amends.network.quality.rules.credits import credit_minor, credit_rule
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import offers
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.queries import remedies_of

AT_ONCE = 200
JOB = system("quality")
_NOT_GIVEN = ("rejected", "failed")


def credit_ended(*, now: datetime) -> int:
    """One pass over ended incidents without credits; how many credits were proposed."""
    rows = NetworkIncident.objects.filter(state=IncidentState.ENDED, credited_at__isnull=True)
    return sum(credit_affected(row, now=now) for row in rows.order_by("ended_at", "number"))


def credit_affected(row: NetworkIncident, *, now: datetime) -> int:
    """Propose what the rule gives to each affected user of an ended incident, each once."""
    assert row.ended_at is not None
    rule = credit_rule(timezone.localdate(row.started_at))
    lasted = row.ended_at - row.started_at
    prices = {offer.ref: (offer.price_minor, offer.currency) for offer in offers(row.started_at)}
    amounts: dict[str, tuple[int, str]] = {}
    # Where only some cells were hit nobody knows whose: a person decides on those complaints.
    for person, lines in lines_hit(row).items() if row.severity != "minor" else ():
        fees = [prices[line.offer] for line in lines if line.offer in prices]
        total = sum(credit_minor(rule, row.kind, lasted, fee) for fee, _currency in fees)
        if total:
            amounts[person] = (total, fees[0][1])
    for person in _given_by_complaint(row) & set(amounts):
        del amounts[person]
    proposed = 0
    for part in slices(sorted(amounts), AT_ONCE):
        with transaction.atomic():
            proposed += _propose(row, list(part), amounts, rule.version, now)
    with transaction.atomic():
        row.credited_at = now
        row.save(update_fields=["credited_at"])
        if proposed:
            record_event(row, "credited", by=JOB.ref, at=now, people=proposed, rule=rule.version)
    return proposed


def _given_by_complaint(row: NetworkIncident) -> set[str]:
    """Those whose complaint of this incident gave them something."""
    owners = dict(row.complaints.exclude(subscriber="").values_list("complaint", "subscriber"))
    remedies_by_complaint = remedies_of(list(owners))
    return {
        owners[ref]
        for ref, own_remedies in remedies_by_complaint.items()
        if any(remedy.state not in _NOT_GIVEN for remedy in own_remedies)
    }


def _propose(
    row: NetworkIncident,
    people: list[str],
    amounts: dict[str, tuple[int, str]],
    rule: str,
    now: datetime,
) -> int:
    subscriber_views = subscribers(people)
    fresh = [
        IncidentPerson(incident=row, subscriber=person, brand=subscriber_views[person].brand)
        for person in people
        if person in subscriber_views and subscriber_views[person].status not in ("left", "erased")
    ]
    create(fresh, or_leave=True)
    rows = row.people.select_for_update().filter(subscriber__in=people, credit_minor=0)
    batch = list(rows.order_by("id"))
    reasons = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            reasons[language] = _("Network incident %(number)s in your area") % {
                "number": row.number
            }
    propose(
        [
            Proposal(
                cause=f"{row.ref}:{incident_person.subscriber}",
                kind="credit",
                subscriber=incident_person.subscriber,
                brand=incident_person.brand,
                amount_minor=amounts[incident_person.subscriber][0],
                currency=amounts[incident_person.subscriber][1],
                reason_zh=reasons["zh-hans"],
                reason_en=reasons["en"],
                rule=rule,
            )
            for incident_person in batch
        ],
        by=JOB.ref,
        now=now,
    )
    for incident_person in batch:
        incident_person.credit_minor, incident_person.currency = amounts[incident_person.subscriber]
    update(batch, ["credit_minor", "currency"])
    return len(batch)
