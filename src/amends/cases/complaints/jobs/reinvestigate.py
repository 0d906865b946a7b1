"""Look again: feeds state once a day how complete they are, complaints are read within a second.

What waits for a person only because records were not known to be complete is read again when a
source has stated something about that time, and rules settle then what rules may settle. So is what
belongs to a declared incident its suggestion does not cite at the moment.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import OperationalError
from django.db.models import QuerySet

from amends.cases.complaints.actions.incidents import hot_issue_subject
from amends.cases.complaints.actions.investigate_again import investigate_again
from amends.cases.complaints.actions.settle import settle_alone
from amends.cases.complaints.models import Complaint, Decision, Identity, Kind
from amends.cases.complaints.queries.status import newest_decisions
from amends.engines.decisions.dossier.network import KINDS, facts_that_hold
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import StoredFact, facts_on, stated_since

LACKING = ("feed_not_covered", "charges_incomplete")
# A day or two without this job must not make it miss what was stated meanwhile.
STATED_WITHIN = timedelta(days=3)
# What is stated in a long transaction bears the time at which that began.
_LATE_COMMIT_MS = 600_000
AT_ONCE = 200
DESK = system("desk")
log = logging.getLogger("amends.pipeline")


def reinvestigate(*, now: datetime, limit: int = AT_ONCE) -> list[str]:
    """Read again what lacked records that came since; returns the complaints rules settled then.

    Nothing is touched that somebody has decided or handed up for approval, nor what somebody has
    taken over, but for the suggestion where it does not cite the incident; they settle it.
    """
    alone = []
    waiting = [(ref, seen, "incident_stated") for ref, seen in _in_incidents(limit)]
    waiting += [(ref, seen, "records_came") for ref, seen in _waiting(now, limit)]
    for ref, seen, verb in waiting:
        try:
            outcome = investigate_again(ref, actor=DESK, now=now, seen=seen, verb=verb)
        except Refused:
            continue
        except OperationalError:
            raise
        except Exception:
            log.exception("A complaint could not be read anew.")
            continue
        if outcome.alone and not outcome.complaint.handler:
            alone.append(ref)
    return settle_alone(alone, now=now) if alone else []


def _in_incidents(limit: int) -> list[tuple[str, str]]:
    """Complaint and its decision, where that cites other facts on its incident than hold now."""
    issues = dict(
        _undecided(include_handled=True).exclude(hot_issue=None).values_list("id", "hot_issue")
    )
    subjects = {number: hot_issue_subject(number) for number in set(issues.values())}
    stated: dict[str, list[StoredFact]] = defaultdict(list)
    for fact in facts_on(subjects.values(), kinds=KINDS):
        stated[fact.subject].append(fact)
    hold = {subject: facts_that_hold(facts) for subject, facts in stated.items()}
    within = [ref for ref, number in issues.items() if subjects[number] in hold]
    pairs = []
    for part in slices(within):
        for ref, decision in newest_decisions(part).items():
            subject = subjects[issues[ref]]
            cited = {
                fact
                for row in decision.dossier.get("rows", ())
                if row["question"] == "declared_incident" and row["about"] == subject
                for fact in row["facts"]
            }
            stated_ids = {fact.id for fact in stated[subject]}
            if decision.overrules_id is None and cited & stated_ids != hold[subject]:
                pairs.append((ref, decision.id))
    return pairs[:limit]


def _waiting(now: datetime, limit: int) -> list[tuple[str, str]]:
    """Complaint and its decision, where something was stated since about the time it reads."""
    stated = stated_since(now - STATED_WITHIN)
    if not stated:
        return []
    pairs = []
    for ref, decision, at_ms, start_ms, until_ms in _lacking(stated[-1][0]):
        if any(
            recorded > at_ms and begins < until_ms and ends > start_ms
            for recorded, begins, ends in stated
        ):
            pairs.append((ref, decision))
        if len(pairs) == limit:
            break
    return pairs


def _undecided(*, include_handled: bool = False) -> QuerySet[Complaint]:
    """What rules left to a person, by next deadline; what somebody has taken over only if asked."""
    return (
        Complaint.objects.filter(
            is_open=True,
            state="investigating",
            history=False,
            kind=Kind.COMPLAINT,
            identity=Identity.VERIFIED,
            approval_role="",
            may_act_alone=False,
            **({} if include_handled else {"handler": ""}),
        )
        .exclude(subscriber="")
        .exclude(verdict="")
        .order_by("next_due_at", "id")
    )


def _lacking(stated_ms: int) -> Iterator[tuple[str, str, int, int, int]]:
    """What rules left to a person before `stated_ms` because records lack, by next deadline."""
    refs = list(_undecided().values_list("id", flat=True))
    for part in slices(refs):
        decisions = Decision.objects.filter(complaint__in=part).order_by("at", "id")
        newest = {
            ref: (decision_id, at)
            for ref, decision_id, at in decisions.values_list("complaint", "id", "at")
        }
        read_ms = {
            decision_id: to_ms(at) - _LATE_COMMIT_MS
            for decision_id, at in newest.values()
            if to_ms(at) - _LATE_COMMIT_MS < stated_ms
        }
        lacking = Decision.objects.filter(
            id__in=read_ms, overrules=None, decision__why_person__in=LACKING
        )
        periods = dict(lacking.order_by("id").values_list("id", "matter"))
        for ref in part:
            decision_id = newest[ref][0] if ref in newest else ""
            if decision_id in periods:
                yield (
                    ref,
                    decision_id,
                    read_ms[decision_id],
                    periods[decision_id]["start_ms"],
                    periods[decision_id]["until_ms"],
                )
