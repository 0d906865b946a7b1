"""A reason for colleagues stays at the desk: letters, status page, export and regulator's file."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from tests.actions.complaints.conftest import NOW, World
from tests.pages.conftest import complain

from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.actions.escalate_to_regulator import declare_deadlock
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.regulator_file import evidence_file
from amends.cases.complaints.actions.reject_message import reject_message
from amends.cases.complaints.actions.respond import reopen
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.actions.subject_access_export import subject_access_export
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Decision, Event, Outcome, Reply
from amends.cases.complaints.queries.complainant_view import complainant_view
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.sequence import sequence
from amends.work.remedies.models import Remedy

HANDLER = Actor("user", "usr-1", ("handler",))
INSIDE = "别让他再闹"
OUTSIDE = "这几个月的彩铃费我们退给您一部分。"


@pytest.fixture
def ref(world: World) -> str:
    """A complaint under investigation."""
    found = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([found], actor=pipeline.DESK, now=NOW)
    return found


def _overruled(ref: str) -> None:
    overrule(
        ref,
        verdict="upheld",
        amount_minor=4500,
        currency="CNY",
        reason=INSIDE,
        customer_text=OUTSIDE,
        actor=HANDLER,
        now=NOW,
    )


def _outside(ref: str) -> str:
    """Everything of a complaint that anybody outside may read."""
    papers = zipfile.ZipFile(io.BytesIO(evidence_file(ref, now=NOW)))
    return "\n".join(
        [
            *(f"{one.subject} {one.body}" for one in Reply.objects.filter(complaint=ref)),
            repr(complainant_view(ref)),
            json.dumps(
                subject_access_export([ref], actor=HANDLER, now=NOW),
                ensure_ascii=False,
                default=str,
            ),
            *(papers.read(name).decode() for name in papers.namelist()),
            *(f"{one.reason_zh} {one.reason_en}" for one in Remedy.objects.all()),
        ]
    )


def test_what_overrules_a_rule_is_told_in_the_customer_s_words(ref: str) -> None:
    _overruled(ref)
    settle(ref, actor=HANDLER, now=NOW)
    sequence(now=NOW, holder="test")
    outside = _outside(ref)
    assert OUTSIDE in outside
    assert INSIDE not in outside
    assert Decision.objects.get(complaint=ref, overrules__isnull=False).reason == INSIDE
    letter = Reply.objects.get(complaint=ref, kind__startswith="upheld")
    assert letter.body.count(OUTSIDE) == 1, "said once, not again as the words of a credit"


@pytest.mark.parametrize(
    "act",
    [
        lambda ref: declare_deadlock(
            ref, reason=INSIDE, customer_text=OUTSIDE, actor=HANDLER, now=NOW
        ),
        lambda ref: reject_message(
            ref,
            reason=INSIDE,
            customer_text=OUTSIDE,
            next_step="请联系收款的公司。",
            actor=HANDLER,
            now=NOW,
        ),
    ],
)
def test_a_letter_of_a_move_has_its_own_text(ref: str, act: object) -> None:
    assert callable(act)
    act(ref)
    sequence(now=NOW, holder="test")
    outside = _outside(ref)
    assert OUTSIDE in outside
    assert INSIDE not in outside
    assert Event.objects.filter(complaint=ref, reason=INSIDE).exists()


def test_who_reopens_for_the_complainant_does_not_speak_for_them(ref: str) -> None:
    _overruled(ref)
    settle(ref, actor=HANDLER, now=NOW)
    Complaint.objects.filter(id=ref).update(state="resolved", is_open=False)
    Outcome.objects.create(complaint_id=ref, asked_at=NOW, state_when_asked="resolved")
    reopen(ref, text=INSIDE, actor=HANDLER, now=NOW)
    assert Outcome.objects.get(complaint=ref).words == ""
    assert INSIDE not in json.dumps(
        subject_access_export([ref], actor=HANDLER, now=NOW), ensure_ascii=False, default=str
    )


def test_a_preview_is_the_letter_and_leaves_nothing(ref: str) -> None:
    before = (Reply.objects.count(), Event.objects.count(), Remedy.objects.count())
    letters = dry_run(ref, lambda: settle(ref, actor=HANDLER, now=NOW))
    assert [one.kind.partition(".")[0] for one in letters] == ["upheld"]
    assert "30.00" in letters[0].body
    assert (Reply.objects.count(), Event.objects.count(), Remedy.objects.count()) == before
    assert Complaint.objects.get(id=ref).state == "investigating"
