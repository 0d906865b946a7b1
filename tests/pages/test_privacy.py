"""Pages of privacy reviews and of case files."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amends.causes.privacy.models import AccessAlert, MisuseCase, ServiceReview
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
FORM = {
    "service": "power-on",
    "name": "Power-on reminder",
    "purpose": "",
    "flow-TOTAL_FORMS": "3",
    "flow-INITIAL_FORMS": "0",
    "flow-0-id": "switched-on",
    "flow-0-about": "called",
    "flow-0-reveals": "presence",
    "flow-0-to": "requester",
    "flow-0-consent_of": ["requester"],
    "flow-0-retention_days": "1",
    "flow-1-about": "requester",
    "flow-1-reveals": "presence",
    "flow-1-to": "requester",
    "flow-2-about": "requester",
    "flow-2-reveals": "presence",
    "flow-2-to": "requester",
}


def test_a_power_on_reminder_is_declared_and_blocked_in_both_languages() -> None:
    officer = colleague("fang.yi", "privacy_officer")
    answer = signed_in(officer).post("/desk/privacy/new/", FORM, follow=True)
    page = answer.content.decode()
    assert "must not start" in page
    assert "has not agreed to it" in page
    assert "Suggested redesign" in page
    review = ServiceReview.objects.get()
    assert len(review.description["flows"]) == 1
    chinese = signed_in(officer, "zh-hans")
    page = chinese.get(f"/desk/privacy/review/{review.ref}/").content.decode()
    assert "被叫本人没有同意" in page
    assert "不得上线" in page
    assert "Power-on reminder" in chinese.get("/desk/privacy/").content.decode()


@pytest.mark.parametrize(
    ("language", "before", "confirmed"),
    [
        ("en", "The verdict before counts until", "Confirmed by"),
        ("zh-hans", "此前的结论", "确认人"),
    ],
)
def test_changed_flows_are_shown_to_a_second_person_who_confirms_them(
    language: str, before: str, confirmed: str
) -> None:
    officer = signed_in(colleague("fang.yi", "privacy_officer"), language)
    officer.post("/desk/privacy/new/", FORM)
    agreed = FORM | {"flow-0-consent_of": ["requester", "called"]}
    page = officer.post("/desk/privacy/new/", agreed, follow=True).content.decode()
    assert before in page
    review = ServiceReview.objects.get(replaces__isnull=False)
    path = f"/desk/privacy/review/{review.ref}/confirm/"
    assert path not in page
    assert officer.post(path).status_code == 403
    colleague_of_hers = signed_in(colleague("wu.min", "manager"), language)
    assert path in colleague_of_hers.get(f"/desk/privacy/review/{review.ref}/").content.decode()
    page = colleague_of_hers.post(path, follow=True).content.decode()
    assert confirmed in page
    review.refresh_from_db()
    assert not review.waits


def test_a_form_without_a_flow_says_what_is_missing() -> None:
    officer = signed_in(colleague("fang.yi", "privacy_officer"))
    page = officer.post("/desk/privacy/new/", {**FORM, "flow-0-id": ""}).content.decode()
    assert "This field is required" in page
    assert not ServiceReview.objects.exists()


def test_a_case_file_is_decided_on_its_page_by_the_officer_only() -> None:
    now = timezone.now()
    clerk = colleague("lei.jun", "handler")
    case = MisuseCase.objects.create(ref="mis-1", user=clerk.ref, opened_at=now)
    AccessAlert.objects.create(
        case=case, signal="no_case", at=now, p=1e-9, count=12, expected=0.4, days=1
    )
    assert signed_in(clerk).get("/desk/privacy/cases/").status_code == 403
    officer = signed_in(colleague("fang.yi", "privacy_officer"))
    assert "Many looks without a valid case" in officer.get("/desk/privacy/cases/").content.decode()
    form = {"decision": "retraining", "reason": "did not know the rule"}
    page = officer.post("/desk/privacy/cases/mis-1/decide/", form, follow=True).content.decode()
    assert "did not know the rule" in page
    assert "mis-1" in officer.get("/desk/privacy/cases/?state=decided").content.decode()
