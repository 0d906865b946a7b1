"""An emergency is evidence of the complaints it covers: the suggestion and its letter say so."""

from __future__ import annotations

from datetime import timedelta

from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd

from amends.cases.complaints.actions.letters import decided
from amends.cases.complaints.jobs.reinvestigate import reinvestigate
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.status import newest_decisions
from amends.engines.decisions.decide import ProposedDecision as Ruling
from amends.problems.emergencies.actions.declare import Declaration, DeclaredScope, declare
from amends.problems.emergencies.actions.end_emergency import end_cause
from amends.problems.emergencies.actions.publish import Wording, publish
from amends.record.catalogue.models import Area
from amends.record.ledger.queries import facts_on

WORDS = Wording("光缆中断", "Cables broke", "每天都会减免。", "Each day is credited.")
LATER = NOW + timedelta(hours=1)


def found(ref: str) -> str:
    complaint, decision = Complaint.objects.get(id=ref), newest_decisions([ref])[ref]
    ruling = Ruling.from_dict(decision.decision)
    return decided(complaint, decision, ruling, now=LATER)[1].get("found", "")


def test_a_suggestion_made_before_the_declaration_is_made_anew(crowd: Crowd) -> None:
    Complaint.objects.update(may_act_alone=False, handler="usr-1")
    said = Declaration("outage", "level3", "cables broke")
    declare(crowd.issue, said, actor=crowd.manager, now=NOW)
    publish(crowd.issue, WORDS, actor=crowd.manager, now=NOW)
    ref = crowd.complaints[0]
    assert "光缆中断" not in found(ref)
    assert reinvestigate(now=LATER) == [], "who has taken it over settles it"
    assert "属于已经启动应急的事件" in found(ref)
    assert "“光缆中断”，每天都会减免。" in found(ref)
    Complaint.objects.update(may_act_alone=False)
    decision = newest_decisions([ref])[ref].id
    reinvestigate(now=LATER)
    assert newest_decisions([ref])[ref].id == decision, "read once"


def test_it_is_stated_on_every_area_hit_and_ends_with_its_cause(crowd: Crowd) -> None:
    north = Area.objects.create(code="north", name_zh="北", name_en="North")
    Area.objects.create(code="north-1", name_zh="北一", name_en="North 1", parent=north)
    said = Declaration("outage", "level3", "cables broke", DeclaredScope(areas=("north",)))
    declare(crowd.issue, said, actor=crowd.manager, now=NOW)
    end_cause(crowd.issue, because="mended", actor=crowd.manager, now=LATER)
    for kind in ("IncidentOpened", "IncidentClosed"):
        (fact,) = facts_on("north-1", kinds=[kind])
        assert (fact.payload["area"], fact.source) == ("north-1", "hotissues")
