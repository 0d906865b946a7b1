"""Calls taken down, emergency looks, unusual looks, and who is let into a case."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import expect
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint, Contact
from amends.channels.models import Attachment, InboundMessage
from amends.people.access.actions.record_look import note_look
from amends.people.access.models import BreakGlass, Case, Grant
from amends.people.access.queries import looks_at
from amends.people.access.queries.staff import actor_of_user
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.models import Subscriber
from amends.platform.cli.language import speaking
from amends.record.ledger.actions.sequence import sequence
from amends.site.cli.app import build
from amends.site.dispatch import dispatch
from tests.actions.complaints.conftest import PHONE
from tests.pages.conftest import Desk, colleague, complaint_page, signed_in

pytestmark = pytest.mark.postgres_too

SAID = "用户说：每月都扣十块钱彩铃费，从来没有订过，要求退费。"


def call_form(client: Any, **changes: Any) -> dict[str, Any]:
    html = client.get("/desk/call/").content.decode()
    token = re.search(r'name="call" value="([^"]+)"', html)
    assert token is not None
    return {"call": token[1], "words": SAID, "caller": "138 1111 2222", "name": ""} | changes


@pytest.mark.django_db
def test_a_call_becomes_a_contact_and_a_complaint_once() -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    form = call_form(handler)
    answer = handler.post("/desk/call/", form, follow=True)
    complaint = Complaint.objects.get()
    assert complaint.channel == "phone"
    assert complaint.first_words.startswith("用户说")
    assert f"/desk/c/{complaint.id}/" in answer.redirect_chain[-1][0]
    assert complaint.code_public in answer.content.decode()
    handler.post("/desk/call/", form)
    dispatch(now=timezone.now(), holder="test")
    message = InboundMessage.objects.get()
    assert (message.state, message.became) == ("dispatched", f"complaint:{complaint.id}")
    assert (Complaint.objects.count(), Contact.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_call_that_names_a_code_joins_its_complaint() -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    handler.post("/desk/call/", call_form(handler))
    code = Complaint.objects.get().code_public
    words = f"{code} 这个还没有人给我回电话"
    answer = handler.post("/desk/call/", call_form(handler, words=words, caller=""), follow=True)
    assert "Added to" in answer.content.decode()
    assert (Complaint.objects.count(), Contact.objects.count()) == (1, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": " "}, "Write down what the caller said."),
        ({"caller": "my number"}, "This is not a phone number."),
        ({"words": "字" * 20_001}, "20000"),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_written_stays(changes: Any, said: str) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    answer = handler.post("/desk/call/", call_form(handler, name="林小满", **changes))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert said in html
    assert "林小满" in html
    assert (Complaint.objects.count(), InboundMessage.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("agreed", [True, False])
def test_a_recording_is_kept_only_with_consent(agreed: bool, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    handler = signed_in(colleague("qiao.lin", "handler"))
    wave = b"RIFF" + (36).to_bytes(4, "little") + b"WAVEfmt " + b"\x00" * 40
    form = call_form(handler, recording=SimpleUploadedFile("call.wav", wave))
    answer = handler.post("/desk/call/", form | ({"agreed": "on"} if agreed else {}))
    assert answer.status_code == (302 if agreed else 400)
    assert Attachment.objects.count() == agreed
    if agreed:
        assert InboundMessage.objects.get().reason == "recording agreed to"


REFUSED = {
    "/desk/call/": ("manager", "privacy_officer", "regulator", "administrator"),
    "/desk/emergency/": ("handler", "regulator", "administrator"),
    "/desk/looks/": ("handler", "senior_handler", "manager", "regulator", "administrator"),
}
LET_IN = {
    "/desk/call/": ("handler", "senior_handler"),
    "/desk/emergency/": ("senior_handler", "manager", "privacy_officer"),
    "/desk/looks/": ("privacy_officer",),
}


@pytest.mark.django_db
@pytest.mark.parametrize("address", REFUSED)
def test_a_page_opens_to_its_roles_and_to_no_other(address: str) -> None:
    for role in REFUSED[address]:
        assert signed_in(colleague(f"a.{role}", role)).get(address).status_code == 403, role
    for role in LET_IN[address]:
        assert signed_in(colleague(f"b.{role}", role)).get(address).status_code == 200, role


def ask(client: Any, **changes: Any) -> Any:
    form = {
        "whom": PHONE,
        "personal_fields": ["phone", "address"],
        "reason": "有人被困，需要联系家人",
    }
    return client.post("/desk/emergency/ask/", form | changes)


@pytest.mark.django_db(transaction=True)
def test_one_asks_another_agrees_and_the_values_are_shown_once(desk: Desk) -> None:
    asking = signed_in(colleague("he.yan", "privacy_officer"))
    agreeing = signed_in(colleague("zhao.an", "manager"))
    assert ask(asking).status_code == 302
    ref = BreakGlass.objects.get().ref
    agree, look = f"/desk/emergency/{ref}/agree/", f"/desk/emergency/{ref}/look/"
    assert asking.post(look).status_code == 403, "nobody has agreed"
    assert asking.post(agree).status_code == 403, "nobody agrees to their own request"
    assert "Agree" in agreeing.get("/desk/emergency/").content.decode()
    assert agreeing.post(agree).status_code == 302
    assert agreeing.post(look).status_code == 403, "only whoever asked looks"
    assert asking.get(look).status_code == 405
    shown = asking.post(look)
    assert "13900001234" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert asking.post(look).status_code == 403, "once"
    html = asking.get("/desk/emergency/").content.decode()
    assert "13900001234" not in html
    assert "shown" in html


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"reason": "go"}, 400, "too short"),
        ({"whom": "13700000000"}, 400, "Nobody on record"),
        ({"personal_fields": []}, 400, "This field is required"),
        ({"personal_fields": ["password"]}, 400, "Select a valid choice"),
    ],
)
def test_a_request_that_says_too_little_is_refused(
    desk: Desk, changes: Any, status: int, said: str
) -> None:
    answer = ask(signed_in(colleague("he.yan", "privacy_officer")), **changes)
    assert answer.status_code == status
    page = answer.content.decode()
    assert said in page
    assert 'class="error"' in page
    assert str(changes.get("reason", "有人被困，需要联系家人")) in page
    assert BreakGlass.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_manager_agrees_but_does_not_ask(desk: Desk) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    assert 'name="whom"' not in manager.get("/desk/emergency/").content.decode()
    assert ask(manager).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_request_lapses(desk: Desk) -> None:
    asking = signed_in(colleague("he.yan", "privacy_officer"))
    ask(asking)
    BreakGlass.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    assert "lapsed" in asking.get("/desk/emergency/").content.decode()
    ref = BreakGlass.objects.get().ref
    agreeing = signed_in(colleague("zhao.an", "manager"))
    assert agreeing.post(f"/desk/emergency/{ref}/agree/").status_code == 403


def emergency_look(desk: Desk) -> Any:
    asking = signed_in(colleague("he.yan", "privacy_officer"))
    ask(asking)
    ref = BreakGlass.objects.get().ref
    signed_in(colleague("zhao.an", "manager")).post(f"/desk/emergency/{ref}/agree/")
    asking.post(f"/desk/emergency/{ref}/look/")
    sequence(now=timezone.now(), holder="test")
    return asking


@pytest.mark.django_db(transaction=True)
def test_unusual_looks_name_the_colleague_and_what_it_rests_on(desk: Desk) -> None:
    officer = signed_in(colleague("xu.bo", "privacy_officer"))
    html = officer.get("/desk/looks/").content.decode()
    assert "Nothing unusual" in html
    emergency_look(desk)
    html = officer.get("/desk/looks/?days=7").content.decode()
    assert "1 look by people was examined." in html or "looks by people were examined" in html
    assert "13900001234" not in html
    assert officer.get("/desk/looks/?days=9999").status_code == 400


@pytest.mark.django_db
def test_an_officer_of_one_brand_reads_looks_at_its_own_people(desk: Desk) -> None:
    Subscriber.objects.filter(pseudonym=desk.world.person).update(brand="plum")
    reader = actor_of_user(desk.handler)
    note_look(
        reader,
        [desk.world.person],
        ["ComplaintReceived"],
        page="complaints.read",
        reason="searched",
        now=timezone.now(),
    )
    Case.objects.update(closed_at=timezone.now() - timedelta(days=1))
    for brand, shown in (("pear", False), ("plum", True), ("", True)):
        officer = signed_in(colleague(f"xu.{brand}", "privacy_officer", brand=brand))
        html = officer.get("/desk/looks/").content.decode()
        assert (desk.world.person in html) is shown
        assert ("1 look by people was examined" in html) is shown


@pytest.mark.django_db
def test_a_search_by_number_is_a_look_and_a_search_for_words_is_none(desk: Desk) -> None:
    def looks() -> list[tuple[str, str, str]]:
        found = [one for one in looks_at(desk.world.person) if not one.by_platform]
        return [(one.role, one.case, one.reason) for one in found]

    complaint = Complaint.objects.get(id=desk.complaint)
    for words in ("彩铃", complaint.code_public, "13911112222"):
        desk.client.get("/desk/", {"words": words})
    assert looks() == []
    assert complaint.code_public in desk.client.get("/desk/", {"words": PHONE}).content.decode()
    assert looks() == [("handler", complaint.case, "complaints searched by number or mailbox")]
    manager = signed_in(colleague("zhao.an", "manager"))
    assert complaint.code_public in manager.get("/desk/", {"words": PHONE}).content.decode()
    assert [role for role, _case, _reason in looks()] == ["manager", "handler"]


@pytest.mark.django_db(transaction=True)
def test_records_that_are_closed_show_a_way_on_and_a_share_can_be_lifted(desk: Desk) -> None:
    manager_user = colleague("zhao.an", "manager")
    manager = signed_in(manager_user)
    case = Complaint.objects.get(id=desk.complaint).case
    page = f"/desk/cases/{case}/"
    assert f'href="{page}"' in complaint_page(manager, desk.complaint)
    html = manager.get(page).content.decode()
    assert "You are not let in" in html
    assert "/desk/emergency/" in html
    assert 'name="user"' not in html, "who is not let in lets nobody in"
    assert manager.post(f"{page}share/", {"role": "manager"}).status_code == 403
    unknown = desk.client.post(f"{page}share/", {"user": "zhao.nobody"})
    assert unknown.status_code == 400
    assert 'value="zhao.nobody"' in unknown.content.decode()
    assert "Nobody signs in under that name." in unknown.content.decode()
    assert desk.client.post(f"{page}share/", {"user": "zhao.an"}).status_code == 302
    assert "A colleague let you in." in manager.get(page).content.decode()
    lifted = {"kind": "user", "grantee": manager_user.ref}
    assert desk.client.post(f"{page}lift/", {"kind": "nobody"}).status_code == 400
    stranger = signed_in(colleague("ma.li", "manager"))
    assert stranger.post(f"{page}lift/", lifted).status_code == 403
    assert Grant.objects.count() == 1
    assert desk.client.post(f"{page}lift/", lifted).status_code == 302
    assert "You are not let in" in manager.get(page).content.decode()
    assert desk.client.get("/desk/cases/no-such-case/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_case_of_another_brand_is_not_there(desk: Desk) -> None:
    case = Complaint.objects.get(id=desk.complaint).case
    Case.objects.update(brand="sun")
    moon = signed_in(colleague("ma.li", "handler", brand="moon"))
    assert moon.get(f"/desk/cases/{case}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_share_is_seen_and_lifted_from_the_command_line(desk: Desk) -> None:
    case = Complaint.objects.get(id=desk.complaint).case
    colleague("zhao.an", "manager")
    desk.client.post(f"/desk/cases/{case}/share/", {"role": "manager"})
    runner, app = CliRunner(), build("cases")
    told = runner.invoke(app, ["cases", "shares", case, "--by", "qiao.lin", "--json"])
    assert json.loads(told.stdout)["shares"][0]["grantee"] == "manager"
    refused = ["cases", "lift", case, "--by", "zhao.an", "--role", "manager"]
    assert runner.invoke(app, refused).exit_code != 0
    assert Grant.objects.count() == 1
    both = ["cases", "lift", case, "--by", "qiao.lin", "--user", "a", "--role", "b"]
    assert runner.invoke(app, both).exit_code != 0
    lift = ["cases", "lift", case, "--by", "qiao.lin", "--role", "manager", "--json"]
    told = runner.invoke(app, lift)
    assert json.loads(told.stdout)["shares"] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "partner", "role"),
    [
        ("en", "partner: Xinghe Music (sp-1)", "role: Service-quality manager (manager), since "),
        ("zh-hans", "合作方：星河音乐 (sp-1)", "岗位：服务质量经理 (manager)，自"),
    ],
)
def test_a_share_is_told_by_name(desk: Desk, language: str, partner: str, role: str) -> None:
    case = Complaint.objects.get(id=desk.complaint).case
    register_partners([PartnerView("sp-1", "provider", "星河音乐", "Xinghe Music")])
    for kind, ref in (("partner", "sp-1"), ("role", "manager")):
        Grant.objects.create(
            case_id=case,
            grantee_kind=kind,
            grantee=ref,
            granted_by=desk.handler.ref,
            granted_at=timezone.now(),
        )
    with speaking(language):
        told = CliRunner().invoke(build("cases"), ["cases", "shares", case, "--by", "qiao.lin"])
    assert partner in told.stdout
    assert role in told.stdout


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-hans", 390, True), ("en", 1440, False)]
)
def test_the_pages_stand_in_a_browser(
    desk: Desk, visitor: Any, language: str, width: int, dark: bool
) -> None:
    colleague("he.yan", "senior_handler", "privacy_officer")
    emergency = signed_in(colleague("xu.bo", "privacy_officer"))
    ask(emergency)
    case = Complaint.objects.get(id=desk.complaint).case
    window = visitor(language=language, width=width, dark=dark)
    page = window.sign_in("he.yan", onward="/desk/call/")
    for address in ("/desk/call/", "/desk/emergency/", "/desk/looks/", f"/desk/cases/{case}/"):
        window.open(address)
        expect(page.locator("h1")).to_have_count(1)
        assert window.axe() == [], address
        assert window.wider_than_itself() <= 1, address
    assert window.faults == []
    assert window.strangers == []
