"""The emergency mechanism on a real issue: told, frozen, stated, answered, given back, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import CHARGED, Crowd, hire, notify

from amends.cases.complaints.models import Complaint
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.models import Subscriber
from amends.problems.emergencies.actions.answer_all import (
    UnableToAnswerAll,
    draft_answer,
    outlook_of,
    send_answer,
)
from amends.problems.emergencies.actions.bulk_credit import Relief, UnableToRelieve, relieve
from amends.problems.emergencies.actions.declare import (
    Declaration,
    DeclaredScope,
    UnableToDeclare,
    change_level,
    declare,
)
from amends.problems.emergencies.actions.end_emergency import (
    UnableToEnd,
    end_emergency,
    missing_to_close,
    write_review,
)
from amends.problems.emergencies.actions.freeze_sale import freeze_sale, resume_sale
from amends.problems.emergencies.actions.notify_roles import (
    UnableToRecordNotification,
    record_notification,
)
from amends.problems.emergencies.actions.notify_silent import (
    UnableToNotify,
    draft_notice,
    notify_silent,
    silent_summary,
)
from amends.problems.emergencies.actions.publish import (
    UnableToPublishStatement,
    Wording,
    publish,
    withdraw_statement,
)
from amends.problems.emergencies.jobs.timers import check_timers
from amends.problems.emergencies.models import Affected, EmergencyStep, Statement
from amends.problems.hotissues.actions.assign import UnableToAssign, assign
from amends.problems.hotissues.actions.authority import UnableToLead
from amends.problems.hotissues.actions.close_by_hand import close_by_hand
from amends.problems.hotissues.actions.join import leave
from amends.problems.hotissues.actions.join_by_hand import leave_by_hand
from amends.problems.hotissues.models import HotIssue
from amends.record.catalogue.queries import is_frozen
from amends.record.ledger.queries import facts_on
from amends.work.remedies.models import Remedy

SCOPE = DeclaredScope(offers=("offer-ring",), since=CHARGED - timedelta(days=2))
SAID = Declaration("thirdparty", "level2", "a partner did it to many", SCOPE)
WORDS = Wording(
    "彩铃收费说明", "About ringtone charges", "我们正在退费。", "We are giving it back."
)
RELIEF = Relief(1000, "CNY", "未经同意收取的彩铃费", "Ringtone charged without consent")
OPENING = ("这是同一个合作方造成的。", "One partner caused this for many.")


def letters(prefix: str) -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(key__startswith=prefix).order_by("id")
    return [open_letter(row.id) for row in rows]


def step(crowd: Crowd, name: str) -> EmergencyStep:
    return EmergencyStep.objects.get(emergency=crowd.issue, step=name)


def test_declaring_tells_the_roles_at_once_and_counts_who_is_hit(crowd: Crowd) -> None:
    emergency = declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    assert emergency.silent == 2
    assert HotIssue.objects.get(id=crowd.issue).level == "level2"
    assert step(crowd, "tell_manager").done_at == NOW
    told = letters(f"emergency:{crowd.issue}:tell_manager")
    assert len(told) == 1
    assert "5 persons are known to be affected" in told[0][1]
    # Nobody is there as regulator: the step stays open, and is not said to be done.
    assert step(crowd, "tell_regulator").done_at is None
    stated = facts_on(crowd.issue, kinds=["EmergencyDeclared"])
    assert stated[0].payload["persons"] == 5
    with pytest.raises(UnableToDeclare):
        declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)


def test_below_every_level_somebody_must_say_why(crowd: Crowd) -> None:
    with pytest.raises(UnableToDeclare):
        declare(crowd.issue, Declaration("thirdparty"), actor=crowd.manager, now=NOW)
    with pytest.raises(UnableToDeclare):
        declare(crowd.issue, Declaration("thirdparty", "level2"), actor=crowd.manager, now=NOW)


def test_what_is_late_is_stated_and_escalated_once(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    later = NOW + timedelta(minutes=61)
    assert check_timers(now=later) == 1
    assert check_timers(now=later + timedelta(seconds=30)) == 0
    assert step(crowd, "assign").missed_at == later
    assert len(letters(f"emergency:{crowd.issue}:late:assign")) == 1
    assert [
        one.payload["step"] for one in facts_on(crowd.issue, kinds=["EmergencyStepMissed"])
    ] == ["assign"]
    assign(crowd.issue, crowd.staff["senior_handler"].ref, actor=crowd.manager, now=later)
    assert step(crowd, "assign").done_at == later
    assert facts_on(crowd.issue, kinds=["EmergencyStepDone"])[-1].payload["late"] == 1
    with pytest.raises(UnableToAssign):
        assign(crowd.issue, "usr-nobody", actor=crowd.manager, now=later)


def test_a_new_role_is_told_when_somebody_takes_it(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    hire("regulator", email="regulator@example.org")
    check_timers(now=NOW + timedelta(minutes=5))
    assert step(crowd, "tell_regulator").done_at == NOW + timedelta(minutes=5)
    # Whom the desk is closed to gets no address that refuses them.
    ((_, to_regulator),) = letters(f"emergency:{crowd.issue}:tell_regulator")
    ((_, to_manager),) = letters(f"emergency:{crowd.issue}:tell_manager")
    assert f"/desk/hotissues/{crowd.issue}/" in to_manager
    assert "/desk/" not in to_regulator


def test_raising_adds_and_hastens_lowering_drops_and_heals_nothing(crowd: Crowd) -> None:
    declare(crowd.issue, Declaration("thirdparty", "level4", "few"), actor=crowd.manager, now=NOW)
    assert not EmergencyStep.objects.filter(step="statement").exists()
    later = NOW + timedelta(hours=1)
    change_level(crowd.issue, "level1", because="it spreads", actor=crowd.manager, now=later)
    assert step(crowd, "statement").due_at == later + timedelta(hours=2)
    assert step(crowd, "assign").due_at == later + timedelta(minutes=30)
    change_level(crowd.issue, "level4", because="it ended", actor=crowd.manager, now=later)
    assert step(crowd, "statement").dropped_at == later
    assert step(crowd, "assign").due_at == later + timedelta(minutes=30)


def test_a_freeze_is_lifted_by_its_own_issue(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    freeze_sale(crowd.issue, "campaign", "spring", reason="unasked", actor=crowd.manager, now=NOW)
    assert is_frozen("campaign", "spring")
    assert step(crowd, "freeze").done_at == NOW
    assert facts_on("spring", kinds=["SaleFrozen"])[0].payload["issue"] == crowd.issue
    resume_sale(crowd.issue, "campaign", "spring", reason="mended", actor=crowd.manager, now=NOW)
    assert not is_frozen("campaign", "spring")


def test_a_statement_keeps_its_history_and_the_database_its_words(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    first = publish(crowd.issue, WORDS, actor=crowd.manager, now=NOW)
    second = publish(crowd.issue, WORDS, actor=crowd.manager, now=NOW + timedelta(hours=1))
    assert (first.version, second.version) == (1, 2)
    withdrawn = withdraw_statement(crowd.issue, because="wrong", actor=crowd.manager, now=NOW)
    assert (withdrawn.version, withdrawn.withdrawn_at) == (2, NOW)
    with pytest.raises(UnableToPublishStatement):
        publish(crowd.issue, Wording("标题", "", "文", "x"), actor=crowd.manager, now=NOW)
    for write in (
        lambda: Statement.objects.filter(id=first.id).update(text_zh="改写"),
        lambda: Statement.objects.filter(id=first.id).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_one_answer_to_all_each_with_its_own_amount_once_and_by_two_people(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    drafter, sender = crowd.staff["senior_handler"], crowd.manager
    round_ = draft_answer(crowd.issue, *OPENING, actor=drafter, now=NOW)
    shown = outlook_of(round_, now=NOW)
    assert [(one.verdict, one.amount_minor, one.left) for one in shown] == [
        ("upheld", 1000, "")
    ] * 3
    assert OPENING[0] in shown[0].body
    with pytest.raises(UnableToAnswerAll):
        send_answer(crowd.issue, actor=drafter, now=NOW)
    assert send_answer(crowd.issue, actor=sender, now=NOW).answered == 3
    assert send_answer(crowd.issue, actor=sender, now=NOW).answered == 3
    replies = [body for _, body in letters("reply:") if OPENING[0] in body]
    assert len(replies) == 3
    assert all("¥10.00" in body for body in replies)
    assert Remedy.objects.filter(cause__startswith="complaint:", amount_minor=1000).count() == 3
    assert set(Complaint.objects.values_list("state", flat=True)) == {"implementing"}
    assert step(crowd, "answer").done_at == NOW


def test_what_a_person_must_decide_is_left_and_named(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    ref = crowd.complaints[0]
    Complaint.objects.filter(id=ref).update(state="acknowledged")
    draft_answer(crowd.issue, *OPENING, actor=crowd.staff["senior_handler"], now=NOW)
    round_ = send_answer(crowd.issue, actor=crowd.manager, now=NOW)
    assert (round_.answered, round_.left) == (2, {ref: "no_decision"})
    assert step(crowd, "answer").done_at is None


def test_the_silent_are_told_once_and_see_the_look(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    words = ("您的号码被收了彩铃费，我们会退还。", "You were charged for a ringtone; it goes back.")
    assert notify(crowd, *words) == (2, 0)
    assert notify(crowd, *words) == (0, 0)
    assert [body for _, body in letters("silent:")] == [words[0]] * 2
    from amends.people.access.queries import looks_at

    assert [one.by_platform for one in looks_at(crowd.silent[0])] == [True]
    outlook = silent_summary(HotIssue.objects.get(id=crowd.issue))
    assert (outlook.silent, outlook.notified, outlook.by_language) == (2, 2, {})


def test_another_colleague_approves_the_relief_that_one_proposed_for_many(crowd: Crowd) -> None:
    from amends.work.remedies.actions.approve import UnableToApprove, approve

    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    notify(crowd, "说明", "words")
    assert relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW) == 2
    waiting = list(Remedy.objects.filter(state="proposed", cause__startswith="affected:"))
    with pytest.raises(UnableToApprove, match="You proposed this yourself"):
        approve([one.id for one in waiting], actor=crowd.manager, now=NOW)
    approve([one.id for one in waiting], actor=crowd.staff["handler"], now=NOW)


def test_the_relief_is_proposed_once_a_person_and_closing_waits_for_it(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    notify(crowd, "说明", "words")
    assert relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW) == 2
    with pytest.raises(UnableToRelieve):
        relieve(crowd.issue, RELIEF, actor=crowd.manager, now=NOW)
    waiting = Remedy.objects.filter(cause__startswith="affected:")
    assert {one.subscriber for one in waiting} == set(crowd.silent)
    issue = HotIssue.objects.get(id=crowd.issue)
    assert missing_to_close(issue)[1] == ("answered", "relief_settled", "reviewed")
    with pytest.raises(UnableToEnd):
        end_emergency(crowd.issue, because="over", actor=crowd.manager, now=NOW)
    draft_answer(crowd.issue, *OPENING, actor=crowd.staff["senior_handler"], now=NOW)
    send_answer(crowd.issue, actor=crowd.manager, now=NOW)
    write_review(
        crowd.issue, "The partner had no gate; it has one now.", actor=crowd.manager, now=NOW
    )
    assert missing_to_close(issue)[1] == ("relief_settled",)
    from amends.work.remedies.actions.approve import approve

    approve([one.id for one in waiting], actor=crowd.staff["handler"], now=NOW)
    closed = end_emergency(crowd.issue, because="all settled", actor=crowd.manager, now=NOW)
    assert closed.state == "closed"


@pytest.mark.parametrize("role", ["handler", "senior_handler", "administrator"])
def test_only_a_manager_leads(crowd: Crowd, role: str) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    who: Any = {"actor": crowd.staff[role], "now": NOW}
    for refused in (
        lambda: declare(crowd.issue, SAID, **who),
        lambda: change_level(crowd.issue, "level1", because="x", **who),
        lambda: assign(crowd.issue, crowd.manager.ref, **who),
        lambda: freeze_sale(crowd.issue, "offer", "offer-ring", reason="x", **who),
        lambda: publish(crowd.issue, WORDS, **who),
        lambda: draft_notice(crowd.issue, "x", "x", **who),
        lambda: relieve(crowd.issue, RELIEF, **who),
        lambda: end_emergency(crowd.issue, because="x", **who),
    ):
        with pytest.raises(UnableToLead):
            refused()


def test_an_issue_of_another_brand_is_not_there(crowd: Crowd) -> None:
    from amends.problems.hotissues.actions.authority import UnableToFindIssue

    HotIssue.objects.filter(id=crowd.issue).update(brand="plum")
    with pytest.raises(UnableToFindIssue):
        declare(crowd.issue, SAID, actor=hire("manager", brand="pear"), now=NOW)


def test_nobody_writes_to_the_silent_alone(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    senior = crowd.staff["senior_handler"]
    with pytest.raises(UnableToNotify, match="No message is drafted"):
        notify_silent(crowd.issue, limit=9, actor=senior, now=NOW)
    draft_notice(crowd.issue, "说明", "words", actor=crowd.manager, now=NOW)
    with pytest.raises(UnableToNotify, match="drafted this message yourself"):
        notify_silent(crowd.issue, limit=9, actor=crowd.manager, now=NOW)
    with pytest.raises(UnableToNotify, match="changed since"):
        notify_silent(crowd.issue, limit=9, seen="another text", actor=senior, now=NOW)
    assert letters("silent:") == []
    # Never more people than the sender was shown.
    assert notify_silent(crowd.issue, limit=1, actor=senior, now=NOW) == (1, 0)
    assert step(crowd, "silent").done_at is None
    assert notify_silent(crowd.issue, limit=1, actor=senior, now=NOW) == (1, 0)
    assert step(crowd, "silent").done_at == NOW


def test_a_manager_of_one_brand_leads_no_issue_of_several(crowd: Crowd) -> None:
    first, *others = crowd.complaints
    Complaint.objects.filter(id__in=others).update(brand="pear")
    Complaint.objects.filter(id=first).update(brand="plum")
    plum = hire("manager", email="plum@example.org", brand="plum")
    for refused in (
        lambda: declare(crowd.issue, SAID, actor=plum, now=NOW),
        lambda: assign(crowd.issue, plum.ref, actor=plum, now=NOW),
        lambda: close_by_hand(crowd.issue, because="over", actor=plum, now=NOW),
    ):
        with pytest.raises(UnableToLead, match="another brand"):
            refused()
    # Complaints of the own brand are taken out, those of another are not.
    assert leave_by_hand(crowd.issue, [first], because="x", actor=plum, now=NOW) == [first]
    assert leave(crowd.issue, others, because="x", actor=plum, now=NOW) == []


def test_an_emergency_of_one_brand_reaches_only_its_own_users(crowd: Crowd) -> None:
    Complaint.objects.filter(id__in=crowd.complaints).update(brand="plum")
    Subscriber.objects.filter(pseudonym=crowd.silent[0]).update(brand="plum")
    Subscriber.objects.filter(pseudonym=crowd.silent[1]).update(brand="pear")
    plum = hire("manager", email="plum@example.org", brand="plum")
    emergency = declare(crowd.issue, SAID, actor=plum, now=NOW)
    assert (emergency.brand, emergency.silent) == ("plum", 1)
    assert list(Affected.objects.values_list("subscriber", flat=True)) == [crowd.silent[0]]
    stated = facts_on("offer-ring", kinds=["IncidentOpened"])
    assert [one.payload["brand"] for one in stated] == ["plum"]
    with pytest.raises(UnableToAssign):
        assign(
            crowd.issue,
            hire("manager", email="pear@example.org", brand="pear").ref,
            actor=plum,
            now=NOW,
        )


def test_a_notification_made_outside_is_recorded_with_how(crowd: Crowd) -> None:
    declare(crowd.issue, SAID, actor=crowd.manager, now=NOW)
    who = {"actor": crowd.manager, "now": NOW}
    with pytest.raises(UnableToRecordNotification):
        record_notification(crowd.issue, "tell_regulator", how=" ", **who)
    with pytest.raises(UnableToRecordNotification):
        record_notification(crowd.issue, "tell_manager", how="by phone", **who)
    record_notification(crowd.issue, "tell_regulator", how="by phone to the duty officer", **who)
    assert step(crowd, "tell_regulator").details == {"how": "by phone to the duty officer"}
