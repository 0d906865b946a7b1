"""What was kept long enough is forgotten once; what a hold keeps stays; facts say how many."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries import complaint
from amends.channels.actions.post import post
from amends.channels.models import OutboxMessage
from amends.operations.actions import retention
from amends.operations.actions.retention import carry_out, carry_out_daily, last_run, plan
from amends.people.subscribers.actions.hold import place_hold, release_holds
from amends.people.subscribers.actions.register import register
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.queries import facts_on
from at_rest import database_bytes, planted
from shell import amends
from tests.clock import MORNING, begin_at

pytestmark = pytest.mark.django_db(transaction=True)
NOW = MORNING
LATER = NOW + timedelta(days=1096)
ALICE, BOB = planted(2, seed=11)
PHRASE = "灯塔下的月亮很圆"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def _complained(person: Any, *, key: str, ends: bool = True) -> tuple[str, str]:
    """Somebody complains and, if it `ends`, is answered: (pseudonym, complaint)."""
    pseudonym = register(person, now=NOW - timedelta(days=30))
    said = Submission(
        channel="app",
        key=key,
        text=f"{PHRASE}，每月多扣我10块钱彩铃费",
        received_at=NOW,
        phone=person.phone,
        identity="operator_login",
    )
    ref = receive(said, now=NOW).complaint
    while pipeline.process(now=NOW).did_something:
        pass
    if ends:
        handler = Actor("user", "usr-handler", ("senior_handler",))
        overrule(
            ref,
            verdict="not_upheld",
            amount_minor=0,
            currency="CNY",
            actor=handler,
            now=NOW,
            reason=f"{PHRASE}：已有记录",
            customer_text=f"{PHRASE}：已有记录",
        )
        settle(ref, actor=handler, now=NOW, subject="答复", body=PHRASE)
        Complaint.objects.filter(id=ref).update(is_open=False, state_since=NOW)
    return pseudonym, ref


def _words(ref: str) -> str:
    found = complaint(ref)
    assert found is not None
    return found.contacts[0].text


def _counts(lines: list[retention.RetentionRow], kind: str) -> tuple[int, int, int]:
    (line,) = [one for one in lines if (one.jurisdiction, one.term.kind) == ("cn", kind)]
    return line.due, line.held, line.forgotten


def test_a_plan_counts_and_changes_nothing() -> None:
    _, ref = _complained(ALICE, key="a")
    assert _counts(plan(NOW + timedelta(days=1094)), "complaint") == (0, 0, 0)
    assert _counts(plan(LATER), "complaint") == (1, 0, 0)
    assert PHRASE in _words(ref)
    assert last_run(LATER) is None


def test_what_is_due_is_forgotten_once_and_the_ledger_verifies() -> None:
    _, old = _complained(ALICE, key="a")
    _, open_one = _complained(BOB, key="b", ends=False)
    assert _counts(carry_out(LATER), "complaint") == (1, 0, 1)
    assert (_words(old), PHRASE in _words(open_one)) == ("", True)
    kept = complaint(old)
    assert kept is not None
    assert kept.row.verdict == "not_upheld", "what happened stays"
    assert not any(reply.body for reply in kept.replies)

    assert _counts(carry_out(LATER), "complaint") == (0, 0, 0)
    told = facts_on("retention", kinds=["RetentionApplied"])
    assert [fact.payload["count"] for fact in told if fact.payload["of"] == "complaint"] == [1]
    assert last_run(LATER) == LATER
    sequence(now=LATER, holder="test")
    report = verify(deep=True)
    assert report.ok, report.findings


def test_the_words_are_nowhere_in_the_bytes_of_the_database() -> None:
    _complained(ALICE, key="a")
    assert PHRASE.encode() in database_bytes()
    carry_out(LATER)
    assert PHRASE.encode() not in database_bytes()


def test_a_hold_keeps_what_is_due_until_it_is_released() -> None:
    alice, ref = _complained(ALICE, key="a")
    place_hold(alice, reason="申诉尚未办结", by="wei", now=NOW)
    assert _counts(plan(LATER), "complaint") == (0, 1, 0)
    assert _counts(carry_out(LATER), "complaint") == (0, 1, 0)
    assert PHRASE in _words(ref)
    release_holds(alice, by="wei", now=LATER)
    assert _counts(carry_out(LATER), "complaint") == (1, 0, 1)
    assert _words(ref) == ""


def test_a_run_that_was_killed_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    refs = [_complained(person, key=person.phone)[1] for person in planted(3, seed=12)]

    def die(line: retention.RetentionRow) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(LATER, after_batch=die)
    assert sorted(_words(ref) == "" for ref in refs) == [False, False, True]
    assert last_run(LATER) is None, "it did not come to its end"
    carry_out(LATER)
    assert [_words(ref) for ref in refs] == ["", "", ""]
    told = facts_on("retention", kinds=["RetentionApplied"])
    assert sum(int(one.payload["count"]) for one in told if one.payload["of"] == "complaint") == 3


def test_words_of_a_notice_go_after_its_term_and_what_waits_stays() -> None:
    alice = register(ALICE, now=NOW)
    for number, state in enumerate(("sent", "queued")):
        with transaction.atomic():
            row = post(
                key=f"n-{number}",
                channel="sms",
                recipient=ALICE.phone,
                body=PHRASE,
                language="zh",
                reference=f"n-{number}",
                duty="cn.expiry",
                duty_key=f"n-{number}",
                subscriber=alice,
                service="svc-1",
                now=NOW,
            )
        OutboxMessage.objects.filter(pk=row.pk).update(state=state)
    assert _counts(carry_out(LATER), "notice") == (1, 0, 1)
    sent, waiting = OutboxMessage.objects.order_by("key")
    assert (bytes(sent.body_sealed), sent.recipient_index, sent.duty) == (b"", "", "cn.expiry")
    assert bytes(waiting.body_sealed) != b""


def test_the_job_runs_only_where_it_is_switched_on_and_once_a_day(settings: Any) -> None:
    _, ref = _complained(ALICE, key="a")
    assert settings.RETENTION_DAILY is False
    assert carry_out_daily(LATER) == []
    assert PHRASE in _words(ref)
    settings.RETENTION_DAILY = True
    assert carry_out_daily(LATER)
    assert _words(ref) == ""
    assert carry_out_daily(LATER + timedelta(hours=1)) == []
    assert carry_out_daily(LATER + timedelta(hours=24))


def test_from_the_shell_nothing_is_done_unless_asked() -> None:
    _, ref = _complained(ALICE, key="a")
    Complaint.objects.update(
        state_since=NOW - timedelta(days=1200), received_at=NOW - timedelta(days=1201)
    )
    dry = amends("retention", "--json")
    assert dry.code == 0, dry.err
    (line,) = [one for one in dry.document["lines"] if one["due"]]
    assert (line["jurisdiction"], line["kind"], line["forgotten"]) == ("cn", "complaint", 0)
    assert PHRASE in _words(ref)
    done = amends("retention", "--do")
    assert done.code == 0, done.err
    assert "1 forgotten" in done.out
    assert _words(ref) == ""
