"""The pages that merge and split complaints: a preview first, and a way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amends.cases.complaints.models import Complaint, Contact
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import Desk, colleague, complain, signed_in

NETWORK = "家里宽带这几天晚上一直断线，网速很慢，请派人来修。"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_merge_is_previewed_done_and_undone(desk: Desk, language: str) -> None:
    desk.client.cookies["amends_language"] = language
    other = Complaint.objects.get(id=complain("n1", NETWORK, received_at=NOW - timedelta(days=1)))
    this = Complaint.objects.get(id=desk.complaint)
    address = f"/desk/c/{other.id}/merge/"
    assert this.code_public in desk.client.get(address).content.decode()
    preview = desk.client.get(address, {"into": this.code_public}).content.decode()
    words = {"en": "was received earlier", "zh-hans": "受理更早"}
    assert words[language] in preview
    assert Complaint.objects.get(id=other.id).is_open, "a preview changes nothing"
    done = desk.client.post(address, {"into": this.code_public, "reason": "同一件事"})
    assert done.headers["Location"] == f"/desk/c/{this.id}/"
    moved = desk.client.get(f"/desk/c/{other.id}/")
    assert moved.headers["Location"] == f"/desk/c/{this.id}/"
    undo = desk.client.get(f"/desk/c/{this.id}/merge/").content.decode()
    assert other.code_public in undo
    desk.client.post(f"/desk/c/{this.id}/merge/undo/", {"merged": other.id})
    assert Complaint.objects.get(id=other.id).is_open


def test_what_cannot_be_merged_is_said_beside_the_code(desk: Desk) -> None:
    stranger = complain("n2", NETWORK, phone="13900009999", identity="")
    code = Complaint.objects.get(id=stranger).code_public
    for into in (code, "AAAA-BBBB-1CCC"):
        answer = desk.client.post(f"/desk/c/{desk.complaint}/merge/", {"into": into})
        assert answer.status_code == 400
        assert into in answer.content.decode()


def test_messages_are_split_off(desk: Desk) -> None:
    Contact.objects.create(
        complaint_id=desk.complaint,
        channel="app",
        key="second",
        received_at=NOW,
        language="zh",
        text=NETWORK,
        joined_because="thread",
    )
    address = f"/desk/c/{desk.complaint}/split/"
    assert NETWORK in desk.client.get(address).content.decode()
    assert desk.client.post(address, {"reason": ""}).status_code == 400
    chosen = Contact.objects.get(key="second").id
    answer = desk.client.post(address, {"contacts": [chosen], "reason": ""})
    assert answer.status_code == 302
    assert Complaint.objects.count() == 2


def test_who_does_not_handle_complaints_merges_none(desk: Desk) -> None:
    officer = signed_in(colleague("wu.fan", "privacy_officer"))
    for page in ("merge/", "split/"):
        assert officer.get(f"/desk/c/{desk.complaint}/{page}").status_code == 403
