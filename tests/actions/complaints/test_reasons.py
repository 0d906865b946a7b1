"""A typed reason says something in the language it is written in; one rule for every form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.actions.complaints.conftest import NOW

import amends
from amends.cases.complaints.actions.internal_reason import internal_reason
from amends.cases.complaints.actions.overrule import Overruling, UnableToOverrule, overrule_many
from amends.cases.complaints.actions.reject_message import UnableToReject, reject_message
from amends.people.access.actions.unmask import UnableToUnmask, check_reason
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.texts import says_why
from amends.work.remedies.actions.approve import UnableToApprove, reject

HANDLER = Actor("user", "usr-1", ("handler",))
SENSIBLE = (
    "用户已确认",
    "录音核实",
    "已退款",
    "重复扣费",
    "Paid twice",
    "Refund agreed",
    "वापस किया",
)
EMPTY = (
    "",
    "ok",
    "OK!!!!!!",
    "aaaa",
    "aaaaaaaaaaaa",
    "急",
    "同意",
    "好好好好好",
    "........",
    " x  y z ",
)


@pytest.mark.parametrize("reason", SENSIBLE)
def test_a_sensible_reason_passes_in_any_script(reason: str) -> None:
    assert says_why(reason)
    assert internal_reason(f"  {reason} ", Refused) == reason
    check_reason(reason)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", EMPTY)
def test_a_reason_that_says_nothing_is_refused_on_every_form(reason: str) -> None:
    said = Overruling(
        complaint="c",
        verdict="upheld",
        amount_minor=0,
        currency="",
        reason=reason,
        customer_text=reason,
    )
    with pytest.raises(UnableToOverrule) as refused:
        overrule_many([said], actor=HANDLER, now=NOW)
    assert "three Chinese characters" in refused.value.next_step
    with pytest.raises(Refused):
        internal_reason(reason, Refused)
    with pytest.raises(UnableToUnmask):
        check_reason(reason)
    with pytest.raises(UnableToReject):
        reject_message(
            "c",
            reason=reason,
            customer_text=reason,
            next_step="请向仲裁机构申请",
            actor=HANDLER,
            now=NOW,
        )
    with pytest.raises(UnableToApprove):
        reject(["r"], actor=HANDLER, reason=reason, now=NOW)


def test_no_browser_asks_for_more_than_the_desk() -> None:
    asked = [
        int(least)
        for page in Path(amends.__path__[0]).rglob("*.html")
        for least in re.findall(r'name="reason"[^>]*minlength="(\d+)"', page.read_text("utf-8"))
    ]
    assert asked
    assert max(asked) <= 3, "a reason of three Chinese characters passes"
