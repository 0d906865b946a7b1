"""An incident declared later reopens complaints that were not upheld: a corrected answer follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd

from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.jobs.reopen_covered import reopen_covered
from amends.cases.complaints.models import Clock, Complaint, Event, Reply
from amends.cases.complaints.queries.status import newest_decisions
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.problems.emergencies.actions.declare import Declaration, DeclaredScope, declare
from amends.problems.hotissues.actions.join import leave
from amends.work.remedies.models import Remedy

pytestmark = [pytest.mark.postgres_too]
LATER = NOW + timedelta(hours=2)
SAID = Declaration("thirdparty", "level3", "a partner did it", DeclaredScope(("offer-ring",)))


def refuse(crowd: Crowd, ref: str) -> None:
    """Somebody decides that there was no fault, and the user is told so."""
    senior = crowd.staff["senior_handler"]
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        reason="no fault found",
        customer_text="我们没有查到故障。",
        actor=senior,
        now=NOW,
    )
    settle(ref, actor=crowd.manager, now=NOW)
    assert Complaint.objects.get(id=ref).state == "not_upheld"


def test_what_was_not_upheld_before_its_incident_is_opened_and_answered_anew(crowd: Crowd) -> None:
    ref, other = crowd.complaints[:2]
    refuse(crowd, ref)
    assert reopen_covered(now=LATER) == []
    declare(crowd.issue, SAID, actor=crowd.manager, now=LATER)
    assert reopen_covered(now=LATER) == [ref]
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.state, complaint.is_open, complaint.reopened_count) == ("reopened", True, 1)
    assert Clock.objects.filter(complaint=ref, step="resolve", met_at=None).exists()
    event = Event.objects.get(complaint=ref, verb="incident_found")
    assert event.details == {"incident": "hotissue-1"}
    letter = Reply.objects.get(complaint=ref, kind="incident_found")
    assert "先前的答复因此不再适用" in letter.body
    # Once for each incident, and nothing of the others is touched.
    assert reopen_covered(now=LATER) == []
    assert not Event.objects.filter(complaint=other, verb="incident_found").exists()
    process(now=LATER)
    decision = newest_decisions([ref])[ref]
    assert decision.verdict == "upheld"
    assert any(row["question"] == "declared_incident" for row in decision.dossier["rows"])
    # A person approves the corrected answer; what was taken is given back once.
    assert not decision.alone
    settle(ref, actor=crowd.manager, now=LATER)
    assert Complaint.objects.get(id=ref).state == "implementing"
    refunds = Remedy.objects.filter(cause=f"complaint:{ref}", kind="refund")
    assert [one.amount_minor for one in refunds] == [1000]
    bodies = [open_letter(one)[1] for one in OutboxMessage.objects.values_list("id", flat=True)]
    assert sum("先前的答复因此不再适用" in body for body in bodies) == 1


def test_an_incident_that_does_not_cover_a_complaint_is_considered_once(crowd: Crowd) -> None:
    ref = crowd.complaints[0]
    refuse(crowd, ref)
    leave(crowd.issue, [ref], because="another cause", actor=crowd.manager, now=NOW)
    declare(crowd.issue, SAID, actor=crowd.manager, now=LATER)
    assert reopen_covered(now=LATER) == []
    assert reopen_covered(now=LATER) == []
    assert Event.objects.filter(complaint=ref, verb="incident_considered").count() == 1
    assert Complaint.objects.get(id=ref).state == "not_upheld"


def test_a_pass_is_capped_and_the_next_one_goes_on(crowd: Crowd) -> None:
    for ref in crowd.complaints:
        refuse(crowd, ref)
    declare(crowd.issue, SAID, actor=crowd.manager, now=LATER)
    assert len(reopen_covered(now=LATER, limit=2)) == 2
    assert len(reopen_covered(now=LATER, limit=2)) == 1
