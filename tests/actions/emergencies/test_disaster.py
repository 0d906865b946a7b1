"""An issue is marked as a natural disaster: a fact, and rules that except one stop holding."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from tests.actions.complaints.conftest import NOW
from tests.actions.emergencies.test_emergency_command import run
from tests.actions.hotissues.conftest import Crowd
from tests.pages.conftest import colleague

from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.actions.end_emergency import missing_to_close
from amends.problems.emergencies.actions.mark_disaster import UnableToMarkDisaster, mark_disaster
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.disaster import disaster_of
from amends.problems.hotissues.actions.authority import UnableToLead
from amends.problems.hotissues.models import HotIssue
from amends.record.ledger.queries import facts_on

FLOOD = "flood in the north; the bureau of meteorology says so"


@pytest.fixture
def outage(crowd: Crowd) -> Crowd:
    said = Declaration("outage", "level3", "the north is without a line")
    declare(crowd.issue, said, actor=crowd.manager, now=NOW)
    Emergency.objects.update(pack="au")
    return crowd


def test_the_closing_rule_of_outages_does_not_hold_for_a_natural_disaster(outage: Crowd) -> None:
    issue = HotIssue.objects.get(id=outage.issue)
    who: Any = {"actor": outage.manager, "now": NOW}
    assert missing_to_close(issue)[0].id == "au_outage"
    mark_disaster(issue.id, True, because=FLOOD, **who)
    rule, missing = missing_to_close(issue)
    assert (rule.id, "answered" in missing) == ("general", True)
    stated = facts_on(f"hotissue-{issue.number}", kinds=["DisasterDeclared"])
    assert [one.payload["reason"] for one in stated] == [FLOOD]
    marked = disaster_of(issue)
    assert marked is not None
    assert (marked.actor, marked.at) == (outage.manager.ref, NOW)
    with pytest.raises(UnableToMarkDisaster):
        mark_disaster(issue.id, True, because=FLOOD, **who)
    mark_disaster(issue.id, False, because="a digger cut the cable", **who)
    assert missing_to_close(issue)[0].id == "au_outage"
    assert facts_on(f"hotissue-{issue.number}", kinds=["DisasterWithdrawn"])


def test_it_is_marked_with_a_reason_by_who_leads(outage: Crowd) -> None:
    with pytest.raises(UnableToMarkDisaster):
        mark_disaster(outage.issue, True, because=" ", actor=outage.manager, now=NOW)
    with pytest.raises(UnableToLead):
        mark_disaster(outage.issue, True, because=FLOOD, actor=outage.staff["handler"], now=NOW)
    assert disaster_of(HotIssue.objects.get(id=outage.issue)) is None


def test_it_is_marked_from_the_shell(outage: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    colleague("mei.lin", "manager")
    number = str(HotIssue.objects.get(id=outage.issue).number)
    assert run("emergency", number)["closing_rule"] == "au_outage"
    done = run("disaster", number, "--because", FLOOD, "--by", "mei.lin")
    assert (done["disaster"]["reason"], done["closing_rule"]) == (FLOOD, "general")
    undone = run("disaster", number, "--no", "--because", "it was a digger", "--by", "mei.lin")
    assert (undone["disaster"], undone["closing_rule"]) == (None, "au_outage")
