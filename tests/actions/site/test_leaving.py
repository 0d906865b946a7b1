"""Who left: noted from the register's file, kept for a term, then nobody knows who it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint
from amends.operations.actions import retention
from amends.operations.actions.retention import carry_out, plan
from amends.operations.queries.erasure_register import readable_again, registered
from amends.operations.rules.retention import terms
from amends.people.subscribers.actions.hold import place_hold, release_holds
from amends.people.subscribers.actions.mark_left import leave
from amends.people.subscribers.actions.register import register
from amends.people.subscribers.models import Subscriber
from amends.people.subscribers.queries import identify, subscriber
from amends.people.subscribers.queries.counts import users_by, users_by_area
from amends.people.subscribers.queries.personal import open_personal
from amends.platform.kit.packs import jurisdictions, rules_in_force
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.queries import facts_on
from at_rest import database_bytes, planted, signs_of
from shell import amends

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
LEFT = NOW - timedelta(days=40)
LATER = LEFT + timedelta(days=2190)
ALICE, BOB = planted(2, seed=23)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


def _counts(lines: list[retention.RetentionRow]) -> tuple[int, int, int]:
    (line,) = [one for one in lines if one.term.kind == "subscriber"]
    return line.due, line.held, line.forgotten


def _gone(person: Any, at: datetime = LEFT) -> str:
    pseudonym = register(person, now=NOW - timedelta(days=900))
    assert leave({pseudonym: at}) == 1
    return pseudonym


def test_every_pack_has_a_term_no_shorter_than_that_of_its_complaints() -> None:
    for name in jurisdictions():
        files = [
            file
            for title in ("retention", "left")
            for file in rules_in_force(name, "access", title, date(2026, 11, 27))
        ]
        days = {term.kind: term.days for term in terms(files)}
        assert days["subscriber"] >= days["complaint"], name


def test_who_left_is_forgotten_when_the_term_ends_and_the_ledger_verifies() -> None:
    alice, bob = _gone(ALICE), register(BOB, now=NOW)
    assert _counts(plan(LATER - timedelta(seconds=1))) == (0, 0, 0)
    assert _counts(plan(LATER)) == (1, 0, 0)
    assert open_personal([alice], ["phone"])[alice]["phone"] == ALICE.phone

    assert _counts(carry_out(LATER)) == (1, 0, 1)
    assert open_personal([alice, bob], ["phone"]) == {bob: {"phone": BOB.phone}}
    kept = subscriber(alice)
    assert kept is not None
    assert kept.status == "erased"
    assert identify(phone=ALICE.phone) is None
    rest = database_bytes()
    assert not [sign for sign in signs_of([ALICE]) if sign in rest]

    assert _counts(carry_out(LATER)) == (0, 0, 0)
    told = facts_on("retention", kinds=["RetentionApplied"])
    assert [f.payload["count"] for f in told if f.payload["of"] == "subscriber"] == [1]
    sequence(now=LATER, holder="test")
    assert verify(deep=True).ok


def test_an_older_backup_that_is_put_back_is_known_to_hold_them() -> None:
    alice = _gone(ALICE)
    carry_out(LATER)
    assert registered() == [alice]
    assert readable_again() == []


def test_a_hold_and_an_open_complaint_keep_who_left() -> None:
    alice, bob = _gone(ALICE), _gone(BOB)
    place_hold(alice, reason="申诉尚未办结", by="wei", now=NOW)
    said = Submission(
        channel="app", key="b", text="最后一张账单多收了10块钱", received_at=NOW, email=BOB.email
    )
    ref = receive(said, now=NOW).complaint
    assert Complaint.objects.get(id=ref).subscriber == bob
    assert _counts(carry_out(LATER)) == (0, 2, 0)
    release_holds(alice, by="wei", now=LATER)
    Complaint.objects.filter(id=ref).update(is_open=False)
    assert _counts(carry_out(LATER)) == (2, 0, 2)


def test_a_run_that_ended_in_the_middle_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [_gone(person) for person in planted(5, seed=29)]
    monkeypatch.setattr(retention, "BATCH", 2)

    def end(line: retention.RetentionRow) -> None:
        if line.term.kind == "subscriber":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(LATER, after_batch=end)
    assert len(registered()) == 2
    assert _counts(carry_out(LATER)) == (3, 0, 3)
    assert sorted(registered()) == sorted(people)


def test_the_newest_word_counts_and_erased_stays_erased() -> None:
    alice = _gone(ALICE)
    assert leave({alice: LEFT}) == 0
    assert leave({alice: LEFT - timedelta(days=1), "sub-nobody": LEFT}) == 1
    carry_out(LATER)
    assert leave({alice: NOW}) == 0
    assert Subscriber.objects.get(pseudonym=alice).status == "erased"


def test_who_left_is_counted_until_then() -> None:
    _gone(ALICE)
    assert users_by("", at=LEFT - timedelta(seconds=1)) == {"": 1}
    assert users_by("", at=LEFT) == {"": 0}
    moments = [LEFT - timedelta(seconds=1), LEFT]
    assert users_by_area(at=moments) == [users_by("area", at=one) for one in moments]


def test_a_file_says_who_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    alice = register(ALICE, now=NOW - timedelta(days=900))
    carol = planted(3, seed=31)[2]
    path = tmp_path / "people.csv"
    path.write_text(
        f"客户编号,号码,离网日期\nA,{ALICE.phone},2026-10-18\nB,{BOB.phone},\n"
        f"C,{carol.phone},2026年9月1日\nD,13900000009,soon\nE,13900000008,2027-01-01\n",
        encoding="utf-8",
    )
    done = amends(
        "import", "subscribers", str(path), "--out", str(tmp_path / "k.csv"), "--force", "--json"
    )
    told = done.document
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (2, 1, 2)
    assert any("having left: 1" in note for note in told["notes"])
    status = {
        one.pseudonym: (one.status, one.left_at.date() if one.left_at else None)
        for one in Subscriber.objects.all()
    }
    # Midnight in Shanghai is the day before in UTC.
    assert status.pop(alice) == ("left", date(2026, 10, 17))
    assert sorted(status.values(), key=str) == [("active", None), ("left", date(2026, 8, 31))]
    rejects = Path(told["rejects_file"]).read_text(encoding="utf-8")
    assert "write it like 2026-11-24" in rejects
    assert "lies ahead" in rejects
