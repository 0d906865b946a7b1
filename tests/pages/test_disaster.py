"""Whether a rule that excepts natural disasters holds stands on both pages."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amends.cases.complaints.models import Complaint
from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.models import Emergency
from amends.problems.hotissues.models import HotIssue
from tests.actions.hotissues.conftest import Crowd, crowd
from tests.pages.conftest import colleague, signed_in

__all__ = ["crowd"]


@pytest.mark.parametrize(
    ("language", "excepted", "set_aside"),
    [
        ("en", "This does not apply here: hot issue", "Does not apply because of it:"),
        ("zh-hans", "此处不适用：热点问题", "因此不适用："),
    ],
)
def test_both_pages_say_that_an_outage_rule_does_not_hold(
    crowd: Crowd, language: str, excepted: str, set_aside: str
) -> None:
    said = Declaration("outage", "level3", "the north is without a line")
    declare(crowd.issue, said, actor=crowd.manager, now=timezone.now())
    Emergency.objects.update(pack="au")
    number = HotIssue.objects.get(id=crowd.issue).number
    ref = crowd.complaints[0]
    Complaint.objects.filter(id=ref).update(
        jurisdiction="au", province="", code="network.outage", hot_issue=number
    )
    manager = signed_in(colleague("mei.lin", "manager"), language)

    def complaint() -> str:
        return manager.get(f"/desk/c/{ref}/").content.decode()

    address = f"/desk/hotissues/{crowd.issue}/emergency/"
    assert "au.outage" in complaint()
    assert excepted not in complaint()
    assert set_aside not in manager.get(address).content.decode()
    fields = {"disaster": "yes", "reason": "洪水，气象部门已发布"}
    assert manager.post(f"{address}disaster/", fields).status_code == 302
    page = manager.get(address).content.decode()
    assert set_aside in page
    assert "洪水，气象部门已发布" in page
    assert excepted in complaint()
    assert "洪水，气象部门已发布" in complaint()
    assert "洪水" in manager.get(f"/desk/hotissues/{number}/").content.decode()
