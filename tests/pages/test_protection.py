"""Pages of protection: report, ask about a number, the board, a number, appeals, the block list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from amends.causes.privacy.actions.record_consent import give_consent
from amends.causes.protection.actions.appeals import appeal
from amends.causes.protection.actions.decide_delivery import DeliveryQuestion, decide_delivery
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.models import (
    ChosenNumber,
    Guardianship,
    NuisanceReport,
    NumberAppeal,
    ReportedNumber,
    StoppedDelivery,
)
from amends.causes.protection.texts.after_payment import after_payment
from amends.people.access.queries.staff import actor_of_user
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.queries import identify
from amends.platform import registry
from amends.work.approvals.actions.decide import approve
from amends.work.approvals.models import WaitingItem
from tests.pages.conftest import colleague, signed_in
from tests.reported_numbers import agree_to_block, received

pytestmark = pytest.mark.django_db
SENDER = "17000001111"
FRAUD = "您的手机银行今日过期，请立即登录 icbc-vip.top 更新 <script>alert(1)</script>"


@pytest.fixture
def blocked() -> ReportedNumber:
    """A number that four people reported, and whose holder appealed."""
    now = timezone.now()
    holder = register(NewSubscriber(phone=SENDER), now=now - timedelta(days=90))
    for number in range(4):
        phone = f"139002{number:05d}"
        person = register(NewSubscriber(phone=phone), now=now - timedelta(days=90))
        new = NewReport(
            key=f"k{number}",
            thing="message",
            channel="app",
            number=SENDER,
            text=FRAUD,
            subscriber=person,
        )
        received(person, SENDER, at=now)
        report(new, now=now)
    agree_to_block(now=now)
    appeal(SENDER, subscriber=holder, text="我是诊所，号码用于通知患者。", now=now)
    return ReportedNumber.objects.get()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_desk(language: str, blocked: ReportedNumber) -> None:
    manager = signed_in(colleague("li.na", "manager"), language)
    for path in ("", "?step=block", f"numbers/{blocked.ref}/", "appeals/", "block-list/"):
        page = manager.get(f"/desk/protection/{path}")
        assert page.status_code == 200, path
        body = page.content.decode()
        assert SENDER not in body, "numbers are masked"
        assert "<script>alert" not in body
    assert manager.get("/desk/protection/?step=none").status_code == 404
    assert manager.get("/desk/protection/numbers/num-none/").status_code == 404
    row = NumberAppeal.objects.get()
    page = f"/desk/protection/appeals/{row.ref}/"
    assert "诊所" in manager.get(page).content.decode()
    assert manager.post(f"{page}assign/", {"take": "1"}).status_code == 302
    assert manager.post(f"{page}note/", {"text": "calls 诊所"}).status_code == 302
    assert manager.post(f"{page}note/", {"text": ""}).status_code == 400
    assert "calls 诊所" in manager.get(page).content.decode()
    assert manager.post(f"{page}decide/", {"granted": "yes", "words": ""}).status_code == 400
    answer = {"granted": "yes", "words": "The number is a clinic's."}
    assert manager.post(f"{page}decide/", answer).status_code == 302
    row.refresh_from_db()
    assert row.state == "granted"
    assert manager.get("/desk/protection/appeals/?state=done").status_code == 200


def test_who_may_do_what(blocked: ReportedNumber) -> None:
    handler = signed_in(colleague("zhao", "handler"), "en")
    assert handler.get("/desk/protection/").status_code == 200
    row = NumberAppeal.objects.get()
    refused = handler.post(
        f"/desk/protection/appeals/{row.ref}/decide/", {"granted": "yes", "words": "x"}
    )
    assert refused.status_code == 403
    assert handler.get("/desk/protection/block-list.csv").status_code == 403
    assert Client().get("/desk/protection/").status_code in (302, 403)


def test_the_network_asks_for_new_changes(blocked: ReportedNumber) -> None:
    manager = signed_in(colleague("li.na", "manager"), "en")
    listed = manager.get("/desk/protection/block-list.csv").content.decode("utf-8-sig").splitlines()
    assert listed[0] == "sequence,number,action,at,until"
    sequence, number, action, *_ = listed[1].split(",")
    assert (number, action) == (f"+86{SENDER}", "add")
    later = manager.get(f"/desk/protection/block-list.csv?since={sequence}")
    assert later.content.decode().count("\n") == 1
    assert manager.get("/desk/protection/block-list.csv?since=x").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_public_reports_and_asks(language: str, blocked: ReportedNumber) -> None:
    visitor = Client(headers={"accept-language": language})
    assert visitor.get("/protect/").status_code == 200
    known = visitor.get("/protect/", {"number": "170-0000-1111"}).content.decode()
    unknown = visitor.get("/protect/", {"number": "13912345678"}).content.decode()
    reported = {"en": "Several people have reported", "zh-hans": "有多人举报过"}[language]
    assert reported in known
    assert reported not in unknown
    assert visitor.post("/protect/report/", {"thing": "message"}).status_code == 400
    sent = {"thing": "message", "number": "10690001111", "text": FRAUD}
    done = visitor.post("/protect/report/", sent)
    assert done.status_code == 200
    assert re.search(r"rpt-\w{12}", done.content.decode())
    assert NuisanceReport.objects.filter(channel="web", proven=False).count() == 1


def test_asking_is_limited() -> None:
    visitor = Client()
    answers = [visitor.get("/protect/", {"number": f"139{n:08d}"}).status_code for n in range(31)]
    assert set(answers[:30]) == {200}
    assert answers[30] == 429


def my_pages(person: str) -> Client:
    """A browser of a subscriber who has shown that they are on their line."""
    mine = Client(headers={"accept-language": "en"})
    session = mine.session
    until = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (person, "presence", until)
    session.save()
    return mine


def test_who_has_paid_reads_at_once_what_to_do(blocked: ReportedNumber) -> None:
    person = identify(phone=SENDER)
    assert person is not None
    mine = my_pages(person.pseudonym)
    page = mine.get("/mine/protection/").content.decode()
    assert "Have you paid, or shared a code or password?" in page
    assert 'href="tel:110"' in page
    ids = re.findall(r' id="(id_[^"]+)"', page)
    assert len(ids) == len(set(ids))
    paid = {"text": FRAUD, "harmed": "on"}
    answer = mine.post("/mine/protection/report/", paid, follow=True).content.decode()
    assert "then call the police (110)" in answer


@pytest.mark.parametrize(
    ("country", "advice"),
    [("uk", "then call the police (101)"), ("eu-DE", "then report it to the police")],
)
def test_another_country_has_other_police(settings: Any, country: str, advice: str) -> None:
    settings.JURISDICTION = country
    with translation.override("en"):
        assert advice in after_payment()


@pytest.mark.parametrize(
    ("language", "refused"), [("en", "We send you no advertising"), ("zh-hans", "都不向您发送广告")]
)
def test_my_protection(language: str, refused: str, blocked: ReportedNumber) -> None:
    person = identify(phone=SENDER)
    assert person is not None
    mine = Client(headers={"accept-language": language})
    session = mine.session
    until = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (person.pseudonym, "presence", until)
    session.save()
    give_consent(
        person.pseudonym, "marketing", by=person.pseudonym, channel="web", now=timezone.now()
    )
    assert registry.may_send("marketing", [person.pseudonym]) == {person.pseudonym}
    page = mine.post("/mine/protection/adverts/", follow=True).content.decode()
    assert refused in page
    assert registry.may_send("marketing", [person.pseudonym]) == set()
    mine.post("/mine/protection/adverts/", {"back": "1"})
    assert registry.may_send("marketing", [person.pseudonym]) == {person.pseudonym}
    assert mine.post("/mine/protection/report/", {}).status_code == 400
    assert mine.post("/mine/protection/report/", {"text": FRAUD}).status_code == 302
    row = NuisanceReport.objects.get(subscriber=person.pseudonym)
    assert row.proven
    assert row.ref in mine.get("/mine/protection/").content.decode()
    mine.post(f"/mine/protection/reports/{row.ref}/")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    other = {"number": "13900200000", "words": "It is not mine"}
    assert mine.post("/mine/protection/appeal/", other).status_code == 400
    assert NumberAppeal.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_my_settings(language: str, blocked: ReportedNumber) -> None:
    person = identify(phone="13900200000")
    assert person is not None
    mine = Client(headers={"accept-language": language})
    session = mine.session
    until = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (person.pseudonym, "presence", until)
    session.save()
    given = {"level": "strict", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert mine.post("/mine/protection/settings/", given).status_code == 302
    assert 'value="22:00"' in mine.get("/mine/protection/").content.decode()
    half = {"level": "strict", "quiet_from": "22:00"}
    assert mine.post("/mine/protection/settings/", half).status_code == 400
    mine.post("/mine/protection/numbers/", {"number": "4008000000", "treatment": "block"})
    chosen = ChosenNumber.objects.get(subscriber=person.pseudonym)
    asked = DeliveryQuestion(key="1", thing="call", number="4008000000", to="13900200000")
    assert decide_delivery(asked, now=timezone.now()).action == "block"
    page = mine.get("/mine/protection/").content.decode()
    stopped = StoppedDelivery.objects.get()
    assert f"/mine/protection/stopped/{stopped.ref}/" in page
    mine.post(f"/mine/protection/stopped/{stopped.ref}/")
    stopped.refresh_from_db()
    assert stopped.wrong_at is not None
    mine.post(f"/mine/protection/numbers/{chosen.ref}/")
    assert not ChosenNumber.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_report_is_followed_by_its_number(language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.post("/protect/report/", {"thing": "message", "number": "10690002222", "text": FRAUD})
    report = NuisanceReport.objects.get()
    answer = client.post("/follow/", {"code": f" {report.ref.upper()} "})
    assert answer["Location"] == f"/protect/reports/{report.ref}/"
    page = client.get(answer["Location"]).content.decode()
    assert report.ref in page
    assert "10690002222" not in page
    assert client.get("/protect/reports/rpt-000000000000/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_guardian(language: str, blocked: ReportedNumber) -> None:
    manager = signed_in(colleague("li.na", "manager"), language)
    today = timezone.localdate()
    given = {
        "ward": "13900200000",
        "guardian": "13900200001",
        "basis": "minor",
        "document": "Birth certificate",
        "born": str(today - timedelta(days=4_000)),
        "until": str(today + timedelta(days=900)),
    }
    assert manager.post("/desk/protection/guardians/", given).status_code == 400
    stranger = manager.post(
        "/desk/protection/guardians/", given | {"seen": "on", "guardian": "13900299999"}
    )
    assert list(stranger.context["form"].errors) == ["guardian"]
    assert manager.post("/desk/protection/guardians/", given | {"seen": "on"}).status_code == 302
    assert not Guardianship.objects.exists()
    second = colleague("wang", "senior_handler")
    (item,) = WaitingItem.objects.filter(decision="protection.name_guardian")
    approve(item.ref, actor=actor_of_user(second), now=timezone.now())
    assert manager.get("/desk/protection/guardians/").status_code == 200
    minor, guardian = identify(phone="13900200000"), identify(phone="13900200001")
    assert minor is not None
    assert guardian is not None
    mine = Client(headers={"accept-language": language})
    session = mine.session
    later = int((timezone.now() + timedelta(minutes=9)).timestamp() * 1000)
    session["mine"] = (guardian.pseudonym, "presence", later)
    session.save()
    assert minor.pseudonym in mine.get("/mine/protection/").content.decode()
    mine.post("/mine/protection/minor/", {"minor": minor.pseudonym, "level": "strict"})
    row = Guardianship.objects.get()
    assert (row.purchases_off, row.premium_off) == (False, False)
    assert (
        manager.post("/desk/protection/guardians/end/", {"minor": minor.pseudonym}).status_code
        == 302
    )
    assert not Guardianship.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_desk_reports_for_a_caller(language: str, blocked: ReportedNumber) -> None:
    handler = signed_in(colleague("zhao", "handler"), language)
    page = "/desk/protection/report/"
    assert handler.get(page).status_code == 200
    assert handler.post(page, {"caller": "13900200003", "thing": "call"}).status_code == 400
    shot = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    given = {"caller": "13900200003", "thing": "message", "number": "10690002222", "text": FRAUD}
    assert handler.post(page, given | {"files": shot}).status_code == 302
    row = NuisanceReport.objects.get(channel="phone")
    person = identify(phone="13900200003")
    assert person is not None
    assert row.subscriber == person.pseudonym
    file = row.evidence.get()
    number = handler.get(f"/desk/protection/numbers/{row.number_id}/").content.decode()
    assert f"/desk/protection/evidence/{file.id}/" in number
    saved = handler.get(f"/desk/protection/evidence/{file.id}/")
    assert saved.content.startswith(b"\x89PNG")
    assert saved["Content-Disposition"].startswith("attachment")
    program = SimpleUploadedFile("x.png", b"MZ" + b"\0" * 64)
    assert handler.post(page, given | {"files": program}).status_code == 400
    regulator = signed_in(colleague("reg", "regulator"), language)
    assert regulator.get(page).status_code == 403
