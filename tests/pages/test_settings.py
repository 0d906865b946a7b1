"""Settings: what operators change on pages of their own, who may, and that each change is on record."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from amends.entrances.portals.actions.clients import client_of_token
from amends.people.access.models import User
from amends.people.operator.models import OperatorProfile
from amends.people.operator.queries import forget, operator
from amends.people.partners.queries import partners
from amends.platform.environment.operator import Operator
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db

PROFILE = "/desk/settings/operator/"
PEOPLE = "/desk/settings/people/"
GIVEN = {"name": "示例通信", "name_en": "Example Telecom", "hotline": "+86 10 5555 0100"}


def picture(width: int = 40, height: int = 20) -> bytes:
    """A white PNG picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    rows = zlib.compress(b"".join(b"\x00" + b"\xff" * width for _row in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def manager() -> Any:
    return signed_in(colleague("m.manager", "manager"))


@pytest.fixture
def administrator() -> Any:
    return signed_in(colleague("a.admin", "administrator"))


def test_the_page_lists_what_its_reader_may_change(manager: Any, administrator: Any) -> None:
    page = manager.get("/desk/settings/").content.decode()
    assert PROFILE in page
    assert PEOPLE not in page
    assert 'href="/admin/"' not in page
    page = administrator.get("/desk/settings/").content.decode()
    assert PEOPLE in page
    assert 'href="/admin/"' in page
    assert signed_in(colleague("h.handler")).get("/desk/settings/").status_code == 403


def test_a_saved_profile_is_on_public_pages_and_on_record(manager: Any, settings: Any) -> None:
    settings.OPERATOR = Operator(name="From the variables")
    assert "From the variables" in manager.get("/complain/").content.decode()
    answer = manager.post(PROFILE, GIVEN | {"accent": "#7a1f5c"}, follow=True)
    assert answer.status_code == 200
    public = manager.get("/complain/").content.decode()
    assert "Example Telecom" in public
    assert "+86 10 5555 0100" in public
    assert "/brand/colours.css" in public
    assert "--accent: #7a1f5c" in manager.get("/brand/colours.css").content.decode()
    manager.post(PROFILE, GIVEN | {"hotline": "10086"})
    assert operator().hotline == "10086"
    page = manager.get(PROFILE).content.decode()
    assert page.count("m.manager") >= 2, "each version with who changed it"
    assert OperatorProfile.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "required"),
        ("hotline", "call us", "Enter a phone number"),
        ("accent", "#ffee00", "Choose a darker colour"),
        ("accent", "red", "Write the colour"),
        ("privacy_url", "javascript:alert(1)", "begins with https"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(
    manager: Any, field: str, value: str, says: str
) -> None:
    answer = manager.post(PROFILE, GIVEN | {field: value})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert "Example Telecom" in answer.content.decode(), "what was typed stays"
    assert not OperatorProfile.objects.exists()


def test_a_logo_is_a_small_picture_and_stays_until_it_is_taken_away(manager: Any) -> None:
    def post(content: bytes, **more: str) -> Any:
        return manager.post(PROFILE, GIVEN | {"logo": SimpleUploadedFile("l.png", content)} | more)

    for content in (b"<svg onload=alert(1)>", picture(2_000, 1), picture() + b"0" * 300_000):
        assert post(content).status_code == 400
    assert manager.get("/brand/logo.png").status_code == 404
    assert post(picture()).status_code == 302
    shown = manager.get("/brand/logo.png")
    assert shown["Content-Type"] == "image/png"
    assert shown.content == picture()
    manager.post(PROFILE, GIVEN | {"hotline": "10010"})
    assert manager.get("/brand/logo.png").status_code == 200
    assert "/brand/logo.png" in manager.get("/complain/").content.decode()
    manager.post(PROFILE, GIVEN | {"without_logo": "on"})
    forget()
    assert manager.get("/brand/logo.png").status_code == 404


def test_a_person_is_added_with_a_first_password_shown_once(administrator: Any) -> None:
    answer = administrator.post(f"{PEOPLE}new/", {"username": "li.na", "roles": ["handler"]})
    page = answer.content.decode()
    password = page.split('<code class="figure-value">')[1].split("</code>")[0]
    person = User.objects.get(username="li.na")
    assert person.check_password(password)
    assert person.initial_password_until is not None
    again = administrator.post(f"{PEOPLE}new/", {"username": "LI.NA", "roles": ["handler"]})
    assert again.status_code == 400
    assert "There is a user" in again.content.decode()
    assert administrator.post(f"{PEOPLE}new/", {"username": "no.role"}).status_code == 400


def test_roles_change_at_once_and_the_change_is_recorded(administrator: Any) -> None:
    user = colleague("li.na", "handler")
    client = signed_in(user)
    assert client.get("/desk/measures/new/").status_code == 403
    form = {"roles": ["manager"], "email": "li@example.org", "brand": ""}
    assert administrator.post(f"{PEOPLE}li.na/", form).status_code == 302
    assert client.get("/desk/measures/new/").status_code == 200
    entry = LogEntry.objects.get(object_id=str(user.pk))
    assert "roles" in entry.change_message
    assert entry.user.username == "a.admin"


def test_the_last_administrator_stays_one(administrator: Any) -> None:
    answer = administrator.post(f"{PEOPLE}a.admin/", {"roles": ["handler"]})
    assert answer.status_code == 403
    assert User.objects.get(username="a.admin").is_superuser


def test_who_left_opens_nothing(administrator: Any) -> None:
    client = signed_in(colleague("li.na", "handler"))
    administrator.post(f"{PEOPLE}li.na/service/", {"active": "no"})
    assert client.get("/desk/").status_code in (302, 403)
    administrator.post(f"{PEOPLE}li.na/service/", {"active": "yes"})
    assert User.objects.get(username="li.na").is_active


def test_a_session_does_not_open_again_with_the_account(administrator: Any) -> None:
    user = colleague("li.na", "handler")
    client = signed_in(user)
    UserSession.objects.create(
        user=user, ip="127.0.0.1", session_key=client.session.session_key, user_agent="browser"
    )
    assert client.get("/desk/").status_code == 200
    administrator.post(f"{PEOPLE}li.na/service/", {"active": "no"})
    administrator.post(f"{PEOPLE}li.na/service/", {"active": "yes"})
    assert client.get("/desk/").status_code == 302


def test_only_administrators_change_people(manager: Any) -> None:
    colleague("li.na", "handler")
    for path in (PEOPLE, f"{PEOPLE}new/", f"{PEOPLE}li.na/"):
        assert manager.get(path).status_code == 403
    assert manager.post(f"{PEOPLE}li.na/", {"roles": ["administrator"]}).status_code == 403


def test_who_cannot_sign_in_gets_a_new_first_password(administrator: Any, manager: Any) -> None:
    colleague("li.na", "handler")
    answer = administrator.post(f"{PEOPLE}li.na/password/")
    password = answer.content.decode().split('<code class="figure-value">')[1].split("</code>")[0]
    person = User.objects.get(username="li.na")
    assert person.check_password(password)
    assert person.initial_password_until is not None
    assert "password" in LogEntry.objects.get(object_id=str(person.pk)).change_message
    assert manager.post(f"{PEOPLE}li.na/password/").status_code == 403


def test_an_administrator_of_one_brand_does_not_change_people_of_all() -> None:
    client = signed_in(colleague("p.admin", "administrator", brand="plum"))
    colleague("li.na", "handler", brand="pear")
    for path in (PEOPLE, f"{PEOPLE}new/", f"{PEOPLE}li.na/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{PEOPLE}li.na/password/").status_code == 403


def test_a_kiosk_gets_a_token_once_and_is_put_out_of_service(
    manager: Any, administrator: Any
) -> None:
    page = "/desk/settings/clients/kiosks/"
    assert manager.get(page).status_code == 403
    shown = administrator.post(page, {"name": "kiosk-7"}).content.decode()
    token = shown.partition("<code>")[2].partition("</code>")[0]
    client = client_of_token(token)
    assert client is not None
    assert client.scopes == ("kiosk:use",)
    assert token not in administrator.get(page).content.decode()
    assert administrator.post(page, {"name": "kiosk-7"}).status_code == 400
    administrator.post(f"{page}revoke/", {"name": "kiosk-7"})
    assert "kiosk-7" not in administrator.get(page).content.decode()


def test_partners_are_added_and_renamed(manager: Any, administrator: Any) -> None:
    page = "/desk/settings/partners/"
    assert manager.get(page).status_code == 403
    partner = {"ref": "par-1", "kind": "agent", "name_zh": "甲公司", "name_en": "Alpha"}
    administrator.post(page, partner)
    administrator.post(page, partner | {"name_en": "Alpha Ltd"})
    assert [(one.ref, one.name_en) for one in partners()] == [("par-1", "Alpha Ltd")]
    assert administrator.post(page, partner | {"kind": "pirate"}).status_code == 400
    assert "Alpha Ltd" in administrator.get(page).content.decode()
