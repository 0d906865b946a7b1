"""Measures over the interface: the same document as the command, each brand only its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from amends.problems.measures.models import Judgement, Measure
from tests.pages.portals.conftest import NOW
from tests.shell import amends

pytestmark = pytest.mark.django_db


def _measure(number: int, *, brand: str, state: str = "judged") -> Measure:
    return Measure.objects.create(
        number=number,
        brand=brand,
        title=f"measure {number}",
        cause="the menu",
        action="a shorter menu",
        owner="usr-lin",
        starts_on=date(2026, 6, 1),
        judge_on=date(2026, 8, 10),
        expected_drop_permille=200,
        treated=["code=network.speed"],
        planned_at=NOW,
        planned_by="usr-lin",
        state=state,
        verdict="works" if state == "judged" else "",
    )


def test_the_interface_and_the_command_give_the_same_document(caller: Any) -> None:
    Judgement.objects.create(
        measure=_measure(1, brand=""),
        on=date(2026, 8, 10),
        at=NOW,
        final=True,
        verdict="works",
        document={"rate_ratio": 0.7, "low": 0.6, "high": 0.82, "method": "conditional binomial"},
    )
    answer = caller("measures:read").get("/measures")
    assert answer.status_code == 200
    (row,) = answer.json()
    assert (row["title"], row["verdict"], row["rate_ratio"]) == ("measure 1", "works", 0.7)
    assert amends("hotissues", "measures", "--json").document["measures"] == answer.json()


def test_a_brand_reads_its_own_measures_and_another_scope_reads_none(caller: Any) -> None:
    for number, brand in enumerate(("plum", "pear", ""), 1):
        _measure(number, brand=brand)
    plum = caller("measures:read", name="plum", brand="plum").get("/measures")
    assert [one["number"] for one in plum.json()] == [1, 3]
    assert caller("publicity:write", name="shop").get("/measures").status_code == 403


def test_the_interface_and_the_command_list_the_measures_of_a_state(caller: Any) -> None:
    for number, state in enumerate(("planned", "started", "judged", "started"), 1):
        _measure(number, brand="", state=state)
    client = caller("measures:read")
    answer = client.get("/measures?state=started")
    assert [one["number"] for one in answer.json()] == [2, 4]
    found = amends("hotissues", "measures", "--state", "started", "--json").document
    assert (found["measures"], found["state"]) == (answer.json(), "started")
    refused = client.get("/measures?state=begun")
    assert (refused.status_code, refused.json()["error"]) == (400, "measure_state_unknown")
    assert "planned, started, judged" in refused.json()["next_step"]


def test_a_brand_reads_of_a_state_only_its_own(caller: Any) -> None:
    for number, brand in enumerate(("plum", "pear", ""), 1):
        _measure(number, brand=brand, state="started")
    plum = caller("measures:read", name="plum", brand="plum").get("/measures?state=started")
    assert [one["number"] for one in plum.json()] == [1, 3]
