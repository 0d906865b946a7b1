"""Who is hit and silent is counted anew while an emergency is open, at a bounded cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW
from tests.actions.emergencies.test_emergency import SAID
from tests.actions.emergencies.test_silent_since import speak_up
from tests.actions.hotissues.conftest import Crowd, victim

from amends.problems.emergencies.actions import count_hit as counting
from amends.problems.emergencies.actions import notify_silent as notify_silent
from amends.problems.emergencies.actions.count_hit import count_hit
from amends.problems.emergencies.actions.declare import declare
from amends.problems.emergencies.actions.status_document import emergency_status
from amends.problems.emergencies.models import Affected, Emergency
from amends.problems.emergencies.queries.affected import counted_at
from amends.problems.hotissues.models import HotIssue
from amends.record.ledger.queries import facts_on
from amends.site.schedule import Schedule

pytestmark = pytest.mark.postgres_too

HOUR = timedelta(hours=1)


def silent(crowd: Crowd) -> int:
    return Emergency.objects.get(issue=crowd.issue).silent


def test_whoever_is_hit_later_is_counted_within_the_hour(crowd: Crowd) -> None:
    """Before, the figure stood still from the declaration to the first message."""
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    assert silent(crowd) == 2
    victim(6)
    victim(7)
    speak_up(crowd, 4)
    assert count_hit(now=NOW + HOUR / 2) == 0, "counted at the declaration"
    assert silent(crowd) == 2
    assert count_hit(now=NOW + HOUR) == 1
    assert silent(crowd) == 3, "two more are hit, and one of those before has spoken"
    assert Affected.objects.filter(issue=crowd.issue).count() == 3
    assert count_hit(now=NOW + HOUR + timedelta(minutes=10)) == 0
    looks = facts_on(crowd.issue, kinds=["DataAccessed"])
    assert [(one.subscriber, one.payload["fields"]) for one in looks] == [("", "services")] * 2
    assert {one.payload["case"] for one in looks} == {crowd.issue}
    issue = HotIssue.objects.get(id=crowd.issue)
    status = emergency_status(issue, now=NOW + HOUR)
    assert (status.silent, status.counted_at) == (3, NOW + HOUR)


def test_what_is_closed_a_drill_or_has_no_emergency_is_left(crowd: Crowd) -> None:
    assert count_hit(now=NOW) == 0
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    HotIssue.objects.filter(id=crowd.issue).update(state="closed")
    assert count_hit(now=NOW + HOUR) == 0
    HotIssue.objects.filter(id=crowd.issue).update(state="open", drill=True)
    assert count_hit(now=NOW + HOUR) == 0


def test_a_pass_counts_a_few_at_most(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    assert count_hit(now=NOW + HOUR, limit=0) == 0
    assert count_hit(now=NOW + HOUR, limit=1) == 1


def test_a_scope_that_changed_while_it_counted_is_not_overwritten(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)

    def changed(*_args: object, **_more: object) -> list[str]:
        Emergency.objects.update(areas=["north"])
        return []

    monkeypatch.setattr(counting, "current_silent", changed)
    assert count_hit(now=NOW + HOUR) == 0
    assert silent(crowd) == 2


def test_a_count_that_cannot_be_stated_is_not_kept(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    victim(6)

    def refused(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(notify_silent, "note_count", refused)
    with pytest.raises(RuntimeError):
        count_hit(now=NOW + HOUR)
    assert silent(crowd) == 2


def test_the_schedule_has_it() -> None:
    assert "affected users" in {job.name for job in Schedule().jobs}


def test_before_any_count_there_is_no_moment(crowd: Crowd) -> None:
    assert counted_at(crowd.issue, now=NOW) is None
