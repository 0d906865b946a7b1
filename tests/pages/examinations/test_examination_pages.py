"""Self-examination as people see it."""

from __future__ import annotations

from typing import Any

import pytest

from amends.cases.examinations.models import DutyCheck, ExaminationFinding
from tests.pages.conftest import colleague, signed_in

NOTE = "Looked at ten contracts and the bills."


def test_from_red_to_checked_with_a_finding_corrected(db: None) -> None:
    boss = signed_in(colleague("zhao.an", "manager"))
    assert "8 processes are in red" in boss.get("/desk/examination/").content.decode()
    answer = boss.post("/desk/examination/usage/check/", {"note": NOTE}, follow=True)
    assert "Duties checked: 6; not met: 0" in answer.content.decode()
    assert "7 processes are in red" in boss.get("/desk/examination/").content.decode()
    boss.post("/desk/examination/usage/owner/", {"owner": "zhao.an", "from": "2026-01-01"})
    named = boss.get("/desk/examination/usage/").content.decode()
    assert "zhao.an from 1 Jan 2026 on" in named
    assert "usr-" not in named
    boss.post("/desk/examination/usage/finding/", {"words": "The text names no price."})
    (found,) = ExaminationFinding.objects.all()
    page = boss.post(
        f"/desk/examination/finding/{found.id}/correct/",
        {"what": "The text was mended."},
        follow=True,
    ).content.decode()
    assert "corrected, awaiting re-check" in page
    other = signed_in(colleague("li.na", "manager"))
    page = other.post(
        f"/desk/examination/finding/{found.id}/recheck/",
        {"note": NOTE, "held": "yes"},
        follow=True,
    ).content.decode()
    assert "the finding is closed" in page
    assert "re-checked: the correction holds" in page


@pytest.mark.parametrize("role", ["handler", "senior_handler", "regulator", "privacy_officer"])
def test_who_may_not_check_is_refused(db: None, role: str) -> None:
    client = signed_in(colleague("somebody", role))
    answer = client.post("/desk/examination/usage/check/", {"note": NOTE})
    assert answer.status_code == 403
    assert DutyCheck.objects.count() == 0
    reads = client.get("/desk/examination/").status_code
    assert reads == (200 if role in {"senior_handler", "regulator"} else 403)
    if reads == 200:
        assert "Check now" not in client.get("/desk/examination/usage/").content.decode()


def test_what_cannot_be_done_says_why(db: None) -> None:
    boss = signed_in(colleague("zhao.an", "manager"))
    assert boss.get("/desk/examination/nothing/").status_code == 404
    short = boss.post("/desk/examination/usage/check/", {"note": "ok"})
    assert short.status_code == 400
    assert "says too little" in short.content.decode()
    assert boss.post("/desk/examination/usage/owner/", {"owner": "nobody"}).status_code in {
        400,
        404,
    }


def test_errors_appear_beside_their_fields_and_the_owner_is_picked(db: None) -> None:
    boss = signed_in(colleague("zhao.an", "manager"), "en")
    page = boss.get("/desk/examination/usage/").content.decode()
    assert '<option value="zhao.an">' in page
    owner = boss.post("/desk/examination/usage/owner/", {"owner": "nobody", "from": "9999-99-99"})
    assert owner.status_code == 400
    assert 'id="id_owner_owner_error"' in owner.content.decode()
    assert 'id="id_owner_from_error"' in owner.content.decode()
    boss.post("/desk/examination/usage/finding/", {"words": "The text names no price."})
    (found,) = ExaminationFinding.objects.all()
    corrected = boss.post(
        f"/desk/examination/finding/{found.id}/correct/",
        {"what": "The price is in the text.", "on": "2020-01-01"},
    )
    assert corrected.status_code == 400
    assert "The day of the re-check has passed." in corrected.content.decode()
    assert "The price is in the text.</textarea>" in corrected.content.decode()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
@pytest.mark.django_db(transaction=True)
def test_pages_in_a_real_browser(visitor: Any, language: str, width: int) -> None:
    window = visitor(language=language, width=width)
    client = signed_in(colleague("zhao.an", "manager"))
    client.post("/desk/examination/usage/check/", {"note": NOTE})
    client.post("/desk/examination/usage/finding/", {"words": "The text names no price."})
    window.let_in(client)
    for path in ("", "usage/", "roaming/"):
        window.open(f"/desk/examination/{path}")
        assert window.axe() == [], path
    assert window.faults == []
