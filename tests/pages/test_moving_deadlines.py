"""A handler moves a deadline on the complaint's page and from the shell, where its rule lets "
"them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from amends.cases.complaints.models import Clock, Complaint, Event, Reply
from amends.engines.decisions.allowances import ClockAllowance
from tests.actions.complaints.conftest import NOW
from tests.clock import begin_at
from tests.pages.conftest import Desk, colleague, complaint_page, signed_in
from tests.shell import amends

WHY = "总部档案要从外地调取，需要几天。"
INSIDE = "别让他再闹"
TEXT = ("--customer-text", WHY)
SURE = {"confirmed": "yes"}
RULE = ClockAllowance(
    "own.answer",
    "Own rule",
    "可以延长十日。",
    "It may be extended by ten days.",
    10,
    ("awaiting_other",),
)


@pytest.fixture(autouse=True)
def _before_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW + timedelta(days=3))


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("actions.running_clocks", "queries.movable_deadlines"):
        monkeypatch.setattr(f"amends.cases.complaints.{module}.allowance", lambda *_: RULE)


def _clock(desk: Desk) -> Clock:
    return Clock.objects.get(complaint=desk.complaint, binding=True, step="resolve", met_at=None)


def test_no_button_where_the_rule_allows_nothing(desk: Desk) -> None:
    html = desk.client.get(f"/desk/c/{desk.complaint}/").content.decode()
    assert "Move the deadline" not in html
    tried = {"step": "resolve", "how": "extend", "days": "5", "customer_text": WHY}
    refused = desk.client.post(f"/desk/c/{desk.complaint}/clock/", tried)
    assert refused.status_code == 403
    assert "This deadline cannot be moved." in refused.content.decode()


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize(
    ("language", "button", "said", "kept"),
    [
        (
            "en",
            "Move the deadline",
            "Extended. The answer is due by",
            "Deadline extended · 4 days more",
        ),
        ("zh-hans", "调整时限", "已延长，应在", "时限已延长 · 延长4天"),
    ],
)
def test_extended_stopped_and_run_on_from_the_page(
    desk: Desk, language: str, button: str, said: str, kept: str
) -> None:
    desk.client.cookies["amends_language"] = language
    page, url = f"/desk/c/{desk.complaint}/", f"/desk/c/{desk.complaint}/clock/"
    before = _clock(desk).due_at
    assert button in desk.client.get(page).content.decode()

    extend = {
        "step": "resolve",
        "how": "extend",
        "days": "4",
        "reason": INSIDE,
        "customer_text": WHY,
    }
    preview = desk.client.post(url, extend).content.decode()
    shown = preview.split("letter-preview")[1].split("</article>")[0]
    assert WHY in shown
    assert INSIDE not in shown
    assert _clock(desk).due_at == before, "a preview changes nothing"
    html = desk.client.post(url, extend | SURE, follow=True).content.decode()
    assert said in html
    assert kept in html
    assert INSIDE in html
    letter = Reply.objects.get(complaint=desk.complaint, kind="deadline_extended")
    assert WHY in letter.body
    assert INSIDE not in letter.body
    assert _clock(desk).due_at == before + timedelta(days=4)

    desk.client.post(url, {"step": "resolve", "how": "awaiting_other", "customer_text": WHY} | SURE)
    assert _clock(desk).paused_at is not None
    desk.client.post(url, {"step": "resolve", "how": "resume"})
    assert _clock(desk).paused_at is None
    verbs = Event.objects.filter(complaint=desk.complaint, actor=desk.handler.ref)
    assert {"extended", "paused", "resumed"} <= set(verbs.values_list("verb", flat=True))


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize("days", ["", "x", "-1", "1e3", "99999", "<b>4</b>", "11"])
def test_days_that_make_no_sense_move_nothing(desk: Desk, days: str) -> None:
    before = _clock(desk).due_at
    form = {"step": "resolve", "how": "extend", "days": days, "customer_text": WHY}
    answer = desk.client.post(f"/desk/c/{desk.complaint}/clock/", form)
    assert answer.status_code == 422
    assert "<b>4</b>" not in answer.content.decode()
    assert _clock(desk).due_at == before


@pytest.mark.usefixtures("lenient")
def test_others_move_nothing(desk: Desk) -> None:
    form = {"step": "resolve", "how": "extend", "days": "4", "customer_text": WHY}
    for role in ("privacy_officer", "regulator", "administrator"):
        other = signed_in(colleague(f"other.{role[:3]}", role))
        assert other.post(f"/desk/c/{desk.complaint}/clock/", form).status_code == 403
    pear = signed_in(colleague("pear.one", "handler", brand="pear"))
    assert pear.post(f"/desk/c/{desk.complaint}/clock/", form).status_code in (400, 404)
    assert not Event.objects.filter(complaint=desk.complaint, verb="extended").exists()


@pytest.mark.usefixtures("lenient")
def test_the_same_from_the_shell(desk: Desk) -> None:
    code = Complaint.objects.get(id=desk.complaint).code_public
    before = _clock(desk).due_at
    by = ("--by", "qiao.lin")
    shown = amends("clocks", "show", code, *by, "--json").document["clocks"]
    (row,) = [one for one in shown if one["step"] == "resolve" and one["binding"]]
    assert (row["days_left"], row["pauses"], row["paused"]) == (10, ["awaiting_other"], False)

    done = amends("clocks", "extend", code, "resolve", *by, "--days", "6", *TEXT)
    assert (done.code, "may be extended by 4 days" in done.out) == (0, True)
    assert _clock(desk).due_at == before + timedelta(days=6)
    why = ("--why", "awaiting_other", *TEXT)
    assert "paused" in amends("clocks", "pause", code, "resolve", *by, *why).out
    assert amends("clocks", "resume", code, "resolve", *by).code == 0

    colleague("shen.yu", "privacy_officer")
    assert amends("clocks", "show", code, "--by", "shen.yu").code == 1
    again = amends("clocks", "extend", code, "resolve", *by, "--days", "6", *TEXT)
    assert again.code == 1
    assert "allows an extension of 4 days, not 6" in again.err


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        ("en", "Note the repair", "repaired within the deadline"),
        ("zh-hans", "登记修复", "在时限内修复"),
    ],
)
def test_a_repair_is_noted_from_the_page_and_from_the_shell(
    desk: Desk, language: str, button: str, said: str
) -> None:
    complaint = Complaint.objects.get(id=desk.complaint)
    page = f"/desk/c/{desk.complaint}/"
    desk.client.cookies["amends_language"] = language
    assert 'id="repaired"' not in complaint_page(desk.client, desk.complaint)
    clock = _clock(desk)
    now = timezone.now()
    for number in range(2):
        Clock.objects.create(
            complaint=complaint,
            step="repair",
            rule=clock.rule,
            counting=str(number),
            due_at=now + timedelta(days=1),
        )
    assert button in complaint_page(desk.client, desk.complaint)
    form = {"at": "gestern", "customer_text": WHY} | SURE
    assert desk.client.post(f"{page}repair/", form).status_code == 422
    form["at"] = timezone.localtime(now).isoformat(timespec="minutes")
    assert said in desk.client.post(f"{page}repair/", form, follow=True).content.decode()
    again = amends("clocks", "repaired", complaint.code_public, "--by", "qiao.lin", *TEXT)
    assert again.code != 0
    assert not Clock.objects.filter(complaint=complaint, step="repair", met_at=None).exists()


@pytest.mark.parametrize(("late_days", "word"), [(-1, "met"), (1, "done late")])
def test_a_clock_that_has_ended_says_when_and_whether_in_time(
    desk: Desk, late_days: int, word: str
) -> None:
    clock = _clock(desk)
    clock.met_at = clock.due_at + timedelta(days=late_days)
    clock.save()
    page = desk.client.get(f"/desk/c/{desk.complaint}/").content.decode()
    card = page.partition('<dl class="facts over">')[2].partition("</dl>")[0]
    assert re.search(rf"</svg>{word}</span>", card)
    assert len(re.findall("<time", card)) == 2
    code = Complaint.objects.get(id=desk.complaint).code_public
    assert f", {word}, deadlines-cn@" in amends("clocks", "show", code, "--by", "qiao.lin").out
