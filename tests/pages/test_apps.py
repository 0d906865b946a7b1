"""Pages of apps: sent in by a partner, read by the operator, reported to its maker."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amends.causes.vetting.actions.send_app import check_waiting
from amends.causes.vetting.models import AgreedHost, AppCheck
from apk_builder import apk, manifest
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
REJECTED = apk(manifest(permissions=("INTERNET", "READ_CONTACTS")))


@pytest.fixture
def manager() -> Client:
    return signed_in(colleague("li.na", "manager"))


@pytest.fixture
def check() -> AppCheck:
    """An app that a partner manager sent in, checked."""
    sender = signed_in(colleague("zhou.yu", "partner_manager"))
    file = SimpleUploadedFile("torch<b>.apk", REJECTED)
    form = {"file": file, "app_type": "flashlight", "service": "offer-1", "partner": ""}
    answer = sender.post("/desk/apps/new/", form, follow=True)
    assert "waiting to be checked" in answer.content.decode()
    check_waiting(now=timezone.now())
    return AppCheck.objects.get()


def test_an_app_is_sent_in_and_decided_on(manager: Client, check: AppCheck) -> None:
    assert check.ref in manager.get("/desk/apps/?show=open").content.decode()
    page = manager.get(f"/desk/apps/{check.ref}/").content.decode()
    for text in ("android.permission.READ_CONTACTS", "PERMISSION_EXCESS", "tools:node", "337"):
        assert text in page, text
    assert "torch<b>" not in page
    manager.post(f"/desk/apps/{check.ref}/note/", {"text": "Ask for a new version."})
    form = {"accept": "yes", "reason": "Contacts are picked by the user."}
    page = manager.post(f"/desk/apps/{check.ref}/decide/", form, follow=True).content.decode()
    assert "Ask for a new version." in page
    assert "accepted with a reason" in page


@pytest.mark.parametrize(("language", "words"), [("en", "How to fix it"), ("zh-hans", "整改方法")])
def test_the_report_reads_in_both_languages(
    manager: Client, check: AppCheck, language: str, words: str
) -> None:
    page = manager.get(f"/desk/apps/{check.ref}/report/", {"in": language}).content.decode()
    assert words in page
    assert "Internal note" not in page
    assert "zhou.yu" not in page, "no name of a colleague"


def test_hosts_are_agreed_and_withdrawn(manager: Client) -> None:
    manager.post("/desk/apps/hosts/", {"host": "api.partner.cn", "reason": "Content"})
    assert AgreedHost.objects.get().host == "api.partner.cn"
    manager.post("/desk/apps/hosts/api.partner.cn/withdraw/")
    assert not AgreedHost.objects.exists()


def test_others_neither_send_nor_decide(check: AppCheck) -> None:
    senior = signed_in(colleague("wang.wu", "senior_handler"))
    assert senior.get(f"/desk/apps/{check.ref}/").status_code == 200
    assert senior.get("/desk/apps/new/").status_code == 403
    assert senior.post(f"/desk/apps/{check.ref}/decide/", {"accept": "yes"}).status_code == 403
    assert senior.get("/desk/apps/hosts/").status_code == 403


def test_an_upload_without_a_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(colleague("zhou.yu", "partner_manager"))
    file = SimpleUploadedFile("a.apk", apk())
    assert client.post("/desk/apps/new/", {"file": file}).status_code == 403
    assert not AppCheck.objects.exists()


def test_an_empty_note_is_refused_in_words(manager: Client, check: AppCheck) -> None:
    answer = manager.post(f"/desk/apps/{check.ref}/note/", {"text": " "}, follow=True)
    assert "Write the note first." in answer.content.decode()
