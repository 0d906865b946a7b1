"""The officer's board, requests, incidents, records; and the person's own privacy page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.causes.privacy.actions.rights_requests import ask
from amends.causes.privacy.models import Incident, MisuseCase, RightsRequest
from amends.causes.privacy.queries.consents import consents_of
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
PAGES = ("board", "requests", "incidents", "incidents/new", "processing", "register")


@pytest.fixture
def person() -> str:
    return register(NewSubscriber(name="林晓", phone="13900000001"), now=timezone.now())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_officers_pages_open_in_both_languages(person: str, language: str) -> None:
    ask(person, "export", text="", by=person, channel="web", now=timezone.now())
    officer = signed_in(colleague("fang.yi", "privacy_officer"), language)
    assert officer.get("/")["Location"] == "/desk/day/"
    for name in PAGES:
        page = officer.get(f"/desk/privacy/{name}/")
        assert page.status_code == 200
        chinese = bool(re.search("[一-鿿]{4}", page.content.decode()))
        assert chinese == (language == "zh-hans") or name in ("processing", "register")


def test_a_request_is_answered_on_its_page_and_the_copy_downloaded_by_the_person(
    person: str,
) -> None:
    row = ask(person, "export", text="全部", by=person, channel="web", now=timezone.now())
    officer = signed_in(colleague("fang.yi", "privacy_officer"))
    assert "全部" in officer.get(f"/desk/privacy/requests/{row.ref}/").content.decode()
    form = {"do": "done", "words": "Here is your copy."}
    page = officer.post(f"/desk/privacy/requests/{row.ref}/act/", form, follow=True)
    assert "Here is your copy." in page.content.decode()
    mine = Client()
    session = mine.session
    until = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (person, "presence", until)
    session.save()
    copy = mine.get(f"/mine/privacy/copies/{row.ref}/")
    assert copy.json()["person"]["name"] == "林晓"
    assert mine.get("/mine/privacy/copies/rgt-other/").status_code == 404


def test_a_person_agrees_and_takes_back_with_one_press_each(person: str) -> None:
    mine = Client(headers={"accept-language": "en"})
    session = mine.session
    until = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (person, "presence", until)
    session.save()
    agree = "/mine/privacy/consents/marketing/"
    assert "Agreed" not in mine.get("/mine/privacy/").content.decode()
    page = mine.post(agree, {"give": "1"}, follow=True).content.decode()
    assert "You agreed: Marketing messages and calls" in page
    assert next(one.given for one in consents_of(person, now=timezone.now()))
    page = mine.post(agree, {"back": "1"}, follow=True).content.decode()
    assert "in force now" in page
    assert not next(one.given for one in consents_of(person, now=timezone.now()))
    page = mine.post("/mine/privacy/ask/", {"kind": "correction", "words": ""})
    assert page.status_code == 400
    assert "what is wrong and right" in page.content.decode()
    mine.post("/mine/privacy/ask/", {"kind": "access", "words": ""})
    assert RightsRequest.objects.get().kind == "access"
    assert mine.post("/mine/privacy/consents/resale/", {"give": "1"}).status_code == 404
    assert Client().get("/mine/privacy/")["Location"] == "/mine/"


def test_an_incident_is_handled_from_the_case_to_the_review(person: str) -> None:
    now = timezone.now()
    payload = {
        "user": "usr-leak",
        "role": "agent",
        "case": "",
        "purpose": "x",
        "fields": "phone",
        "unmasked": 1,
    }
    append([Fact("DataAccessed", person, "", now - timedelta(days=1), "crm", payload)], now=now)
    case = MisuseCase.objects.create(ref="mis-1", user="usr-leak", opened_at=now)
    officer = signed_in(colleague("fang.yi", "privacy_officer"))
    new = f"/desk/privacy/incidents/new/?case={case.ref}"
    assert "usr-leak" in officer.get(new).content.decode()
    form = {
        "title": "Numbers sold",
        "users": "usr-leak",
        "found_at": f"{now:%Y-%m-%dT%H:%M}",
        "since": f"{now - timedelta(days=3):%Y-%m-%dT%H:%M}",
        "until": f"{now + timedelta(hours=9):%Y-%m-%dT%H:%M}",
    }
    officer.post(new, form)
    row = Incident.objects.get()
    assert (row.origin, row.scope["persons"]) == ("alert", 1)
    at = f"/desk/privacy/incidents/{row.ref}/"
    page = officer.post(f"{at}ask/", follow=True).content.decode()
    assert "You asked for these messages" in page
    assert officer.post(f"{at}tell/").status_code == 403
    manager = signed_in(colleague("he.min", "manager"))
    assert "asked for a message to 1 person" in manager.get(at).content.decode()
    page = manager.post(f"{at}tell/", follow=True).content.decode()
    assert "reported" in page
    assert "0 wait" in page
    assert OutboxMessage.objects.filter(reference=row.ref).count() == 1
    for clock in row.clocks.all():
        officer.post(f"{at}report/", {"clock": clock.id, "words": "2026-17"})
    officer.post(f"{at}step/", {"kind": "measure", "words": "Account closed"})
    step = row.steps.get()
    officer.post(f"{at}judge/", {"step": step.id, "verdict": "worked"})
    page = officer.post(f"{at}close/", {"words": "It was one clerk."}, follow=True)
    assert "It was one clerk." in page.content.decode()
    assert signed_in(colleague("li.na", "handler")).get(at).status_code == 403


def test_an_appeal_is_decided_on_the_page_by_a_manager() -> None:
    now = timezone.now()
    officer = colleague("fang.yi", "privacy_officer")
    MisuseCase.objects.create(
        ref="mis-1",
        user="usr-x",
        opened_at=now,
        decision="warning",
        reason="r",
        decided_by=officer.ref,
        decided_at=now,
    )
    at = "/desk/privacy/cases/mis-1/"
    signed_in(officer).post(f"{at}appeal/", {"words": "I was told to."})
    assert "Decide the appeal" not in signed_in(officer).get(at).content.decode()
    manager = signed_in(colleague("he.min", "manager"))
    page = manager.post(
        f"{at}appeal/", {"outcome": "overturned", "words": "So it was."}, follow=True
    )
    assert "the decision is lifted" in page.content.decode()


def test_refused_fields_of_an_incident_keep_what_was_typed() -> None:
    now = timezone.now()
    row = Incident.objects.create(
        ref="inc-1",
        title="Numbers sold",
        origin="hand",
        users=["usr-leak"],
        since=now - timedelta(days=1),
        until=now,
        found_at=now,
        opened_by="usr-y",
        opened_at=now,
        level="general",
    )
    officer = signed_in(colleague("fang.yi", "privacy_officer"), "en")
    at = f"/desk/privacy/incidents/{row.ref}/"
    empty = officer.post(f"{at}step/", {"kind": "measure", "words": " "})
    assert empty.status_code == 400
    assert 'id="id_words_error"' in empty.content.decode()
    assert '<option value="measure" selected>' in empty.content.decode()
    for clock in ("x", "9" * 30, "9" * 5000):
        assert officer.post(f"{at}report/", {"clock": clock}).status_code == 400
    closed = officer.post(f"{at}close/", {"no_harm": "1"})
    assert closed.status_code == 400
    assert 'id="id_close_words_error"' in closed.content.decode()


def test_a_decision_without_a_reason_is_shown_beside_its_field() -> None:
    MisuseCase.objects.create(ref="mis-1", user="usr-x", opened_at=timezone.now())
    officer = signed_in(colleague("fang.yi", "privacy_officer"), "en")
    answer = officer.post("/desk/privacy/cases/mis-1/decide/", {"decision": "retraining"})
    assert answer.status_code == 400
    assert 'id="id_reason_error"' in answer.content.decode()
    assert '<option value="retraining" selected>' in answer.content.decode()


def test_a_request_without_an_answer_is_shown_beside_its_field(person: str) -> None:
    row = ask(person, "export", text="all", by=person, channel="web", now=timezone.now())
    officer = signed_in(colleague("fang.yi", "privacy_officer"), "en")
    answer = officer.post(f"/desk/privacy/requests/{row.ref}/act/", {"do": "refuse"})
    assert answer.status_code == 400
    assert 'id="id_words_error"' in answer.content.decode()
