"""Reopen complaints that were not upheld before the incident that covers them was declared.

The incident is new evidence: the complaint is opened again with its clocks, the user is told that
the earlier answer no longer holds, and the pipeline investigates it anew. A person approves the
corrected answer. Each incident is considered once for each complaint.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import OperationalError, transaction

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.incidents import hot_issue_subject
from amends.cases.complaints.actions.investigate import dossier_now
from amends.cases.complaints.actions.letters import regulator_fields
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.models import Complaint, Event, Identity, Kind
from amends.cases.complaints.queries.status import newest_decisions
from amends.engines.decisions.dossier.network import is_declared
from amends.people.subscribers.queries import services_of_many
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import StoredFact, facts_on

WITHIN = timedelta(days=180)
"""How long after a complaint was not upheld an incident still reopens it."""
AT_ONCE = 200
VERB = "incident_found"
CONSIDERED = "incident_considered"
DESK = system("desk")
log = logging.getLogger("amends.pipeline")


def reopen_covered(*, now: datetime, limit: int = AT_ONCE) -> list[str]:
    """One pass over complaints not upheld; returns those reopened, at most `limit` looked into."""
    reopened = []
    for ref, incident in _to_consider(now)[:limit]:
        try:
            if _reopen_if_covered(ref, incident, now):
                reopened.append(ref)
        except OperationalError:
            raise
        except Refused:
            log.exception("A complaint that an incident may cover could not be reopened.")
    return reopened


def _to_consider(now: datetime) -> list[tuple[str, str]]:
    """Complaint and the incident that may cover it, stated after the decision; oldest first."""
    rows = (
        Complaint.objects.filter(
            state="not_upheld",
            history=False,
            kind=Kind.COMPLAINT,
            identity=Identity.VERIFIED,
            state_since__gt=now - WITHIN,
        )
        .exclude(subscriber="")
        .exclude(case="")
        .order_by("state_since", "id")
    )
    pairs: list[tuple[str, str]] = []
    for part in slices(list(rows.values_list("id", flat=True))):
        pairs += _among(list(rows.filter(id__in=part)))
    return pairs


def _among(complaints: Sequence[Complaint]) -> list[tuple[str, str]]:
    services = services_of_many({complaint.subscriber for complaint in complaints})
    offers = {
        ref: {service.offer for service in subscribed} for ref, subscribed in services.items()
    }
    subjects = {
        complaint.id: _subjects(complaint, offers.get(complaint.subscriber, set()))
        for complaint in complaints
    }
    stated: dict[str, list[StoredFact]] = {}
    for fact in facts_on(set().union(*subjects.values()), kinds=["IncidentOpened"]):
        if is_declared(fact):
            stated.setdefault(fact.subject, []).append(fact)
    refs = [complaint.id for complaint in complaints]
    known_pairs = _cited(refs) | _considered(refs)
    pairs = []
    for complaint in complaints:
        facts = [
            fact for subject in sorted(subjects[complaint.id]) for fact in stated.get(subject, [])
        ]
        for fact in facts:
            incident = str(fact.payload["incident"])
            # A complaint may join the hot issue long after that was declared.
            fresh = fact.subject == incident or fact.recorded_at_ms > to_ms(complaint.state_since)
            ours = str(fact.payload.get("brand", "")) in ("", complaint.brand)
            if fresh and ours and (complaint.id, incident) not in known_pairs:
                pairs.append((complaint.id, incident))
                break
    return pairs


def _subjects(complaint: Complaint, offers: set[str]) -> set[str]:
    """What facts on incidents that may cover a complaint are on: its hot issue, area and offers."""
    issue = hot_issue_subject(complaint.hot_issue) if complaint.hot_issue is not None else ""
    return {issue, complaint.area, *offers} - {""}


def _cited(refs: Sequence[str]) -> set[tuple[str, str]]:
    """Complaint and an incident that its decision knew."""
    return {
        (ref, row["about"])
        for ref, decision in newest_decisions(refs).items()
        for row in decision.dossier.get("rows", ())
        if row["question"] == "declared_incident"
    }


def _considered(refs: Sequence[str]) -> set[tuple[str, str]]:
    events = Event.objects.filter(complaint__in=refs, verb__in=(VERB, CONSIDERED))
    return {
        (ref, str(details.get("incident", "")))
        for ref, details in events.values_list("complaint_id", "details")
    }


def _reopen_if_covered(ref: str, incident: str, now: datetime) -> bool:
    """Reopen it where the records of now show the incident; whether it was reopened."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.state != "not_upheld":
            return False
        papers = dossier_now(complaint, actor=DESK, now=now)
        covers = any(row.about == incident for row in papers.of("declared_incident"))
        details = {"incident": incident}
        if not covers:
            Event.objects.create(
                complaint=complaint, at=now, verb=CONSIDERED, actor=DESK.ref, details=details
            )
            return False
        move(complaint, VERB, actor=DESK, now=now, details=details)
        fields = regulator_fields(complaint, newest_decisions([ref]).get(ref), now=now)
        answer_many([ReplyDraft(complaint, VERB, fields)], actor=DESK, now=now)
    return True
