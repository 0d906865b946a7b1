"""A complaint is judged by the rules of the day on which it came in, by the clock of its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions import investigate
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint, Decision
from amends.platform.kit.actors import system

WORDS = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
FIRST = datetime(2025, 4, 29, 16, 30, tzinfo=UTC)
"""Half past midnight in Beijing on the day `decisions-cn@2025-04-30` takes effect."""


def rules_applied(received_at: datetime, *, now: datetime = NOW) -> list[str]:
    """The versions of what decisions rest on, of a complaint received then."""
    said = Submission(
        channel="app",
        key="k1",
        text=WORDS,
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
    )
    ref = receive(said, now=NOW).complaint
    Complaint.objects.filter(id=ref).update(received_at=received_at)
    investigate.investigate_many([ref], actor=system("pipeline"), now=now)
    versions = Decision.objects.get(complaint=ref).decision["versions"]
    return [one for one in versions if one.startswith("decisions-cn@")]


def test_the_rules_of_the_day_hold_from_midnight(world: World) -> None:
    assert rules_applied(FIRST) == ["decisions-cn@2025-04-30"]


def test_the_last_half_hour_before_is_judged_by_the_rules_before(world: World) -> None:
    assert rules_applied(FIRST - timedelta(hours=1)) == ["decisions-cn@2016-07-30"]


def test_the_limits_are_those_of_the_day_it_is_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []
    limits = investigate.operator_limits

    def noted(jurisdiction: str, on: date) -> Any:
        asked.append(on)
        return limits(jurisdiction, on)

    monkeypatch.setattr(investigate, "operator_limits", noted)
    rules_applied(FIRST, now=NOW.replace(hour=16))
    assert asked == [date(2026, 11, 25)]
