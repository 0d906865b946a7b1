"""The pages of emergencies, drills and measures in a browser: wide and phone, both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from amends.people.access.models import User
from amends.problems.emergencies.actions.answer_all import draft_answer
from amends.problems.emergencies.actions.declare import Declaration, DeclaredScope, declare
from amends.problems.emergencies.actions.start_drill import start_drill
from amends.problems.measures.actions.measure import plan_measure, start_measure
from amends.problems.measures.jobs import judge_due
from amends.problems.measures.rules.measure_terms import MeasureTerms
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd, crowd
from tests.actions.measures.test_measures import JUDGED, fill
from tests.actions.measures.test_measures import NOW as FIXED

__all__ = ["crowd"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def measured(crowd: Crowd) -> str:
    fill("consent.cancel_stop", 20, 10, 1)
    fill("network.speed", 60, 60, 2)
    terms = MeasureTerms(
        "短信二次确认",
        "默认勾选",
        "取消默认勾选",
        crowd.manager.ref,
        FIXED.date(),
        JUDGED.date(),
        7,
        200,
        ("code=consent.cancel_stop",),
        ("code=network.speed",),
        (FIXED - timedelta(days=21)).date(),
        (FIXED - timedelta(days=8)).date(),
    )
    measure = plan_measure(terms, actor=crowd.manager, now=FIXED)
    start_measure(measure.id, actor=crowd.manager, now=FIXED)
    judge_due(now=JUDGED)
    return measure.id


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_no_page_has_a_serious_fault_or_runs_off_the_side(
    crowd: Crowd, visitor: Any, language: str, width: int
) -> None:
    said = Declaration("thirdparty", "level2", "many", DeclaredScope(("offer-ring",)))
    declare(crowd.issue, said, actor=crowd.manager, now=NOW)
    draft_answer(
        crowd.issue, "同一原因。", "One cause.", actor=crowd.staff["senior_handler"], now=NOW
    )
    drill = start_drill(title="演练", actor=crowd.manager, now=NOW)
    pages = (
        f"/desk/hotissues/{crowd.issue}/emergency/",
        "/desk/hotissues/drills/",
        "/desk/hotissues/emergencies/",
        f"/desk/hotissues/{crowd.issue}/emergency/answers/",
        f"/desk/hotissues/{drill.id}/after-action/",
        "/desk/measures/",
        "/desk/measures/new/",
        f"/desk/measures/{measured(crowd)}/",
        "/statements/",
    )
    client = Client()
    client.force_login(User.objects.get(ref=crowd.manager.ref))
    window = visitor(language=language, width=width)
    window.let_in(client)
    for path in pages:
        window.open(path)
        assert window.axe() == [], path
        assert window.wider_than_itself() == 0, path
    assert window.faults == []
    assert window.strangers == []
