"""Whom a cause hits and who speaks up later: told and given to only while silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW
from tests.actions.emergencies.test_emergency import RELIEF, SAID, letters, step
from tests.actions.hotissues.conftest import Crowd, complain, hire, notify

from amends.people.subscribers.models import Subscriber
from amends.problems.emergencies.actions.bulk_credit import UnableToRelieve, relieve
from amends.problems.emergencies.actions.declare import (
    Declaration,
    DeclaredScope,
    UnableToDeclare,
    assess,
    declare,
)
from amends.problems.emergencies.actions.end_emergency import missing_to_close, write_review
from amends.problems.emergencies.actions.notify_silent import silent_summary
from amends.problems.emergencies.jobs.timers import check_timers
from amends.problems.emergencies.models import Affected, Emergency, EmergencyStep
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import close_issue, reopen_issue
from amends.problems.hotissues.models import HotIssue
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.postgres_too

WORDS = ("您的号码被收了彩铃费。", "You were charged for a ringtone.")


def speak_up(crowd: Crowd, number: int) -> None:
    """One of the silent complains, and the complaint joins."""
    join(crowd.issue, [complain(number)], because="same cause", actor=crowd.manager, now=NOW)


def test_who_complained_since_is_neither_told_as_silent_nor_given_it_twice(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    speak_up(crowd, 4)
    assert notify(crowd, *WORDS) == (1, 0)
    assert relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW) == 1
    (given,) = Remedy.objects.filter(cause__startswith="affected:")
    assert given.subscriber == crowd.silent[1]
    emergency = Emergency.objects.get(issue=crowd.issue)
    assert emergency.silent == 1


def test_who_was_told_and_complains_then_gets_what_their_own_verdict_says(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    notify(crowd, *WORDS)
    speak_up(crowd, 4)
    speak_up(crowd, 5)
    with pytest.raises(UnableToRelieve):
        relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW)
    assert not Remedy.objects.filter(cause__startswith="affected:").exists()
    # That they were told stays on record.
    assert Affected.objects.filter(told_at__isnull=False).count() == 2


def test_whom_a_cause_touched_counts_as_hit_and_is_told(crowd: Crowd) -> None:
    find_causes([crowd.issue], now=NOW)
    scope = DeclaredScope(causes=("campaign:spring",))
    declared = Declaration("thirdparty", "level2", "a campaign", scope)
    found = assess(HotIssue.objects.get(id=crowd.issue), declared, now=NOW)
    assert (found.complained, found.silent) == (3, 2)
    emergency = declare(crowd.issue, declared, actor=crowd.manager, now=NOW)
    assert emergency.causes == ["campaign:spring"]
    assert set(Affected.objects.values_list("subscriber", flat=True)) == set(crowd.silent)
    assert notify(crowd, *WORDS) == (2, 0)


def test_a_cause_of_one_brand_touches_nobody_of_another(crowd: Crowd) -> None:
    Subscriber.objects.filter(pseudonym=crowd.silent[0]).update(brand="plum")
    HotIssue.objects.filter(id=crowd.issue).update(brand="plum")
    issue = HotIssue.objects.get(id=crowd.issue)
    declared = Declaration("thirdparty", scope=DeclaredScope(causes=("campaign:spring",)))
    assert assess(issue, declared, now=NOW).silent == 1


def test_a_kind_the_plan_does_not_know_is_refused(crowd: Crowd) -> None:
    with pytest.raises(UnableToDeclare, match="no such kind"):
        declare(crowd.issue, Declaration("bling", "level2", "x"), actor=crowd.manager, now=NOW)


def test_a_step_is_done_only_when_every_brand_has_done_it(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    Affected.objects.filter(subscriber=crowd.silent[0]).update(brand="plum")
    plum = hire("manager", email="plum@example.org", brand="plum")
    assert notify(crowd, *WORDS, brand="plum") == (1, 0)
    assert relieve(crowd.issue, RELIEF, actor=plum, now=NOW) == 1
    assert step(crowd, "silent").done_at is None
    assert step(crowd, "relief").done_at is None
    assert notify(crowd, *WORDS) == (1, 0)
    assert relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW) == 1
    assert step(crowd, "silent").done_at == NOW
    assert step(crowd, "relief").done_at == NOW


def test_an_issue_that_comes_back_owes_it_anew(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    notify(crowd, *WORDS)
    write_review(crowd.issue, "The partner had no gate; it has now.", actor=crowd.manager, now=NOW)
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=NOW)
    later = NOW + timedelta(days=5)
    again = reopen_issue(crowd.issue, because="it came back", actor=crowd.manager, now=later)
    assert "reviewed" in missing_to_close(again)[1]
    steps = {
        name: list(EmergencyStep.objects.filter(emergency=crowd.issue, step=name).order_by("id"))
        for name in ("review", "silent", "tell_senior")
    }
    first, second = steps["review"]
    assert (first.done_at, second.done_at) == (NOW, None)
    assert second.due_at == later + timedelta(minutes=14400)
    assert [one.done_at for one in steps["silent"]] == [NOW, None]
    assert len(steps["tell_senior"]) == 1
    assert check_timers(now=second.due_at + timedelta(minutes=1)) >= 1
    write_review(crowd.issue, "The gate was switched off in May.", actor=crowd.manager, now=later)
    assert "reviewed" not in missing_to_close(again)[1]


def test_the_preview_counts_whom_the_message_goes_to(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    speak_up(crowd, 4)
    outlook = silent_summary(HotIssue.objects.get(id=crowd.issue))
    assert sum(outlook.by_language.values()) == 1
    notify(crowd, *WORDS)
    assert len(letters("silent:")) == 1
