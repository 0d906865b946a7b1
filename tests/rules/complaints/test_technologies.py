"""The promise and the network's troubles of a line are those of its access technology."""

from __future__ import annotations

import pytest
from tests.rules.complaints.telling import FIBRE, NORTH, PLAN, Story, day, fibre

from amends.engines.decisions.dossier.network import concerns
from amends.engines.decisions.dossier.sheet import questions
from amends.engines.decisions.rulings.book import book

PROMISED = {"fibre": (300_000, 240_000), "dsl": (50_000, 30_000), "5g": (200_000, 0)}


def _home(technology: str, measured: int = 0, **more: str) -> Story:
    """An offer sold over fibre, DSL and 5G at one price, with a promise of its own for each."""
    story = Story("network.speed")
    for name, (sold, least) in PROMISED.items():
        floor = {"speed_min_kbps": least} if least else {}
        story.offer("home", 7900, kind="broadband", speed_down_kbps=sold, technology=name, **floor)
    told = {"technology": technology} if technology else {}
    story.begin(FIBRE, "home", day(-300), **told, **more)
    story.charge(FIBRE, "home", day(120), 7900, ref="h-1")
    for number in (135, 140, 145) if measured else ():
        story.measured(FIBRE, day(number), measured)
    return story


@pytest.mark.parametrize(
    ("technology", "measured", "verdict", "why"),
    [
        ("fibre", 45_000, "upheld", ""),
        ("dsl", 45_000, "not_upheld", ""),
        ("dsl", 20_000, "upheld", ""),
        ("5g", 190_000, "person_must_decide", "no_rule"),
        ("cable", 45_000, "person_must_decide", "no_rule"),
        ("", 45_000, "person_must_decide", "technology_unknown"),
    ],
)
def test_the_promise_of_the_lines_own_technology_holds(
    technology: str, measured: int, verdict: str, why: str
) -> None:
    """Before, the terms published last held for every line: 45 of 50 Mbit/s were too slow."""
    story = _home(technology, measured)
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == (verdict, why)
    if why == "technology_unknown":
        (row,) = story.dossier().of("speed_as_promised")
        assert "fibre 300 Mbit/s, at least 240 Mbit/s" in row.en
        assert "DSL 50 Mbit/s, at least 30 Mbit/s" in row.en
        assert "没有记录" in row.zh
        assert "access technology" in decision.why_en


@pytest.mark.parametrize("technology", ["", "fibre"])
def test_the_same_version_told_again_is_no_promise_of_another_technology(technology: str) -> None:
    """A version is what it was told as first; told again otherwise, it is not two promises."""
    story = Story("network.speed")
    named = {"technology": technology} if technology else {}
    for at, sold, least in ((day(-400), 100_000, 80_000), (day(-200), 120_000, 90_000)):
        story.offer(
            "home",
            7900,
            at=at,
            kind="broadband",
            speed_down_kbps=sold,
            speed_min_kbps=least,
            **named,
        )
    story.begin(FIBRE, "home", day(-300)).charge(FIBRE, "home", day(120), 7900, ref="h-1")
    story.measured(FIBRE, day(140), 85_000)
    decision = story.decide()
    assert decision.verdict == "not_upheld"
    (row,) = story.dossier().of("speed_as_promised")
    assert "at least 80 Mbit/s" in row.en


def test_what_befell_another_technology_credits_nothing() -> None:
    """Before, a degradation of 5G in the area credited its days to a line of fibre."""
    story = fibre().degraded(day(140), day(145), technology="5g")
    (row,) = story.dossier().of("area_degraded")
    assert row.answer == "nothing_found"
    assert "only 5G was degraded, and the user's line is fibre" in row.en
    assert row.facts, "what was set aside is cited"
    assert story.decide().why_person == "not_measured"
    for number in (146, 147, 148):
        story.measured(FIBRE, day(number), 90_000)
    (credit,) = [each for each in story.dossier().grounds if each.ground == "below_minimum"]
    assert credit.excess_minor == round(7900 * 3 / 31), "the days it was measured too slow"


def test_a_degradation_of_late_brings_up_every_day_on_record_and_says_so() -> None:
    """Before, the sentence told of days half a year ago as if they were of late."""
    story = fibre().degraded(day(20), day(22))
    assert story.answers("area_degraded") == ["nothing_found"]
    (row,) = story.degraded(day(143), day(145)).dossier().of("area_degraded")
    assert row.answer == "yes"
    assert "on 6 days in all" in row.en
    assert "the last time within 30 days before the complaint, and every day on record" in row.en
    assert "最近一次在投诉前30天以内" in row.zh


def test_where_the_line_is_not_on_file_nobody_guesses() -> None:
    story = Story("network.speed").offer(
        "line", 7900, kind="broadband", speed_down_kbps=300_000, speed_min_kbps=240_000
    )
    story.begin(FIBRE, "line", day(-300)).charge(FIBRE, "line", day(120), 7900, ref="l-1")
    story.degraded(day(140), day(145))
    (row,) = story.dossier().of("area_degraded")
    assert (row.answer, row.open_why) == ("yes", "technology_unknown")
    assert "that of the user's line is not on file" in row.en
    assert story.decide().why_person == "not_measured", "that is found out first"
    for number in (141, 143, 145):
        story.measured(FIBRE, day(number), 90_000)
    decision = story.decide()
    assert decision.why_person == "technology_unknown"
    assert not story.dossier().grounds
    story.degraded(day(146), day(147), technology="all")
    assert story.answers("area_degraded") == ["yes"]


def test_a_fault_of_another_technology_is_not_this_lines() -> None:
    story = fibre("network.outage")
    more = {"incident": "inc-1", "area": NORTH}
    story.add("IncidentOpened", NORTH, day(141), "quality", cause="power", technology="5g", **more)
    story.add("IncidentClosed", NORTH, day(145), "quality", **more)
    (row,) = story.dossier().of("incident_cleared")
    assert row.answer == "nothing_found"
    assert "faults in north befell only 5G" in row.en
    story.offer("plan", 5900, kind="mobile_plan", technology="5G").begin(PLAN, "plan", day(-300))
    story.charge(PLAN, "plan", day(130), 5900, ref="p-1")
    (row,) = story.dossier().of("incident_cleared")
    assert (row.answer, row.technology) == ("no", "5g")
    assert {each.service for each in story.dossier().grounds} <= {PLAN}


def test_a_change_of_offer_keeps_the_line_unless_it_cannot() -> None:
    story = _home("dsl", 45_000).offer(
        "home-2", 9900, kind="broadband", speed_down_kbps=40_000, technology="dsl"
    )
    story.offer("home-2", 9900, kind="broadband", speed_down_kbps=400_000, technology="fibre")
    story.change(FIBRE, "home", "home-2", day(100), order="o-2")
    (row,) = story.dossier().of("speed_as_promised")
    assert (row.technology, row.answer) == ("dsl", "yes")
    story.offer("glass", 9900, kind="broadband", speed_down_kbps=400_000, technology="fibre")
    story.change(FIBRE, "home-2", "glass", day(110), order="o-3")
    (row,) = story.dossier().of("speed_as_promised")
    assert row.technology == "fibre"


@pytest.mark.parametrize(
    ("technology", "why"),
    [("fibre", "rule_needs_person"), ("fixed_wireless", "no_rule"), ("", "technology_unknown")],
)
def test_a_rule_for_fixed_broadband_reaches_no_other_line(technology: str, why: str) -> None:
    """The voluntary speed code of the United Kingdom is for fixed broadband."""
    story = Story("network.speed", jurisdiction="uk", zone="Europe/London", currency="GBP")
    story.offer("line", 3000, speed_down_kbps=60_000, speed_min_kbps=40_000, kind="broadband")
    told = {"technology": technology} if technology else {}
    story.begin(FIBRE, "line", day(-300), **told)
    for number in (135, 140, 145):
        story.measured(FIBRE, day(number), 20_000)
    assert story.decide().why_person == why


def test_rules_that_name_technologies_name_those_we_have_words_for() -> None:
    words = questions(day(150).date()).words["technology"]
    for rule in (each for rules in book("uk", day(150).date()).rules.values() for each in rules):
        assert rule.technologies <= set(words)
    assert concerns("all", "") is True
