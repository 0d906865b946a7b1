"""Dialogs of the complaint page: errors at their fields, typed values stay."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint
from tests.pages.conftest import Desk, complain

HTMX = {"HX-Request": "true"}


def _beside(html: str, field: str) -> str:
    """The error beside a field, "" where there is none."""
    error = re.search(rf'id="{field}_error">.*?<span>(.*?)</span>', html, re.DOTALL)
    return error[1] if error else ""


def test_the_dialog_is_answered_with_its_form_and_all_errors(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/overrule/"
    typed = {"verdict": "", "amount": "twelve", "reason": "Checked by phone.", "customer_text": ""}
    answer = desk.client.post(url, typed, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<html" not in html
    assert html.strip().startswith("<form")
    assert "Choose a verdict" in _beside(html, "overrule-verdict_0") or "Choose a verdict" in html
    assert "for example 12.50" in _beside(html, "overrule-amount")
    assert "in a few words" in _beside(html, "overrule-customer_text")
    assert not _beside(html, "overrule-reason")
    assert "Checked by phone." in html
    assert 'value="twelve"' in html


def test_success_leads_the_dialog_back_to_the_complaint(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/urgent/"
    typed = {"urgent": "1", "reason": "The caller is on a ventilator."}
    answer = desk.client.post(url, typed, headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/desk/c/{desk.complaint}/"
    assert Complaint.objects.get(id=desk.complaint).urgent
    refused = desk.client.post(url, typed, headers=HTMX)
    assert refused.status_code == 422
    assert "It is so already." in refused.content.decode().partition('role="alert"')[2]
    assert "The caller is on a ventilator." in refused.content.decode()


def test_without_scripts_the_form_is_a_page(desk: Desk) -> None:
    answer = desk.client.post(f"/desk/c/{desk.complaint}/urgent/", {"urgent": "1", "reason": "x"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<h1>Mark urgent</h1>" in html
    assert "in a few words" in _beside(html, "urgent-reason")
    assert "hx-post" not in html.partition('<section class="card">')[2].partition("</section>")[0]


def test_a_refusal_of_the_action_is_beside_the_field_it_is_about(desk: Desk) -> None:
    ref = complain(key="c-9", text="宽带断了没人修", phone="", identity="")
    process(now=timezone.now())
    typed = {"number": "13811112222"}
    answer = desk.client.post(f"/desk/c/{ref}/subscriber/", typed, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "We know no subscriber by this number." in _beside(html, "subscriber-number")
    assert 'value="13811112222"' in html


def test_a_letter_is_previewed_and_changed_in_the_dialog(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/move/?verb=deadlock"
    text = "您要求的赔偿超出标准。"
    preview = desk.client.post(url, {"customer_text": text}, headers=HTMX).content.decode()
    assert text in preview.partition("letter-preview")[2].partition("</article>")[0]
    assert 'name="confirmed"' in preview
    assert 'type="hidden" name="customer_text"' in preview
    changed = desk.client.post(url, {"customer_text": text, "change": "yes"}, headers=HTMX)
    assert f"{text}</textarea>" in changed.content.decode()
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    sent = desk.client.post(url, {"customer_text": text, "confirmed": "yes"}, headers=HTMX)
    assert sent.status_code == 204
    assert Complaint.objects.get(id=desk.complaint).state == "deadlocked"


def test_a_person_who_signed_out_signs_in_on_a_page(desk: Desk) -> None:
    page = f"/desk/c/{desk.complaint}/"
    headers = HTMX | {"HX-Current-URL": f"http://testserver{page}?tab=verdict"}
    answer = Client().post(f"{page}urgent/", {"urgent": "1"}, headers=headers)
    assert answer.status_code == 403
    assert answer["HX-Redirect"].startswith("/account/login/?next=/desk/c/")


def test_full_values_appear_in_the_dialog(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/unmask/"
    refused = desk.client.post(url, {"personal_fields": "phone", "reason": "x"}, headers=HTMX)
    assert "The reason is too short." in _beside(refused.content.decode(), "unmask-reason")
    typed = {"personal_fields": ["phone"], "reason": "to call back about the refund"}
    answer = desk.client.post(url, typed, headers=HTMX)
    html = answer.content.decode()
    assert "13900001234" in html
    assert "<html" not in html
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("action", "typed", "field", "words"),
    [
        ("correct", {"code": "no.such"}, "correct-code", "Select a valid choice"),
        (
            "follow-up",
            {"due_on": "2020-01-01", "reason": "Call"},
            "follow-up-due_on",
            "tomorrow on",
        ),
        ("wait", {"until": "", "reason": ""}, "wait-reason", "This field is required."),
        ("assign", {"to": "usr-nobody"}, "assign-to", "Select a valid choice"),
        ("document", {}, "document-compared", "This field is required."),
    ],
)
def test_each_error_is_at_its_field(
    desk: Desk, action: str, typed: dict[str, str], field: str, words: str
) -> None:
    answer = desk.client.post(f"/desk/c/{desk.complaint}/{action}/", typed, headers=HTMX)
    assert answer.status_code == 422
    assert words in _beside(answer.content.decode(), field)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_dialog_stays_open_with_its_errors(desk: Desk, visitor: Any) -> None:
    window = visitor(language="en")
    window.sign_in("qiao.lin")
    page = window.open(f"/desk/c/{desk.complaint}/")
    window.touch(page.locator("[data-dialog='overrule']").first)
    page.fill("#overrule-reason", "Checked by phone.")
    window.touch("#overrule button.main")
    expect(page.locator("#overrule .error")).to_have_count(2)
    expect(page.locator("dialog#overrule[open] #overrule-reason")).to_have_value(
        "Checked by phone."
    )
    page.check("#overrule input[value='not_upheld']")
    page.fill("#overrule-amount", "")
    page.fill("#overrule-customer_text", "我们核对了记录，费用是您订购的业务产生的。")
    window.press("#overrule button.main")
    window.stands_at(f"/desk/c/{desk.complaint}/\\?tab=verdict")
    expect(page.locator(".toast").first).to_contain_text("Your verdict is recorded")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_lost_answer_is_told_and_nothing_is_sent_twice(desk: Desk, visitor: Any) -> None:
    window = visitor(language="en")
    window.sign_in("qiao.lin")
    page = window.open(f"/desk/c/{desk.complaint}/")
    window.touch(page.locator("[data-dialog='overrule']").first)
    page.check("#overrule input[value='not_upheld']")
    page.fill("#overrule-reason", "Checked by phone.")
    page.fill("#overrule-customer_text", "我们核对了记录，费用是您订购的业务产生的。")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.route("**/overrule/", lambda route: route.abort("connectionreset"))
    window.touch("#overrule button.main")
    expect(page.locator("#overrule .note.lost")).to_contain_text("we do not know whether")
    expect(page.locator("#overrule-reason")).to_have_value("Checked by phone.")
    assert sent.count("POST") == 1
