"""A complaint inside a declared incident is answered with it; one outside as before."""

from __future__ import annotations

import pytest
from tests.rules.complaints.telling import FIBRE, NORTH, Story, day

REF = "hotissue-3"
HERE = {"incident": REF, "technology": "all", "cause": "declared:outage"}


def home(code: str = "network.outage") -> Story:
    story = Story(code)
    story.offer("fibre", 9900, kind="broadband", speed_down_kbps=100_000)
    story.begin(FIBRE, "fibre", day(-300), technology="fibre")
    return story


def on(story: Story, subject: str, opened: float = 149, **more: str) -> Story:
    """An incident that is stated on `subject`, with a statement about it."""
    area = "" if subject == REF else subject
    story.add("IncidentOpened", subject, day(opened), "hotissues", **HERE | {"area": area} | more)
    story.add(
        "StatementPublished",
        REF,
        day(opened + 0.5),
        "hotissues",
        issue="i",
        statement_version=1,
        sha256="0",
        title_zh="光缆中断",
        title_en="Cables broke",
        text_zh="每天都会减免。",
        text_en="Each day is credited.",
    )
    return story


@pytest.mark.parametrize("subject", [REF, NORTH])
def test_a_covered_complaint_is_never_told_that_nothing_happened(subject: str) -> None:
    """Before, records without a fault spoke against somebody whose cable the operator knew cut."""
    story = on(home(), subject)
    dossier = story.dossier()
    (row,) = dossier.of("declared_incident")
    assert "declared incident" in row.en
    assert "“Cables broke” Each day is credited." in row.en
    assert "“光缆中断”，每天都会减免。" in row.zh
    assert not dossier.of("area_degraded")
    assert dossier.of("incident_cleared")[0].about == REF
    assert story.decide().reasons[0].question == "declared_incident"


def test_outside_by_area_offer_or_time_nothing_changes() -> None:
    before = home().decide()
    for story in (
        on(home(), "south"),
        on(home(), NORTH, offers="other"),
        on(home(), NORTH, brand="plum"),
        on(home(), NORTH, opened=151),
    ):
        assert not story.dossier().of("declared_incident")
        assert story.decide() == before


def test_a_bill_is_not_explained_by_a_broken_cable_of_the_area() -> None:
    story = on(home("billing.wrong_charge"), NORTH)
    assert not story.dossier().of("declared_incident")


def test_too_late_a_repair_is_credited_as_for_any_fault() -> None:
    story = on(home(), REF, opened=140).charge(FIBRE, "fibre", day(135), 9900, ref="c")
    decision = story.decide()
    assert decision.verdict == "upheld"
    assert decision.amount is not None
    assert decision.amount.minor > 0
    assert [each.question for each in decision.reasons] == ["declared_incident", "incident_cleared"]


def test_what_was_measured_does_not_refuse_inside_an_incident() -> None:
    story = home("network.speed")
    for number in (146, 147, 148):
        story.measured(FIBRE, day(number), 100_000)
    refused = story.decide().verdict
    assert refused == "not_upheld"
    assert on(story, REF).decide().why_person == "no_rule"


def test_a_credit_for_it_is_named_and_a_withdrawn_statement_is_not() -> None:
    story = on(home(), REF)
    story.add(
        "RemedyGranted",
        "aff-1",
        day(149.8),
        "desk",
        remedy="r",
        remedy_kind="credit",
        amount_minor=500,
        currency="CNY",
        rule="issue 3",
    )
    story.add(
        "StatementPublished",
        REF,
        day(149.9),
        "hotissues",
        issue="i",
        statement_version=1,
        sha256="0",
        withdrawn=1,
    )
    story.add("IncidentClosed", REF, day(149.9), "hotissues", incident=REF, area="")
    (row,) = story.dossier().of("declared_incident")
    assert "¥5.00 was credited for it" in row.en
    assert "ended on" in row.en
    assert "published" not in row.en
