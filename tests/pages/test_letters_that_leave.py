"""No letter leaves with an empty field, whoever wrote it."""

from __future__ import annotations

import pytest

from amends.cases.complaints.models import Complaint, Reply
from amends.cases.complaints.queries.status import newest_decisions
from tests.pages.conftest import Desk, complain, signed_in


def _sent(ref: str) -> int:
    return Reply.objects.filter(complaint=ref, posted_at__isnull=False).count()


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        pytest.param("关于您的投诉", " \n ", "The reply is empty", id="emptied"),
        pytest.param(" ", "已退还 30.00 元。", "The reply is empty", id="no subject"),
        pytest.param("关于您的投诉", "退还____元。", "“____” in the reply", id="a line to fill"),
        pytest.param("关于您的投诉", "{paid_by}之前到账", "{paid_by}", id="a name in braces"),
        pytest.param("答复【 】", "已退还 30.00 元。", "【 】", id="brackets"),
    ],
)
def test_a_reply_with_an_empty_field_is_neither_sent_nor_replaced_by_the_draft(
    desk: Desk, subject: str, body: str, said: str
) -> None:
    before = _sent(desk.complaint)
    form = {
        "subject": subject,
        "body": body,
        "seen": newest_decisions([desk.complaint])[desk.complaint].id,
    }
    refused = desk.client.post(f"/desk/c/{desk.complaint}/approve/", form, follow=True)
    html = refused.content.decode()
    assert said in html
    assert all(typed.strip() in html for typed in (subject, body)), "what was typed stands there"
    assert _sent(desk.complaint) == before
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"

    chinese = signed_in(desk.handler, "zh-hans").post(f"/desk/c/{desk.complaint}/approve/", form)
    assert ("答复是空的" if "empty" in said else "还没有填写") in chinese.content.decode()


def test_an_answer_to_a_question_neither(desk: Desk) -> None:
    ref = complain("k-ask", "请问怎么查我还剩多少流量？")
    assert Complaint.objects.get(id=ref).kind == "enquiry"
    form = {"words": "您还剩____MB。"}
    refused = desk.client.post(f"/desk/c/{ref}/answer/", form, follow=True)
    assert "____" in refused.content.decode()
    assert not _sent(ref)
