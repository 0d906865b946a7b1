"""The user is asked what it is about, and the answer is understood: class, clocks and verdict follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.cases.complaints.queries.analytics import changes_since, newest_marks
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.postgres_too

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(days=1)
VAGUE = "你们这样做太过分了，我要投诉！"
CLEAR = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"


def _write(text: str, key: str = "k-1", **more: object) -> str:
    said = {
        "channel": "mail",
        "key": key,
        "text": text,
        "received_at": NOW,
        "phone": PHONE,
        "identity": "operator_login",
        "language": "zh",
    }
    return receive(Submission(**(said | more)), now=NOW).complaint  # type: ignore[arg-type]


def _desk(now: object = NOW) -> None:
    while pipeline.process(now=now).did_something:  # type: ignore[arg-type]
        pass


@pytest.fixture
def vague(world: World) -> Complaint:
    ref = _write(VAGUE)
    _desk()
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.ask_for_words, complaint.verdict) == (True, "person_must_decide")
    assert Reply.objects.filter(complaint=ref, kind="ask_for_words").count() == 1
    return complaint


def test_the_answer_is_classified_and_decided(vague: Complaint) -> None:
    marks = newest_marks()
    assert _write(CLEAR, "k-2", answers=vague.id) == vague.id
    vague.refresh_from_db()
    assert not vague.ask_for_words
    assert vague.code in ("thirdparty.value_added", "consent.unauthorised_change")
    assert vague.because
    event = Event.objects.get(complaint=vague, verb="reclassified")
    assert event.details == {"from": "other.unspecific", "to": vague.code}
    _came, changed = changes_since(complaints=marks[0], events=marks[1])
    assert (event.id, vague.id) in changed, "the hot issues count it under its class"
    _desk(LATER)
    vague.refresh_from_db()
    assert (vague.state, vague.verdict, vague.amount_minor) == ("implementing", "upheld", 3000)
    assert Reply.objects.filter(complaint=vague, kind="ask_for_words").count() == 1


def test_the_clocks_follow_what_it_turns_out_to_be(vague: Complaint) -> None:
    """A line that is dead is owed a repair within two days, from the day it was first said."""
    _write("家里宽带完全断网了，电话也打不通，没有人来修。", "k-2", answers=vague.id)
    vague.refresh_from_db()
    assert vague.code == "network.outage"
    assert vague.clocks.filter(step="repair", binding=True, due_at=NOW + timedelta(days=2)).exists()


@pytest.mark.parametrize("words", ["我姓林，随时可以打给我。", "快点处理！", "联系我"])
def test_words_that_say_no_more_change_nothing(words: str, vague: Complaint) -> None:
    _write(words, "k-2", answers=vague.id)
    vague.refresh_from_db()
    assert vague.ask_for_words
    assert not Event.objects.filter(complaint=vague, verb="reclassified").exists()


@pytest.mark.parametrize("by", ["class", "verdict"])
def test_what_a_person_has_set_right_stays(by: str, vague: Complaint) -> None:
    if by == "class":
        correct(vague.id, code="service.support", actor=HANDLER, now=NOW)
    else:
        overrule(
            vague.id,
            verdict="not_upheld",
            amount_minor=0,
            currency="CNY",
            reason="电话里问过，没有具体事项。",
            customer_text="电话里问过，没有具体事项。",
            actor=HANDLER,
            now=NOW,
        )
    before = Complaint.objects.get(id=vague.id)
    _write(CLEAR, "k-2", answers=vague.id)
    after = Complaint.objects.get(id=vague.id)
    assert (after.code, after.verdict) == (before.code, before.verdict)
