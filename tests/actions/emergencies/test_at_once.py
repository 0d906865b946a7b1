"""Two desks, two scans at the same moment: one issue, one number, one letter, one credit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from tests.actions.complaints.conftest import NOW
from tests.actions.emergencies.test_emergency import OPENING, RELIEF, SAID, letters
from tests.actions.hotissues.conftest import Crowd, hire
from tests.actions.hotissues.desk_days import NOW as DAY
from tests.actions.hotissues.desk_days import ordinary, write

from amends.platform.kit.actors import system
from amends.problems.emergencies.actions.answer_all import (
    UnableToAnswerAll,
    digest_of,
    draft_answer,
    send_answer,
)
from amends.problems.emergencies.actions.bulk_credit import Relief, UnableToRelieve, relieve
from amends.problems.emergencies.actions.declare import UnableToDeclare, declare
from amends.problems.emergencies.actions.notify_silent import draft_notice, notify_silent
from amends.problems.emergencies.models import Affected
from amends.problems.hotissues.actions.assign import UnableToTakeIssue, assign
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.models import HotIssue
from amends.work.remedies.models import Remedy

SCAN = system("scan")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave back, or the refusal it met, begun at the same moment on threads of its own."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(60)
        try:
            return act()
        except (UnableToDeclare, UnableToRelieve, UnableToTakeIssue) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def waits() -> bool:
    """Whether some transaction waits for another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_opens_an_issue_while_another_is_opened_waits_for_its_number() -> None:
    opened, may_commit = threading.Event(), threading.Event()

    def one() -> int:
        with transaction.atomic():
            issue = open_issue(["area=a"], started_at=NOW, now=NOW, actor=SCAN)
            opened.set()
            assert may_commit.wait(60)
        connection.close()
        return issue.number

    def other() -> int:
        issue = open_issue(["area=b"], started_at=NOW, now=NOW, actor=SCAN)
        connection.close()
        return issue.number

    with ThreadPoolExecutor(2) as threads:
        try:
            first = threads.submit(one)
            assert opened.wait(60)
            second = threads.submit(other)
            while not waits():
                assert not second.done()
        finally:
            may_commit.set()
        assert {first.result(60), second.result(60)} == {1, 2}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_scans_at_once_find_one_issue() -> None:
    ordinary(21)
    write([0] * 20, "network.outage", area="south")
    update_cube()
    at_once(lambda: scan_desk(now=DAY), lambda: scan_desk(now=DAY))
    (issue,) = HotIssue.objects.all()
    assert (issue.number, issue.persons) == (1, 20)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_desks_declare_tell_and_relieve_once(crowd: Crowd) -> None:
    declared = at_once(*[lambda: declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)] * 2)
    assert sum(isinstance(one, UnableToDeclare) for one in declared) == 1
    draft_notice(crowd.issue, "说明", "words", actor=crowd.manager, now=NOW)
    told = at_once(
        *[lambda: notify_silent(crowd.issue, limit=9, actor=crowd.staff["senior_handler"], now=NOW)]
        * 2
    )
    assert sorted(one[0] for one in told)[-1] + sorted(one[0] for one in told)[0] == 2
    assert len(letters("silent:")) == 2
    more = Relief(2000, "CNY", "补偿", "more")
    at_once(
        lambda: relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW),
        lambda: relieve(crowd.issue, more, actor=crowd.manager, now=NOW),
    )
    given = {one.cause: one.amount_minor for one in Remedy.objects.filter(kind="credit")}
    assert len(given) == 2
    assert given == {f"affected:{one.id}": one.amount_minor for one in Affected.objects.all()}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_take_an_issue_leave_one_owner_and_one_refusal(crowd: Crowd) -> None:
    one, other = crowd.manager, hire("manager", email="other@example.org")
    taken = at_once(
        *(
            lambda by=by: assign(crowd.issue, by.ref, actor=by, now=NOW, seen="")
            for by in (one, other)
        )
    )
    assert sum(isinstance(each, UnableToTakeIssue) for each in taken) == 1
    (held,) = (each for each in taken if isinstance(each, HotIssue))
    issue = HotIssue.objects.get(id=crowd.issue)
    assert issue.owner == held.owner
    assert issue.happenings.filter(verb="owned").count() == 1


def test_nobody_sends_words_that_were_changed_since_they_were_read(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    drafter = crowd.staff["senior_handler"]
    read = digest_of(draft_answer(crowd.issue, *OPENING, actor=drafter, now=NOW))
    draft_answer(crowd.issue, "别的话。", "Other words.", actor=drafter, now=NOW)
    with pytest.raises(UnableToAnswerAll, match="changed since you read"):
        send_answer(crowd.issue, actor=crowd.manager, now=NOW, seen=read)
    assert not any("Other words." in body or "别的话" in body for _, body in letters("reply:"))
