"""Filing on the public site: kept as one goes, sent once, nothing lost without a word."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amends.cases.complaints.actions.attach import open_attachment
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.prove_identity import as_complainant
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.jobs.identity_codes import send_codes as send_identity_codes
from amends.cases.complaints.models import Attachment, Complainant, Complaint, Contact
from amends.cases.complaints.queries import reference_of
from amends.cases.complaints.queries.casefile import find
from amends.causes.confirmations.jobs.send_codes import send_codes as send_presence_codes
from amends.channels.models import OutboxMessage
from amends.entrances.portals.jobs.forget_drafts import forget_drafts
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.entrances.portals.models import Draft, DraftFile
from amends.entrances.portals.public import send as send_module
from amends.entrances.portals.public.limits import BEGINNING, UPLOADING
from amends.entrances.portals.public.send import receive_draft, send
from amends.network.quality.models import SpeedTest
from amends.people.access.web.limits import COMPLAINTS, SENDING
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.vault.sealing import open_sealed
from tests.pages.portals.conftest import NOW, code_sent_for

pytestmark = pytest.mark.django_db
STORY = "你们每月扣我10块钱彩铃费，我从来没有订过。"
PDF = b"%PDF-1.4 a bill"


@pytest.fixture
def person(client: Client) -> Client:
    """Somebody with a browser that speaks English."""
    client.cookies["amends_language"] = "en"
    return client


def fill(person: Client, *, text: str = STORY, **answers: object) -> None:
    """Walk the first three pages."""
    person.post(
        "/complain/",
        {"text": text, "wanted": answers.get("wanted", ""), "files": answers.get("files", [])},
    )
    about = {"about": answers.get("about", "")}
    if answers.get("on_behalf"):
        about["on_behalf"] = "on"
    person.post("/complain/about/", about)
    person.post(
        "/complain/reach/", {name: answers.get(name, "") for name in ("phone", "email", "name")}
    )


def file_one(person: Client, **answers: object) -> str:
    """File a complaint; the page of its receipt."""
    fill(person, **answers)
    sent = person.post("/complain/check/")
    assert sent.status_code == 302, sent.content.decode()
    receive_sent(now=timezone.now())
    return str(person.get(sent["Location"]).content.decode())


def tracking_code(page: str) -> str:
    found = re.search(r'<p class="code">([0-9A-Z-]{14})</p>', page)
    assert found is not None, page
    return found[1]


def test_the_whole_way_ends_with_a_code_and_a_day(person: Client) -> None:
    page = file_one(person, phone="139 0000 1234", name="Lin", wanted="Money back")
    complaint = Complaint.objects.get()
    assert tracking_code(page) == complaint.code_public
    assert "You get our answer" in page
    assert "at the latest" in page
    assert (complaint.channel, complaint.wanted) == ("web", "Money back")
    assert Contact.objects.get().text == STORY


def test_a_speed_test_is_linked_on_the_receipt_and_while_the_complaint_is_followed(
    person: Client,
) -> None:
    test = SpeedTest.objects.create(
        code="7K2M-9QXA-C4TD",
        at=NOW,
        server="m1",
        down_kbps=9_000,
        up_kbps=2_000,
        min_rtt_us=20_000,
        method="tcp",
    )
    person.post(f"/complain/?speed={test.code}", {"text": "My line is too slow."})
    person.post("/complain/about/", {"about": ""})
    person.post("/complain/reach/", {"email": "lin@example.org"})
    sent = person.post("/complain/check/")
    link = f'href="/speed/results/{test.code}/"'
    assert link in person.get(sent["Location"]).content.decode()
    receive_sent(now=timezone.now())
    page = person.get(sent["Location"]).content.decode()
    assert link in page, "also once it is received"
    assert "codes are held until messages can be sent again" in page
    draft = Draft.objects.get()
    assert "too slow" not in open_sealed("portals_draft", "content", draft.id, draft.content)


@pytest.mark.parametrize(
    ("page", "text", "language"),
    [
        ("en", "Data allowance", "en"),
        ("zh-hans", "10086 5G", "zh"),
        ("en", "10086 5G", "en"),
        ("zh-hans", "no signal", "en"),
        ("en", STORY, "zh"),
        ("en", "La ligne est coupée depuis hier et personne ne répond au téléphone.", "fr"),
    ],
)
def test_a_text_of_a_few_words_is_in_the_language_of_its_page(
    client: Client, page: str, text: str, language: str
) -> None:
    client.cookies["amends_language"] = page
    file_one(client, text=text)
    assert Complaint.objects.get().language == language


def test_a_hostile_text_holds_up_the_process_no_longer_than_any_other(person: Client) -> None:
    def seconds(text: str, phone: str) -> float:
        fill(person, text=text, phone=phone)
        began = time.thread_time()
        assert person.post("/complain/check/").status_code == 302
        receive_sent(now=timezone.now())
        return time.thread_time() - began

    ordinary = ("The line is slow every evening and nobody answers my letters. " * 400)[:20_000]
    seconds(ordinary, "13900001234")
    usual = seconds(ordinary, "13900001235")
    for number, text in enumerate(("1234567 " + "Q" * 19_980, "10_" * 6_600 + "x@a.")):
        assert seconds(text, f"1390000124{number}") < usual + 0.1


def test_each_page_leads_to_the_next(person: Client) -> None:
    first = person.post("/complain/", {"text": STORY})
    assert first["Location"] == "/complain/about/"
    assert person.post("/complain/about/", {"about": ""})["Location"] == "/complain/reach/"
    assert person.post("/complain/reach/", {})["Location"] == "/complain/check/"
    check = person.get("/complain/check/").content.decode()
    assert STORY in check
    assert "Only here, with the tracking code" in check


def test_who_comes_to_change_one_answer_goes_back_to_the_overview(person: Client) -> None:
    fill(person)
    changed = person.post("/complain/?change", {"text": "Another story."})
    assert changed["Location"] == "/complain/check/"
    assert "Another story." in person.get("/complain/check/").content.decode()


@pytest.mark.parametrize("page", ["about", "reach", "check"])
def test_nobody_starts_in_the_middle(person: Client, page: str) -> None:
    assert person.get(f"/complain/{page}/")["Location"] == "/complain/"


def test_the_check_is_not_reached_before_it_is_asked_how_to_reach_the_person(
    person: Client,
) -> None:
    person.post("/complain/", {"text": STORY})
    assert person.get("/complain/check/")["Location"] == "/complain/reach/"
    assert person.post("/complain/check/")["Location"] == "/complain/reach/"
    assert Contact.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "answers", "field", "words"),
    [
        ("", {"text": " "}, "text", "Say in a sentence or two what happened."),
        ("", {"text": "x" * 20_001}, "text", "You wrote 20,001 characters"),
        ("", {"text": "x", "wanted": "y" * 201}, "wanted", "Keep this to 200 characters"),
        ("about/", {"about": "1" * 61}, "about", "one number or account"),
        ("reach/", {"phone": "call me"}, "phone", "Write the phone number in digits"),
        ("reach/", {"phone": "12"}, "phone", "Write the phone number in digits"),
        ("reach/", {"phone": "15412"}, "phone", "Write the phone number in digits"),
        ("about/", {"about": "123"}, "about", "This number is too short."),
        ("about/", {"about": "15412"}, "about", "This number is too short."),
        ("reach/", {"email": "lin@"}, "email", "Write the whole email address"),
    ],
)
def test_an_error_says_how_to_fix_it_and_leads_to_the_field(
    person: Client, page: str, answers: dict[str, str], field: str, words: str
) -> None:
    if page:
        person.post("/complain/", {"text": STORY})
    shown = person.post(f"/complain/{page}", answers).content.decode()
    assert words in shown
    assert f'<a href="#id_{field}">' in shown
    assert 'aria-invalid="true"' in shown
    assert "<title>" in shown
    assert "Put right:" in shown.split("</title>")[0]


def test_what_was_written_stays_when_something_else_is_wrong(person: Client) -> None:
    person.post("/complain/", {"text": STORY, "wanted": "y" * 201})
    assert STORY in person.get("/complain/").content.decode()


def test_words_of_windows_and_hostile_words_arrive_as_words(person: Client) -> None:
    page = file_one(person, text="one\r\ntwo\x00 <script>alert(1)</script>\u202e")
    assert Contact.objects.get().text == "one\ntwo <script>alert(1)</script>"
    assert "<script>alert" not in page


def test_the_draft_is_sealed_and_the_cookie_holds_a_token_only(person: Client) -> None:
    fill(person, phone="13900001234", email="lin@example.org")
    draft = Draft.objects.get()
    stored = bytes(draft.content)
    assert STORY.encode() not in stored
    assert b"13900001234" not in stored
    cookies = " ".join(cookie.value for cookie in person.cookies.values())
    assert "13900001234" not in cookies
    assert "lin@example.org" not in cookies
    assert person.cookies["amends_draft"]["httponly"]
    assert "sessionid" not in person.cookies


def test_a_draft_opens_only_with_its_signed_token(person: Client) -> None:
    person.post("/complain/", {"text": STORY})
    stranger = Client()
    stranger.cookies["amends_draft"] = Draft.objects.get().id
    assert STORY not in stranger.get("/complain/").content.decode()


def test_sent_twice_is_one_contact_and_a_reload_shows_the_same_code(person: Client) -> None:
    code = tracking_code(file_one(person))
    assert person.post("/complain/check/")["Location"] == "/complain/receipt/"
    assert tracking_code(person.get("/complain/receipt/").content.decode()) == code
    assert Contact.objects.count() == 1


def test_two_presses_at_once_are_one_contact_under_one_code(person: Client) -> None:
    fill(person)
    first, second = Draft.objects.get(), Draft.objects.get()
    assert send(first, now=timezone.now()) == send(second, now=timezone.now())
    receive_draft(first, now=timezone.now())
    receive_draft(second, now=timezone.now())
    assert Contact.objects.count() == 1


def test_before_the_worker_runs_the_receipt_and_the_page_of_the_code_say_what_is_known(
    person: Client,
) -> None:
    fill(person, phone="13900001234", files=[SimpleUploadedFile("bill.pdf", PDF)])
    sent = person.post("/complain/check/")
    page = person.get(sent["Location"]).content.decode()
    code = tracking_code(page)
    assert "You get our answer" in page
    assert "at the latest" in page
    assert Contact.objects.count() == 0
    for address in (f"/follow/{code}/", f"/follow/{code}/identity/"):
        waiting = person.get(address)
        assert waiting.status_code == 200
        assert "We have your complaint" in waiting.content.decode()
    typed = person.post("/follow/", {"code": code.lower().replace("-", " ")})
    assert typed["Location"] == f"/follow/{code}/"
    receive_sent(now=timezone.now())
    assert Complaint.objects.get().code_public == code
    assert Attachment.objects.count() == 1
    assert "nothing of it can get lost" not in person.get(f"/follow/{code}/").content.decode()


def test_what_was_sent_is_kept_until_it_is_received_and_holds_up_no_other(
    person: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(person, files=[SimpleUploadedFile("bill.pdf", PDF)])
    person.post("/complain/check/")
    real, now = send_module.receive, timezone.now()

    def fails(said, *, now):
        if said.text == STORY:
            raise ValueError
        return real(said, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(send_module, "receive", fails)
        other = Client()
        fill(other, text="宽带断了三天。")
        other.post("/complain/check/")
        assert receive_sent(now=now) == 1
        assert receive_sent(now=now) == 0, "not before its pause is over"
    assert "could not be received" in caplog.text
    late = now + timedelta(days=3)
    forget_drafts(now=late)
    assert receive_sent(now=late) == 1
    assert Attachment.objects.count() == 1
    assert Contact.objects.get(text=STORY).received_at < now + timedelta(minutes=1)


def test_once_sent_words_and_files_are_gone_from_the_draft(person: Client) -> None:
    def kept() -> set[Path]:
        return {
            path for path in (django_settings.MEDIA_ROOT / "drafts").rglob("*") if path.is_file()
        }

    before = kept()
    file_one(person, files=[SimpleUploadedFile("bill.pdf", PDF)])
    draft = Draft.objects.get()
    assert bytes(draft.content) == b""
    assert DraftFile.objects.count() == 0
    assert kept() == before


def test_a_draft_is_forgotten_after_a_day_with_its_files(person: Client) -> None:
    person.post("/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", PDF)]})
    file_id = DraftFile.objects.get().id
    path = django_settings.MEDIA_ROOT / "drafts" / file_id[-2:] / file_id
    assert path.exists()
    assert forget_drafts(now=timezone.now()) == 0
    assert forget_drafts(now=timezone.now() + timedelta(hours=24)) == 1
    assert not path.exists()
    assert Draft.objects.count() == 0
    assert STORY not in person.get("/complain/").content.decode()


@pytest.mark.parametrize(
    ("language", "asked"),
    [("en", "Nobody can bring them back"), ("zh-hans", "无法找回")],
)
def test_who_does_not_want_to_send_is_asked_and_deletes_it_at_once(
    person: Client, language: str, asked: str
) -> None:
    fill(person, files=[SimpleUploadedFile("a.pdf", PDF)])
    person.cookies["amends_language"] = language
    assert asked in person.post("/complain/discard/").content.decode()
    assert Draft.objects.count() == 1
    person.post("/complain/discard/", {"confirmed": "1"})
    assert Draft.objects.count() == 0
    assert STORY not in person.get("/complain/").content.decode()


def test_the_number_names_the_subscriber_and_the_reply_goes_elsewhere(person: Client) -> None:
    known = register(
        NewSubscriber(name="林小满", phone="13900001234", province="11", language="zh-hans"),
        now=NOW,
    )
    file_one(person, about="139-0000-1234", email="son@example.org", on_behalf=True)
    complaint = Complaint.objects.get()
    assert complaint.subscriber == known
    assert complaint.on_behalf is True
    assert complaint.identity == "unverified"
    assert Complainant.objects.get().answer_on == "mail"


def test_a_name_alone_is_kept_sealed_and_the_letters_stand_here(person: Client) -> None:
    code = tracking_code(file_one(person, name="林小满"))
    someone = Complainant.objects.get()
    assert (
        open_sealed("complaints_complainant", "name", someone.pk, bytes(someone.name)) == "林小满"
    )
    assert someone.answer_on == ""
    assert "Our letters" in person.get(f"/follow/{code}/").content.decode()


def test_a_number_nobody_knows_stays_with_the_words_masked(person: Client) -> None:
    file_one(person, about="13777770000")
    text = Contact.objects.get().text
    assert "It is about:" in text
    assert "13777770000" not in text


def test_the_same_matter_again_joins_and_either_code_leads_there(person: Client) -> None:
    first = tracking_code(file_one(person, phone="13900001234"))
    person.post("/complain/discard/", {"again": "1"})
    second = tracking_code(file_one(person, phone="13900001234"))
    assert first != second
    assert (Complaint.objects.count(), Contact.objects.count()) == (1, 2)
    complaint = Complaint.objects.get()
    identity = f"/follow/{second}/identity/"
    person.post(identity, {"ask": "1"})
    person.post(identity, {"digits": code_sent_for(first)})
    assert person.get(f"/follow/{second}/")["Location"] == f"/follow/{first}/"
    assert "What you told us" in person.get(f"/follow/{first}/").content.decode()
    assert find(second).id == find(first).id == reference_of(second) == complaint.id
    person.post(f"/follow/{second}/more/", {"text": "还有上个月的。", "key": "k"})
    added = receive(
        Submission(channel="mail", key="m", text="补充", thread=second, received_at=NOW), now=NOW
    )
    assert added.complaint == complaint.id


SAME_CHARGE = ("每月扣我10块钱星音彩铃费，我从来没有订过。", "星音彩铃10元，为什么账单上多收")


@pytest.mark.parametrize("texts", [(STORY, STORY), SAME_CHARGE], ids=["words", "charge"])
def test_a_stranger_who_names_the_number_learns_of_no_complaint_that_is_open(
    person: Client, texts: tuple[str, str]
) -> None:
    """What joined an open complaint looks like one of a number nobody has complained about."""
    before = timezone.now() - timedelta(days=3)
    said = Submission(
        channel="web", key="first", text=texts[0], received_at=before, email="lin@example.org"
    )
    victim = receive(said, now=before)
    pipeline.process(now=before)
    seen = []
    for email in ("lin@example.org", "nobody@example.org"):
        stranger = Client()
        stranger.cookies["amends_language"] = "en"
        receipt = file_one(stranger, text=texts[1], email=email)
        code = tracking_code(receipt)
        pipeline.process(now=timezone.now())
        pages = [
            receipt,
            stranger.get("/complain/receipt/").content.decode(),
            stranger.get(f"/follow/{code}/").content.decode(),
            stranger.post(f"/follow/{code}/identity/", {"ask": "1"}).content.decode(),
        ]
        told = "\n".join(pages)
        assert victim.tracking_code not in told
        told = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", told.replace(code, "CODE"))
        seen.append(re.sub(r"\d\d:\d\d(:[\d.]+)?", "", told))
    assert Contact.objects.filter(complaint=victim.complaint).count() == 2
    assert seen[0] == seen[1]
    joined = OutboxMessage.objects.filter(channel="mail", reference=victim.complaint)
    assert joined.filter(key__startswith="reply:").count() == 2, "acknowledged, and that it joined"


def test_fifty_times_the_same_is_told_to_the_person_once_a_day(person: Client) -> None:
    for _ in range(4):
        file_one(person, email="lin@example.org")
        person.post("/complain/discard/", {"again": "1"})
    assert Complaint.objects.get().contacts_count == 4
    assert OutboxMessage.objects.filter(key__startswith="reply:").count() == 1


# ---------------------------------------------------------------- files


def test_files_travel_sealed_and_arrive_whole(person: Client) -> None:
    file_one(
        person,
        files=[
            SimpleUploadedFile("bill.pdf", PDF),
            SimpleUploadedFile("../../etc/note.txt", "短信".encode()),
        ],
    )
    rows = Attachment.objects.order_by("id")
    assert {row.media_type for row in rows} == {"application/pdf", "text/plain"}
    complaint = Complaint.objects.get()
    opened = [
        open_attachment(complaint.id, row.id, actor=as_complainant(""), now=NOW) for row in rows
    ]
    assert {(one.name, one.content) for one in opened} == {
        ("bill.pdf", PDF),
        ("note.txt", "短信".encode()),
    }
    kept = [
        path for path in Path(django_settings.MEDIA_ROOT, "complaints").rglob("*") if path.is_file()
    ]
    assert kept
    assert all(PDF not in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bill.pdf", b"MZ\x90\x00 program", "is a program"),
        ("run.sh", b"#!/bin/sh\nrm -rf /", "is a program"),
        ("page.png", b"<html><script>alert(1)</script>", "of a type we do not take"),
        ("bill.zip", b"PK\x03\x04 something", "of a type we do not take"),
        ("photo.jpg", PDF, "not what its ending says"),
        ("empty.pdf", b"", "is empty"),
        ("big.pdf", PDF + b"x" * (5 * 1024 * 1024), "larger than 5 MB"),
    ],
)
def test_a_file_that_may_not_be_kept_is_named_with_the_reason(
    person: Client, name: str, content: bytes, words: str
) -> None:
    page = person.post(
        "/complain/", {"text": STORY, "files": [SimpleUploadedFile(name, content)]}
    ).content.decode()
    assert words in page
    assert '<a href="#id_files">' in page
    assert STORY in page
    assert DraftFile.objects.count() == 0


def test_five_files_fit_and_the_sixth_is_named(person: Client) -> None:
    files = [SimpleUploadedFile(f"{n}.txt", f"note {n}".encode()) for n in range(6)]
    page = person.post("/complain/", {"text": STORY, "files": files}).content.decode()
    assert "“5.txt” was left out" in page
    assert DraftFile.objects.count() == 5


def test_the_same_file_twice_is_one_file(person: Client) -> None:
    for _ in range(2):
        person.post("/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", PDF)]})
    assert DraftFile.objects.count() == 1


def test_removing_a_file_keeps_the_words(person: Client) -> None:
    person.post("/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", PDF)]})
    removed = person.post("/complain/", {"text": STORY + "!", "remove": DraftFile.objects.get().id})
    assert removed["Location"] == "/complain/#files"
    assert DraftFile.objects.count() == 0
    assert STORY + "!" in person.get("/complain/").content.decode()


def test_nobody_removes_the_file_of_another(person: Client) -> None:
    person.post("/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", PDF)]})
    stranger = Client()
    stranger.post("/complain/", {"text": "x", "remove": DraftFile.objects.get().id})
    assert DraftFile.objects.count() == 1


def test_no_upload_becomes_a_temporary_file(person: Client, settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "must-not-be-used")
    big = PDF + b"x" * (4 * 1024 * 1024)
    response = person.post(
        "/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", big)]}
    )
    assert response.status_code == 302
    assert DraftFile.objects.get().size_bytes == len(big)


# ---------------------------------------------------------------- limits and traps


def test_the_trap_for_programs_loses_nothing(person: Client) -> None:
    fill(person)
    page = person.post("/complain/check/", {"website": "http://example.org"}).content.decode()
    assert "This field was filled in" in page
    assert STORY in page
    assert Contact.objects.count() == 0
    assert person.post("/complain/check/", {"website": ""}).status_code == 302
    receive_sent(now=timezone.now())
    assert Contact.objects.count() == 1


def test_too_many_from_one_connection_wait_and_are_kept(person: Client) -> None:
    fill(person)
    now, request = timezone.now(), person.get("/complain/check/").wsgi_request
    for _ in range(COMPLAINTS.times):
        COMPLAINTS.count(request, now=now)
    page = person.post("/complain/check/")
    assert page.status_code == 429
    assert "It is kept; press send again in" in page.content.decode()
    assert STORY in page.content.decode()
    assert Contact.objects.count() == 0
    elsewhere = person.post("/complain/check/", REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302
    receive_sent(now=timezone.now())
    assert Contact.objects.count() == 1


def test_codes_that_others_ordered_keep_nobody_from_complaining(person: Client) -> None:
    """People behind one address share what they may order, and each may still complain."""
    fill(person)
    now, request = timezone.now(), person.get("/complain/check/").wsgi_request
    for _ in range(SENDING.times):
        SENDING.count(request, now=now)
    assert person.post("/complain/check/").status_code == 302


@pytest.mark.parametrize(
    ("limit", "words"), [(BEGINNING, "Nothing was sent"), (UPLOADING, "Many files")]
)
def test_other_limits_say_what_to_do_and_keep_the_words(person: Client, limit, words: str) -> None:
    request = person.get("/complain/").wsgi_request
    for _ in range(limit.times):
        limit.count(request, now=timezone.now())
    page = person.post("/complain/", {"text": STORY, "files": [SimpleUploadedFile("a.pdf", PDF)]})
    assert words in page.content.decode()
    assert STORY in page.content.decode()


def test_no_address_is_kept_in_the_clear(person: Client) -> None:
    from amends.platform.database.models import RateCount

    fill(person)
    person.post("/complain/check/", REMOTE_ADDR="198.51.100.7")
    kept = list(RateCount.objects.values_list("key", flat=True))
    assert len(kept) == 3, "one begun, one sent in this hour and on this day"
    assert "198.51.100.7" not in repr(kept)
    assert "127.0.0.1" not in repr(kept)


def test_proxies_are_believed_only_as_far_as_they_are_trusted(rf, settings) -> None:
    from amends.people.access.web.limits import network_address

    request = rf.get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    )
    assert network_address(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert network_address(request) == "203.0.113.9"
    settings.TRUSTED_PROXIES = 3
    assert network_address(request) == "10.0.0.1"


def test_forms_are_protected_against_other_sites(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    for page in ("/complain/", "/complain/discard/", "/follow/"):
        assert strict.post(page, {"text": STORY}).status_code == 403
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("page", ["/complain/", "/follow/", "/complain/receipt/"])
def test_nothing_personal_is_cached_or_indexed(person: Client, page: str) -> None:
    response = person.get(page)
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "手机、宽带或账单有问题？"), ("en", "Is something wrong")]
)
def test_the_first_page_has_two_doors_and_no_script_of_its_own(
    client: Client, django_user_model, language: str, words: str
) -> None:
    django_user_model.objects.create(username="somebody")
    client.cookies["amends_language"] = language
    page = client.get("/").content.decode()
    assert words in page
    assert 'href="/complain/"' in page
    assert 'href="/follow/"' in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)


def test_where_rules_name_an_urgent_class_the_form_asks_for_it(
    person: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    assert "violence" not in person.get("/complain/").content.decode()
    settings.JURISDICTION = "au"  # type: ignore[attr-defined]
    asked = person.get("/complain/").content.decode()
    assert "reports a threat to safety" in asked
    assert "it is then answered sooner" in asked
    person.cookies["amends_language"] = "zh-hans"
    assert "安全受到威胁" in person.get("/complain/").content.decode()
    person.cookies["amends_language"] = "en"
    story = {"text": "My former husband reads my calls; I am afraid.", "wanted": "", "urgent": "on"}
    person.post("/complain/", story)
    person.post("/complain/about/", {"about": ""})
    person.post("/complain/reach/", {"phone": "", "email": "", "name": ""})
    assert "You said that it is urgent." in person.get("/complain/check/").content.decode()
    assert person.post("/complain/check/").status_code == 302
    receive_sent(now=NOW)
    row = Complaint.objects.get()
    assert row.urgent
    steps = {clock.step: clock.due_at for clock in row.clocks.filter(binding=True)}
    assert steps["resolve"] <= NOW + timedelta(days=7), "two working days, not fifteen"


# ---------------------------------------------------------------- known and unknown numbers


def statements(act: Callable[[], object]) -> list[str]:
    """The SQL of a request, without its values."""
    with CaptureQueriesContext(connection) as queries:
        act()
    # A flag that is asked for stands as itself or after NOT.
    return [
        re.sub(r"'[^']*'|\b\d+\b|x[0-9a-f]+", "?", one["sql"].replace("NOT ", ""))
        for one in queries
        # Read again every few seconds, whoever asks.
        if "operator_operatorprofile" not in one["sql"]
    ]


def test_a_number_we_know_costs_the_same_work_as_one_we_do_not(person: Client) -> None:
    """Sending took 25 ms or 7 ms, asking for a code 10.5 or 4.2; bench/timing.py measures it."""
    register(NewSubscriber(name="林小满", phone="13900001234"), now=NOW)
    work = []
    for number in ("13900001234", "13800001234"):
        visitor = Client(headers={"accept-language": "en"})
        fill(visitor, about=number)
        did = [
            statements(partial(visitor.post, "/complain/check/")),
            statements(partial(visitor.get, "/complain/receipt/")),
        ]
        receive_sent(now=timezone.now())
        code = Complaint.objects.latest("recorded_at", "id").code_public
        identity = f"/follow/{code}/identity/"
        did.append(statements(partial(visitor.post, identity, {"ask": "1"})))
        send_identity_codes(now=timezone.now())
        did.append(statements(partial(visitor.post, identity, {"digits": "000000"})))
        did.append(statements(partial(visitor.post, "/mine/", {"number": number})))
        send_presence_codes(now=timezone.now())
        did.append(statements(partial(visitor.post, "/mine/code/", {"digits": "000000"})))
        work.append(did)
    for known, unknown in zip(*work, strict=True):
        assert known
        assert known == unknown
