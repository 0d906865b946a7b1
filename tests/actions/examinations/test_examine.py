"""Self-examination: red until checked, findings corrected, looked at again by somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.utils import translation

from amends.cases.audits.models import DutyCount
from amends.cases.examinations.actions.examine import (
    NewFinding,
    UnableToExamine,
    UnableToFindProcess,
    UnableToUnderstand,
    assign_owner,
    check_process,
    correct,
    note_findings,
    recheck,
)
from amends.cases.examinations.models import DutyCheck, ExaminationFinding, ExaminationStep
from amends.cases.examinations.queries import process_status, process_statuses, steps_of
from amends.people.access.actions.add_user import add_user
from amends.platform.kit.actors import Actor, system

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BOSS = Actor("user", "usr-boss", ("manager",))
OTHER = Actor("user", "usr-other", ("manager",))
HANDLER = Actor("user", "usr-handler", ("handler",))
SENIOR = Actor("user", "usr-senior", ("senior_handler",))
NOTE = "Looked at ten contracts and the bills."
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def counted(month: str, missing: int, in_time: int = 95) -> None:
    DutyCount.objects.create(
        duty="cn.allowance_reached", period=month, in_time=in_time, missing=missing
    )


def word(process: str = "usage") -> str:
    found = process_status(process, TODAY)
    assert found is not None
    return found.check.word


def test_a_process_is_red_until_all_its_duties_are_checked_this_quarter() -> None:
    assert {one.check.word for one in process_statuses(TODAY)} == {"unchecked"}
    check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    assert word() == "checked"
    assert word("roaming") == "unchecked"
    last = DutyCheck.objects.filter(process="usage").order_by("id").last()
    assert last is not None
    last.delete()
    assert word() == "unchecked", "one duty left out is enough"
    next_quarter = process_status("usage", date(2027, 1, 2))
    assert next_quarter is not None
    assert next_quarter.check.word == "unchecked"


def test_coverage_makes_a_finding_once() -> None:
    counted("2026-10-01", missing=5)
    counted("2026-07-01", missing=50)
    checks = check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    outcomes = {one.duty: one.outcome for one in checks}
    assert outcomes["allowance_reached"] == "finding"
    assert outcomes["allowance_near"] == "unknown", "nothing was audited: not met, not unmet"
    planned = {
        one.duty: one.outcome for one in check_process("change", note=NOTE, actor=BOSS, now=NOW)
    }
    assert planned["interruption"] == "by_hand", "it leaves no trace to recompute it from"
    check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    (found,) = ExaminationFinding.objects.all()
    assert (found.source, found.figure, found.of) == ("coverage", 5, 100)
    assert word() == "found"


def test_a_finding_is_corrected_and_looked_at_again_by_the_months_since() -> None:
    counted("2026-08-01", missing=0)
    counted("2026-10-01", missing=5)
    check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    (found,) = ExaminationFinding.objects.all()
    correct(found.id, what="The rule is switched on again.", recheck_on=None, actor=BOSS, now=NOW)
    with pytest.raises(UnableToExamine, match="yourself"):
        recheck(found.id, note=NOTE, holds_now=True, actor=BOSS, now=NOW)
    later = NOW + timedelta(days=40)
    with pytest.raises(UnableToExamine, match="No whole month"):
        recheck(found.id, note=NOTE, holds_now=True, actor=OTHER, now=later)
    counted("2026-12-01", missing=9, in_time=1)
    again = recheck(found.id, note=NOTE, holds_now=True, actor=OTHER, now=later)
    assert again.state == "open", "figures overrule what a person would like to see"
    correct(
        found.id,
        what="The text was sent to the wrong queue.",
        recheck_on=None,
        actor=BOSS,
        now=later,
    )
    much_later = datetime(2027, 2, 10, tzinfo=UTC)
    counted("2027-02-01", missing=0)
    assert (
        recheck(found.id, note=NOTE, holds_now=False, actor=OTHER, now=much_later).state == "closed"
    )
    verbs = [one.verb for one in reversed(steps_of("usage"))]
    assert verbs == ["check", "found", "correct", "reopened", "correct", "held"]


def test_a_recheck_that_is_overdue_shows_red() -> None:
    check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    note_findings(
        [NewFinding("k", "usage", "person", words="The text is wrong.")], actor=SENIOR, now=NOW
    )
    (found,) = ExaminationFinding.objects.all()
    correct(
        found.id,
        what="The text was mended.",
        recheck_on=TODAY + timedelta(days=3),
        actor=SENIOR,
        now=NOW,
    )
    assert word() == "found"
    later = process_status("usage", TODAY + timedelta(days=5))
    assert later is not None
    assert later.check.word == "overdue"


@pytest.mark.parametrize("role", ["handler", "regulator", "senior_handler", "administrator"])
def test_only_a_manager_checks_names_and_looks_again(role: str) -> None:
    actor = Actor("user", "usr-x", (role,))
    add_user("chen.yu", password="harbour-kite-42", roles=["manager"])
    with pytest.raises(UnableToExamine):
        check_process("usage", note=NOTE, actor=actor, now=NOW)
    with pytest.raises(UnableToExamine):
        assign_owner("usage", "chen.yu", from_date=TODAY, actor=actor, now=NOW)
    with pytest.raises(UnableToExamine):
        recheck("none", note=NOTE, holds_now=True, actor=actor, now=NOW)
    assert ExaminationStep.objects.count() == 0
    assign_owner("usage", "chen.yu", from_date=TODAY, actor=BOSS, now=NOW)
    found = process_status("usage", TODAY)
    assert found is not None
    assert found.owner_since == TODAY
    before = process_status("usage", TODAY - timedelta(days=1))
    assert before is not None
    assert before.owner == ""


def test_a_handler_writes_no_finding_down() -> None:
    new = [NewFinding("k", "usage", "person", words="The text is wrong.")]
    with pytest.raises(UnableToExamine):
        note_findings(new, actor=HANDLER, now=NOW)
    assert note_findings(new, actor=SENIOR, now=NOW) == 1
    assert note_findings(new, actor=SENIOR, now=NOW) == 0


def test_what_says_nothing_and_what_is_unknown_is_refused() -> None:
    with pytest.raises(UnableToUnderstand):
        check_process("usage", note="ok", actor=BOSS, now=NOW)
    with pytest.raises(UnableToFindProcess):
        check_process("nothing", note=NOTE, actor=BOSS, now=NOW)
    with pytest.raises(UnableToFindProcess):
        note_findings([NewFinding("k", "nothing", "person")], actor=BOSS, now=NOW)
    note_findings([NewFinding("k", "usage", "person", words="Wrong text.")], actor=BOSS, now=NOW)
    (found,) = ExaminationFinding.objects.all()
    with pytest.raises(UnableToExamine, match="not in a state"):
        recheck(found.id, note=NOTE, holds_now=True, actor=OTHER, now=NOW)
    with pytest.raises(UnableToUnderstand):
        correct(found.id, what="The text was mended.", recheck_on=TODAY, actor=BOSS, now=NOW)


def test_the_database_keeps_the_trail() -> None:
    check_process("usage", note=NOTE, actor=BOSS, now=NOW)
    for change in (
        lambda: ExaminationStep.objects.update(said="nothing"),
        lambda: ExaminationStep.objects.all().delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()
    assert ExaminationStep.objects.get().said == NOTE


def test_complaints_teach_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    from amends.cases.complaints.queries.corrections import OverruleRate
    from amends.cases.examinations.actions import learn_from_complaints as examination

    rates = [
        OverruleRate("cn.limit_untold", 10, 1),
        OverruleRate("cn.late_repair", 10, 4),
        OverruleRate("cn.beyond_cap", 3, 3),
    ]
    asked = []
    monkeypatch.setattr(examination, "overrules", lambda since: asked.append(since) or rates)
    assert examination.learn_from_complaints(now=NOW) == 2
    assert examination.learn_from_complaints(now=NOW) == 0
    found = {(one.source, one.process, one.words) for one in ExaminationFinding.objects.all()}
    assert found == {
        ("complaint", "usage", "cn.limit_untold"),
        ("override", "complaints", "cn.late_repair"),
    }
    assert {one.by for one in ExaminationStep.objects.all()} == {system("examination").ref}
    # A quarter begins at midnight here, eight hours before it begins in UTC.
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert examination.learn_from_complaints(now=new_year) == 2
    assert asked[-1] == datetime(2026, 12, 31, 16, tzinfo=UTC)
