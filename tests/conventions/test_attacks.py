"""What a hostile colleague, partner, visitor or letter tries; each is refused and changes nothing."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.clock import MORNING, begin_at
from tests.conventions.test_pages_are_strict import faults
from tests.pages.conftest import (
    PASSWORD,
    WORDS,
    Desk,
    colleague,
    complain,
    desk,
    signed_in,
    world,
)

from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.channels.mail.writing import OutgoingMail, envelope_address, write_mail
from amends.entrances.portals.actions.clients import make_client
from amends.people.access.web.permission import declared
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries import facts_about
from amends.site.logs import JsonWithoutPersonalData
from amends.work.remedies.actions.approve import UnableToApprove, approve
from amends.work.remedies.actions.export import UnableToAcknowledge, acknowledge, export, exported
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.models import Remedy

__all__ = ["desk", "world"]

pytestmark = pytest.mark.django_db
NOW = MORNING
PAYLOAD = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}javascript:alert(3)"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


def routes() -> Iterator[tuple[str, Any]]:
    """Every address of ours with its view."""

    def walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
        for entry in resolver.url_patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, route)
            elif isinstance(entry, URLPattern):
                yield route, entry.callback

    for route, view in walk(get_resolver()):
        if declared(view):
            yield route, view


def filled(route: str, **values: str) -> str:
    """An address of a route; parts without a value get an invented one."""
    return "/" + re.sub(
        r"<(?:(\w+):)?(\w+)>",
        lambda found: values.get(found[2], "1" if found[1] == "int" else "invented"),
        route,
    )


OF_A_COMPLAINT = sorted(route for route, _ in routes() if route.startswith("desk/c/<str:ref>/"))


def state_of_everything(ref: str) -> tuple[Any, ...]:
    row = Complaint.objects.filter(id=ref).values().get()
    return tuple(row.items()), Event.objects.count(), Reply.objects.count(), Remedy.objects.count()


# --- other people's objects ----------------------------------------------------------------------


@pytest.mark.parametrize("route", OF_A_COMPLAINT)
def test_a_colleague_of_another_brand_finds_nothing(desk: Desk, route: str) -> None:
    """Whatever address names the complaint, by id or by code, by reading or by acting."""
    Complaint.objects.filter(id=desk.complaint).update(brand="plum")
    found = Complaint.objects.get(id=desk.complaint)
    contact = found.contacts.get()
    (file,) = attach(contact.id, [NewFile("bill.txt", b"ten yuan")], now=NOW)
    other = signed_in(colleague("pear", "senior_handler", brand="pear"))
    before = state_of_everything(desk.complaint)
    looks = len(facts_about(desk.world.person, kinds=["DataAccessed"]))
    for ref in (desk.complaint, found.code_public):
        address = filled(route, ref=ref, attachment=file)
        answers = [
            other.get(address),
            other.post(
                address, {"verb": "withdraw", "personal_fields": "phone", "reason": "用户来电核实"}
            ),
        ]
        for answer in answers:
            assert answer.status_code in {404, 405}, (address, answer.status_code)
            assert "彩铃" not in answer.content.decode()
        assert 404 in {answer.status_code for answer in answers}
    assert state_of_everything(desk.complaint) == before
    assert len(facts_about(desk.world.person, kinds=["DataAccessed"])) == looks


def test_lists_of_a_brand_hold_nothing_of_another(desk: Desk) -> None:
    from amends.cases.complaints.actions.correct import correct
    from amends.platform.kit.actors import system

    Complaint.objects.filter(id=desk.complaint).update(brand="plum")
    correct(desk.complaint, code="billing.wrong_charge", actor=system("desk"), now=NOW)
    (remedy,) = propose(
        [
            Proposal(
                cause="complaint:x",
                kind="credit",
                amount_minor=100,
                brand="plum",
                reason_zh="退还梅子费",
                reason_en="plum refund",
                currency="CNY",
            )
        ],
        by="decide",
        now=NOW,
    )
    pear = signed_in(colleague("pear", "senior_handler", "manager", brand="pear"))
    plum = signed_in(colleague("plum", "senior_handler", "manager", brand="plum"))
    for address, words in (
        ("/desk/", "彩铃"),
        ("/desk/?view=closed", "彩铃"),
        ("/desk/?words=彩铃", "扣我10块"),
        ("/desk/?words=13900001234", "扣我10块"),
        ("/desk/day/", "扣我10块"),
        ("/desk/corrections/", "扣我10块"),
        ("/desk/remedies/", "plum refund"),
    ):
        assert words not in pear.get(address).content.decode().replace('value="彩铃"', ""), address
    assert "扣我10块" in plum.get("/desk/corrections/").content.decode()
    assert "plum refund" in plum.get("/desk/remedies/").content.decode()
    answer = pear.post("/desk/remedies/decide/", {"verb": "approve", "picked": remedy.id})
    assert answer.status_code == 403
    bulk = pear.post("/desk/bulk/", {"verb": "take", "picked": desk.complaint, "confirmed": "1"})
    assert bulk.status_code in {302, 400, 404}
    assert Complaint.objects.get(id=desk.complaint).handler == ""


def test_money_of_a_brand_is_approved_exported_and_booked_by_its_own() -> None:
    from amends.platform.kit.actors import Actor

    (remedy,) = propose(
        [
            Proposal(
                cause="complaint:x", kind="credit", amount_minor=100, brand="plum", currency="CNY"
            )
        ],
        by="decide",
        now=NOW,
    )
    stranger = Actor("user", "usr-pear", ("manager",), brand="pear")
    with pytest.raises(UnableToApprove):
        approve([remedy.id], actor=stranger, now=NOW)
    approve([remedy.id], actor=replace(stranger, ref="usr-plum", brand="plum"), now=NOW)
    assert export(now=NOW, brand="pear") == ("", [])
    number, rows = export(now=NOW, brand="plum")
    assert len(rows) == 1
    assert exported(number, brand="pear") == []
    assert exported("") == [], "nothing was exported under no number"
    with pytest.raises(UnableToAcknowledge):
        acknowledge([(remedy.id, "B1")], now=NOW, brand="pear")
    assert acknowledge([(remedy.id, "B1")], now=NOW, brand="plum") == 1


def test_pieces_of_another_complaint_do_not_open(desk: Desk) -> None:
    """The address names one complaint, the file or letter belongs to another."""
    other = complain("k2", "家里宽带总是断线，晚上完全用不了")
    contact = Complaint.objects.get(id=other).contacts.get()
    (file,) = attach(contact.id, [NewFile("bill.txt", b"of somebody else")], now=NOW)
    letter = Reply.objects.create(
        complaint_id=other,
        kind="acknowledgement",
        language="zh",
        subject="s",
        body="of another",
        drafted_at=NOW,
        drafted_by="desk",
        posted_at=NOW,
    )
    for address in (
        f"/desk/c/{desk.complaint}/files/{file}/",
        f"/desk/c/{desk.complaint}/letter/{letter.id}/",
    ):
        answer = desk.client.get(address)
        assert answer.status_code == 404, address
        assert b"another" not in answer.content
    assert desk.client.get(f"/desk/c/{other}/files/{file}/").content == b"of somebody else"


def test_whoever_the_case_keeps_out_reads_no_file_and_no_evidence(desk: Desk) -> None:
    """A manager may read lists; what quotes a person's records asks the case at every address."""
    contact = Complaint.objects.get(id=desk.complaint).contacts.get()
    (file,) = attach(contact.id, [NewFile("bill.txt", b"ten yuan")], now=NOW)
    manager = signed_in(colleague("boss", "manager"))
    for part in (f"files/{file}/", "evidence/", "prove/1/", "prove/1/?file=1"):
        answer = manager.get(f"/desk/c/{desk.complaint}/{part}")
        assert answer.status_code == 403, part
        assert b"ten yuan" not in answer.content
    sequence(now=NOW, holder="test")
    before = len(facts_about(desk.world.person, kinds=["DataAccessed"]))
    assert desk.client.get(f"/desk/c/{desk.complaint}/files/{file}/").status_code == 200
    assert desk.client.get(f"/desk/c/{desk.complaint}/evidence/").status_code == 200
    looks = facts_about(desk.world.person, kinds=["DataAccessed"])
    assert len(looks) == before + 1, "a look its subject can see; one visit is one look"


@pytest.mark.parametrize("role", ["agent", "regulator", "administrator", "privacy_officer"])
def test_roles_without_complaints_meet_a_closed_door(desk: Desk, role: str) -> None:
    person = signed_in(colleague("someone", role))
    for route in OF_A_COMPLAINT:
        address = filled(route, ref=desk.complaint)
        assert {person.get(address).status_code, person.post(address).status_code} <= {403, 405}


# --- requests that another site makes -------------------------------------------------------------


def test_no_form_of_ours_works_without_its_token(desk: Desk) -> None:
    """The interface takes a bearer token no browser sends by itself, and is left out."""
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(desk.handler)
    before = state_of_everything(desk.complaint)
    tried = 0
    for route, _ in routes():
        # A speed test is signed by its measurement server, and taken from whoever brings it;
        # a callback is signed by its platform.
        if route.startswith(("api/", "tmf-api/", "hooks/")) or route == "speed/results/":
            continue
        answer = guarded.post(filled(route, ref=desk.complaint), {"verb": "withdraw"})
        assert answer.status_code == 403, route
        tried += 1
    assert tried > 40
    assert state_of_everything(desk.complaint) == before


def test_reading_an_address_that_acts_does_nothing(desk: Desk) -> None:
    before = state_of_everything(desk.complaint)
    for part in ("approve", "correct", "take", "identity", "unmask"):
        answer = desk.client.get(f"/desk/c/{desk.complaint}/{part}/?fields=phone")
        assert answer.status_code in (302, 405), f"{part} leads back to the complaint at most"
    for part in ("overrule/", "move/?verb=withdraw", "move/?verb=deadlock", "order/", "repair/"):
        answer = desk.client.get(f"/desk/c/{desk.complaint}/{part}")
        assert answer.status_code in (200, 302), f"{part} shows a form at most"
    assert desk.client.get("/desk/approvals/undo/").status_code == 405
    assert state_of_everything(desk.complaint) == before


# --- sessions, redirects, hosts --------------------------------------------------------------------


def test_signing_in_gets_a_new_session_and_signing_out_ends_it() -> None:
    colleague("qiao", "handler")
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "by somebody who knows this session"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    answer = client.post("/account/login/", {"login": "qiao", "password": PASSWORD})
    assert answer.status_code == 302
    fresh = client.cookies["sessionid"]
    assert fresh.value != planted
    assert fresh["httponly"]
    assert fresh["samesite"] == "Lax"
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/desk/").status_code == 302, "the old name opens nothing"
    copied = Client()
    copied.cookies["sessionid"] = fresh.value
    assert copied.get("/desk/").status_code == 200
    client.post("/account/logout/")
    assert copied.get("/desk/").status_code == 302, "signing out ends it everywhere"


AWAY = (
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "javascript:alert(1)",
    "https:elsewhere.example",
    "\thttps://elsewhere.example",
    "http://testserver@elsewhere.example/",
    "///elsewhere.example",
)


@pytest.mark.parametrize("away", AWAY)
def test_no_way_leads_to_somebody_elses_site(away: str) -> None:
    colleague("qiao", "handler")
    client = Client()
    answers = [
        client.post(
            "/language/", {"next": away, "language": "en"}, headers={"Origin": "http://testserver"}
        ),
        client.post(
            f"/account/login/?next={quote(away)}",
            {"login": "qiao", "password": PASSWORD, "next": away},
        ),
        client.post("/desk/views/save/", {"name": "x", "address": away}),
        client.post("/desk/bulk/", {"verb": "take", "address": away, "confirmed": "1"}),
        client.post("/account/logout/", {"next": away}),
    ]
    for answer in answers:
        to = answer.headers.get("Location", "/")
        assert to.startswith("/"), to
        assert not to.startswith(("//", "/\\")), to
        assert "\n" not in to


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "localhost.elsewhere.example", "a b", "[::1", ""]
)
def test_an_invented_host_is_refused_before_anything_is_made_of_it(host: str) -> None:
    client = Client(raise_request_exception=False)
    for address in ("/", "/complain/", "/account/login/", "/api/v1/openapi.json"):
        answer = client.get(address, headers={"host": host})
        assert answer.status_code == 400, (address, host)
        assert b"elsewhere" not in answer.content
    kept = client.get("/", headers={"x-forwarded-host": "elsewhere.example"})
    assert b"elsewhere" not in kept.content


@pytest.mark.parametrize(
    "path",
    [
        "/static/../keys/vault.json",
        "/static/%2e%2e/%2e%2e/keys/session.key",
        "/static//etc/passwd",
        "/desk/rules/..%2F..%2F/x@2026-01-01/",
        "/desk/rules/amends.vault/keys@2026-01-01/",
        "/follow/..%2F..%2Fetc%2Fpasswd/",
        "/desk/remedies/export/..%2F..%2F/",
        "/%00",
        "/%ff%fe/",
    ],
)
def test_no_address_leads_out_of_its_folder(path: str) -> None:
    client = signed_in(colleague("qiao", "handler", "manager"))
    client.raise_request_exception = False
    answer = client.get(path)
    assert answer.status_code in {400, 403, 404, 405}, answer.status_code
    body = b"".join(answer) if answer.streaming else answer.content
    assert b"sealing_keys" not in body
    assert b"root:" not in body


# --- letters ----------------------------------------------------------------------------------------


def written(**changes: Any) -> bytes:
    letter = OutgoingMail(
        outbox_id="0" * 32,
        domain="operator.example",
        from_name="Complaints",
        from_address="complaints@operator.example",
        recipient="ann@example.org",
        subject="s",
        body="b",
        language="en",
        references=(),
    )
    return write_mail(replace(letter, **changes), now=NOW)


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_no_field_of_a_letter_adds_a_header(mark: str) -> None:
    evil = f"Refund{mark}Bcc: everybody@elsewhere.example{mark}{mark}<b>body</b>"
    message = message_from_bytes(written(subject=evil))
    assert message["Bcc"] is None
    assert message.get_all("To") == ["ann@example.org"]
    for recipient in (
        f"ann@example.org{mark}Bcc: x@elsewhere.example",
        "a@b.example, c@d.example",
        "ann@example.org\x00",
        "",
        "ann",
        "<ann@example.org> RCPT TO:<x@y.example>",
    ):
        with pytest.raises(ValueError):
            envelope_address(recipient)


# --- tokens -----------------------------------------------------------------------------------------


def test_a_token_is_in_no_log_no_refusal_and_no_database() -> None:
    from at_rest import database_bytes

    token = make_client("shop", scopes=["complaints:write"], now=NOW)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonWithoutPersonalData())
    root = logging.getLogger()
    root.addHandler(handler)
    client = Client(raise_request_exception=False)
    try:
        for given in (token, f"{token}x", f"{token} {token}"):
            for address in ("/api/v1/complaints", f"/api/v1/complaints/{token}"):
                for body in (b"{", json.dumps({"text": WORDS}).encode()):
                    answer = client.post(
                        address,
                        body,
                        content_type="application/json",
                        headers={"Authorization": f"Bearer {given}", "Idempotency-Key": "k"},
                    )
                    assert token not in answer.content.decode()
    finally:
        root.removeHandler(handler)
    assert token not in stream.getvalue()
    with transaction.atomic():
        assert token.encode() not in database_bytes()


# --- words that would run ----------------------------------------------------------------------------


def test_hostile_words_are_words_on_every_page(desk: Desk) -> None:
    """In every field somebody can fill, and then on every page that shows it, in both languages."""
    said = Submission(
        channel="web",
        key="evil",
        text=f"{PAYLOAD} {WORDS}",
        received_at=NOW,
        name=PAYLOAD,
        phone=PAYLOAD,
        email=f"a@{PAYLOAD}",
        place=PAYLOAD,
        brand=PAYLOAD,
        service=PAYLOAD,
        province=PAYLOAD,
        wanted=PAYLOAD,
        language=PAYLOAD[:8],
        original_id=PAYLOAD[:80],
        subscriber=desk.world.person,
        identity="operator_login",
        by=PAYLOAD[:80],
    )
    receipt = receive(said, now=NOW)
    attach(receipt.contact, [NewFile(f"{PAYLOAD}.txt", b"ten yuan")], now=NOW)
    boss = colleague("boss", "senior_handler", "manager", "administrator")
    boss.first_name, boss.is_staff, boss.is_superuser = PAYLOAD[:150], True, True
    boss.save()
    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.cases.complaints.jobs.pipeline import DESK
    from amends.people.access.queries.staff import actor_of_user

    actor = actor_of_user(boss)
    investigate_many([receipt.complaint], actor=DESK, now=NOW)
    overrule(
        receipt.complaint,
        verdict="partly_upheld",
        amount_minor=100,
        currency="CNY",
        reason=PAYLOAD,
        customer_text=PAYLOAD,
        actor=actor,
        now=NOW,
    )
    settle(receipt.complaint, actor=actor, now=NOW, subject=PAYLOAD, body=PAYLOAD)
    letter = Reply.objects.filter(complaint=receipt.complaint, posted_at__isnull=False).first()
    assert letter is not None
    quoted = quote(PAYLOAD)
    desk_pages = [
        "/desk/",
        f"/desk/?words={quoted}",
        f"/desk/?area={quoted}",
        f"/desk/?code={quoted}",
        "/desk/?view=closed",
        f"/desk/?view={quoted}",
        f"/desk/?after={quoted}",
        "/desk/day/",
        f"/desk/c/{receipt.complaint}/",
        f"/desk/c/{receipt.complaint}/letter/{letter.id}/",
        f"/desk/c/{quoted}/",
        "/desk/corrections/",
        "/desk/remedies/",
        f"/desk/remedies/?state={quoted}",
        "/desk/rules/",
        f"/desk/rules/?on={quoted}",
        f"/desk/rules/?pack={quoted}",
        "/desk/ledger/",
        "/admin/",
        "/admin/access/user/",
        f"/admin/access/user/?q={quoted}",
        "/admin/access/case/",
        "/admin/channels/inboundmessage/",
        "/admin/channels/outboxmessage/",
    ]
    public_pages = [
        "/",
        f"/?q={quoted}",
        "/complain/",
        f"/follow/{quoted}/",
        f"/follow/{receipt.tracking_code}/",
        f"/{quoted}/",
        f"/account/login/?next={quoted}",
    ]
    for language in ("zh-hans", "en"):
        reader = signed_in(boss, language)
        reader.post("/desk/views/save/", {"name": PAYLOAD[:40], "address": f"words={quoted}"})
        visitor = Client()
        visitor.cookies["amends_language"] = language
        for client, pages in ((reader, desk_pages), (visitor, public_pages)):
            for address in pages:
                html = client.get(address).content.decode()
                assert "<script>alert" not in html, address
                assert "<img src=x" not in html, address
                assert "49javascript" not in html, "no template is made of words"
                if not address.startswith("/admin"):
                    assert faults(html) == [], address
    shown = signed_in(boss).get(f"/desk/c/{receipt.complaint}/").content.decode()
    assert "&lt;script&gt;alert(1)" in shown, "it is there, as words"


def test_the_reasons_a_refusal_repeats_are_escaped(desk: Desk) -> None:
    for address, data in (
        ("move/", {"verb": PAYLOAD}),
        ("correct/", {"code": PAYLOAD}),
        ("overrule/", {"verdict": PAYLOAD, "amount": PAYLOAD, "reason": PAYLOAD}),
        ("unmask/", {"personal_fields": PAYLOAD, "reason": "用户来电核实身份"}),
    ):
        answer = desk.client.post(f"/desk/c/{desk.complaint}/{address}", data)
        assert answer.status_code in {400, 403, 404, 422}, address
        assert "<script>alert" not in answer.content.decode()
        assert faults(answer.content.decode()) == []
