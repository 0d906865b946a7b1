"""What a person asks about their own data has a clock, is carried out, and is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from amends.causes.privacy.actions.authority import UnableToActOnPrivacy
from amends.causes.privacy.actions.record_consent import give_consent
from amends.causes.privacy.actions.rights_requests import (
    UnableToAnswerRequest,
    UnableToAskAboutData,
    answer,
    ask,
    document_of,
    extend,
    words_of,
)
from amends.causes.privacy.models import RightsRequest
from amends.causes.privacy.queries.consents import consenting
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.queries import identify
from amends.platform.kit.actors import Actor
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries import facts_on

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
OFFICER = Actor("user", "usr-officer", ("privacy_officer",))


@pytest.fixture
def person() -> str:
    return register(NewSubscriber(name="林晓", phone="13900000001"), now=NOW)


def asked(person: str, kind: str, words: str = "") -> RightsRequest:
    return ask(person, kind, text=words, by=person, channel="web", now=NOW)


def test_a_copy_is_made_by_the_officer_and_read_by_the_person_for_thirty_days(person: str) -> None:
    row = asked(person, "export")
    assert asked(person, "export").ref == row.ref
    # 15 working days from Friday 27 November, the day itself not counted
    assert row.due_at.astimezone(UTC).date().isoformat() == "2026-12-18"
    with pytest.raises(UnableToActOnPrivacy):
        answer(
            row.ref,
            is_granted=True,
            text="ok",
            actor=Actor("user", "usr-h", ("handler",)),
            now=NOW,
        )
    with pytest.raises(UnableToAnswerRequest, match="words"):
        answer(row.ref, is_granted=True, text=" ", actor=OFFICER, now=NOW)
    row = answer(row.ref, is_granted=True, text="这是您的全部资料", actor=OFFICER, now=NOW)
    assert json.loads(document_of(row, now=NOW))["person"]["name"] == "林晓"
    assert document_of(row, now=datetime(2027, 1, 1, tzinfo=UTC)) == ""
    assert [one.kind for one in facts_on(row.ref)] == ["RightsRequested", "RightsAnswered"]
    with pytest.raises(UnableToAnswerRequest):
        answer(row.ref, is_granted=False, text="again", actor=OFFICER, now=NOW)


def test_an_erasure_leaves_no_word_and_the_ledger_still_verifies(person: str) -> None:
    row = asked(person, "erasure", "请删除我13900000001的全部资料")
    assert "13900000001" in words_of(row)
    answer(row.ref, is_granted=True, text="已删除", actor=OFFICER, now=NOW)
    row.refresh_from_db()
    assert row.state == "done"
    assert not row.words
    assert identify(phone="13900000001") is None
    assert sequence(now=NOW, holder="t")


def test_an_objection_ends_every_consent_at_once(person: str) -> None:
    for purpose in ("marketing", "survey"):
        give_consent(person, purpose, by=person, channel="web", now=NOW)
    asked(person, "objection")
    assert consenting([person], "marketing") == consenting([person], "survey") == set()


def test_nobody_asks_for_somebody_else_and_a_correction_says_what(person: str) -> None:
    with pytest.raises(UnableToAskAboutData):
        ask(person, "export", text="", by="sub-other", channel="web", now=NOW)
    with pytest.raises(UnableToAskAboutData):
        asked(person, "correction")
    row = asked(person, "correction", "地址有误")
    # China's rule knows no extension
    with pytest.raises(UnableToAnswerRequest, match="extended"):
        extend(row.ref, because="many requests", actor=OFFICER, now=NOW)


def test_each_jurisdiction_has_a_term_for_each_right(settings: object, person: str) -> None:
    ends = {}
    for place in ("cn", "eu", "uk", "us", "in", "au"):
        settings.JURISDICTION = place  # type: ignore[attr-defined]
        RightsRequest.objects.all().delete()
        for kind in RightsRequest.Kind.values:
            ends[place, kind] = asked(person, kind, "x").due_at.date().isoformat()
    assert ends["eu", "access"] == "2026-12-27"
    assert ends["us", "erasure"] == "2027-01-10"
    settings.JURISDICTION = "eu"  # type: ignore[attr-defined]
    RightsRequest.objects.all().delete()
    row = extend(asked(person, "access").ref, because="very many", actor=OFFICER, now=NOW)
    assert row.due_at.date().isoformat() == "2027-02-27"
