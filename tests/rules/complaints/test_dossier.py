"""The dossier: what is known and what is missing, in words a person can check."""

from __future__ import annotations

import json
import re
from datetime import date
from string import Formatter

import pytest
from tests.rules.complaints.telling import (
    FIBRE,
    NORTH,
    PLAN,
    RING,
    Story,
    abroad,
    day,
    fibre,
    ringtone,
)

from amends.engines.classification.taxonomy import taxonomy
from amends.engines.decisions.dossier import QUESTIONS, Dossier, dossier, questions_of
from amends.engines.decisions.dossier.sheet import questions
from amends.engines.decisions.evidence import CoverageBook, Matter
from amends.engines.decisions.rulings.book import book
from amends.platform.kit.periods import to_ms
from amends.record.facts.coverage import Coverage as Answer

ON = date(2026, 6, 1)


def test_nothing_found_and_not_covered_are_different_and_both_are_loud() -> None:
    silent = ringtone().dossier().of("service_confirmed")[0]
    assert (silent.answer, silent.gap_zh, silent.gap_en) == ("nothing_found", "", "")
    assert "记录完整" in silent.zh
    unknown = ringtone().uncover("confirmations").dossier().of("service_confirmed")[0]
    assert unknown.answer == "not_covered"
    assert "查不到不等于没有" in unknown.gap_zh
    assert "finding nothing proves nothing" in unknown.gap_en


def test_a_row_states_who_when_and_how_on_the_readers_clock() -> None:
    story = ringtone().confirm(RING, "ring", day(100, 2.05), order="o-ring")
    row = story.dossier().of("service_confirmed")[0]
    assert row.answer == "yes"
    assert "2026年4月11日 10:03" in row.zh
    assert "11 Apr 2026 10:03" in row.en
    assert "短信回复" in row.zh
    assert "a partner" in row.en
    assert row.source == "confirmations"
    assert story.facts[-1].id in row.facts


def test_the_question_itself_is_kept_in_both_languages() -> None:
    row = ringtone().dossier().of("service_confirmed")[0]
    assert row.asked("zh") == "这项业务经本人确认过吗？由谁、何时、以何种方式？"
    assert row.asked("en") == "Was this service confirmed? By whom, when and how?"
    assert row.text("en") == row.en


def test_only_the_gap_of_the_question_is_named() -> None:
    story = ringtone().cover("confirmations", day(100, 2.05), day(100, 2.1), complete=False)
    row = story.dossier().of("service_confirmed")[0]
    assert "2026年4月11日 10:03至2026年4月11日 10:06" in row.gap_zh


def test_other_peoples_services_are_not_read() -> None:
    story = ringtone(services=(PLAN,))
    assert not story.dossier().grounds
    assert story.answers("added_service") == ["nothing_found"]


def test_without_a_list_every_service_the_facts_name_is_read() -> None:
    assert len(ringtone(services=()).dossier().grounds) == 2


def test_charges_after_the_period_are_not_part_of_it() -> None:
    story = ringtone().charge(RING, "ring", day(151), 600, ref="c-9", kind="value_added")
    assert {ground.charge for ground in story.dossier().grounds} == {"c-1", "c-2"}


def test_the_speed_row_compares_what_was_measured_with_what_was_sold() -> None:
    story = fibre()
    for hour in (1, 2, 3):
        story.measured(FIBRE, day(140, hour), 83_500 + hour)
    row = story.dossier().of("speed_as_promised")[0]
    assert row.answer == "no"
    assert "300 Mbit/s" in row.zh
    assert "240 Mbit/s" in row.zh
    assert "83.5 Mbit/s" in row.zh


def test_old_measurements_say_nothing_about_today() -> None:
    story = fibre().measured(FIBRE, day(20), 10_000)
    assert story.answers("speed_as_promised") == ["nothing_found"]


def test_channels_that_differ_are_shown_to_differ() -> None:
    story = Story("marketing.promise_not_kept").offer("fibre", 7900, kind="broadband")
    story.claim("ad", "fibre", 4900, day(80), until_ms=to_ms(day(110)))
    story.begin(FIBRE, "fibre", day(100), order="o-f")
    row = story.dossier().of("published_where")[0]
    assert row.answer == "no"
    assert "社交媒体每月¥49.00" in row.zh
    assert "the offer itself ¥79.00 a month" in row.en
    later = Story("marketing.promise_not_kept").offer("fibre", 7900, kind="broadband")
    later.claim("ad", "fibre", 4900, day(80), until_ms=to_ms(day(90)))
    later.begin(FIBRE, "fibre", day(100), order="o-f")
    assert later.answers("published_where") == ["nothing_found"], "the claim had ended"


def test_notices_of_one_key_belong_together() -> None:
    story = abroad().sent("cn.roaming_cap", PLAN, day(140, 2.05), key="another")
    story.delivered("cn.roaming_cap", PLAN, day(140, 2.06), key="another")
    assert story.answers("cap_notice") == ["nothing_found"]


def test_an_outage_that_lasted_too_long_is_told_with_its_length() -> None:
    story = fibre("network.outage")
    for kind, at in (("IncidentOpened", day(140)), ("IncidentClosed", day(143, 5))):
        more = {"technology": "fibre", "cause": "cable_cut"} if kind == "IncidentOpened" else {}
        story.add(kind, "north", at, "quality", incident="inc-1", area="north", **more)
    row = story.dossier().of("incident_cleared")[0]
    assert row.answer == "no"
    assert "3天3小时" in row.zh
    assert "3 days 3 hours" in row.en
    assert {ground.ground for ground in story.dossier().grounds} == {"late_repair"}


# ------------------------------------------------------------------ the strip


def test_the_strip_draws_what_happened_and_the_gap_as_a_gap() -> None:
    story = ringtone().cover("confirmations", day(99), day(101), complete=False)
    strip = story.dossier().strip
    assert strip is not None
    lanes = {lane.lane: lane for lane in strip.lanes}
    assert [mark.zh for mark in lanes["charges"].marks] == ["收费¥6.00", "收费¥6.00"]
    assert lanes["confirmations"].marks == ()
    assert (to_ms(day(99)), to_ms(day(101))) in lanes["confirmations"].gaps
    assert lanes["services"].marks[0].en == "“Ring” ordered"


def test_every_mark_names_its_fact() -> None:
    story = abroad().look(day(120), case="").measured(PLAN, day(121), 1000)
    strip = story.degraded(day(130), day(131)).dossier().strip
    assert strip is not None
    marks = [mark for lane in strip.lanes for mark in lane.marks]
    assert {mark.fact for mark in marks} <= {fact.id for fact in story.facts}
    assert any(mark.end_ms > mark.at_ms for mark in marks), "a degradation lasts"


def test_without_the_strip_the_answers_are_the_same() -> None:
    full, lean = ringtone().dossier(), ringtone().dossier(with_strip=False)
    assert lean.strip is None
    assert (lean.rows, lean.grounds) == (full.rows, full.grounds)


# ------------------------------------------------------------------ storing


def test_a_dossier_survives_json() -> None:
    for story in (ringtone(), abroad(), fibre()):
        papers = story.dossier()
        assert Dossier.from_dict(json.loads(json.dumps(papers.as_dict()))) == papers


# ------------------------------------------------------------------ coverage


def test_the_ledgers_answers_serve_as_well_as_statements() -> None:
    story = ringtone()
    start, end = to_ms(day(-900)), to_ms(day(900))
    gap = (to_ms(day(100)), to_ms(day(101)))

    def answers(*gaps: tuple[int, int]) -> list[Answer]:
        kinds = ("ConfirmationGiven", "ChargeMade", "RefundMade")
        return [Answer(kind, ("all",), start, end, gaps) for kind in kinds]

    whole = dossier(story.matter, story.facts, answers())
    assert whole.of("service_confirmed")[0].answer == "nothing_found"
    holed = dossier(story.matter, story.facts, answers(gap))
    assert holed.of("service_confirmed")[0].answer == "not_covered"


def test_a_kind_nobody_speaks_of_is_not_covered() -> None:
    assert CoverageBook([]).gaps(("ChargeMade",), ("all",), 5, 9) == [(5, 9)]


def test_coverage_joins_touching_statements_and_cuts_out_gaps() -> None:
    story = ringtone().uncover("billing")
    story.cover("billing", day(0), day(10)).cover("billing", day(10), day(20))
    story.cover("billing", day(4), day(5), complete=False)
    known = CoverageBook(story.statements)
    start, end = to_ms(day(1)), to_ms(day(19))
    assert known.gaps(("ChargeMade",), ("all",), start, end) == [(to_ms(day(4)), to_ms(day(5)))]
    assert known.gaps(("ChargeMade",), ("all",), to_ms(day(6)), end) == []


# ------------------------------------------------------------------ the data


def test_every_class_has_questions_and_a_rule_and_every_question_is_answered() -> None:
    data = questions(ON)
    codes = set(taxonomy().codes)
    assert set(data.by_class) == codes
    assert set(book("cn", ON).classes) == codes
    asked = {name for listed in data.by_class.values() for name in listed}
    assert asked <= set(QUESTIONS)
    assert set(QUESTIONS) <= set(data.asked)


def test_every_ground_a_class_looks_at_is_asked_about_in_its_dossier() -> None:
    """A class cannot be decided on a question its dossier never asks."""
    data, rules = questions(ON), book("cn", ON)
    beside = {"service_confirmed": {"change_confirmed"}}
    for code, rule in rules.classes.items():
        asked = set(data.by_class[code])
        asked |= {more for name in asked for more in beside.get(name, ())}
        for ground in (*rule.primary, *rule.instead, *rule.siblings):
            assert asked & set(rules.grounds[ground].questions), (code, ground)


def test_the_second_class_adds_its_questions() -> None:
    data = questions(ON)
    first = questions_of(data, "network.speed")
    both = questions_of(data, "network.speed", "privacy.data_misuse")
    assert both == (*first, "looks_had_case")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    for key, (zh, en) in questions(ON).sentences.items():
        assert _fields(zh) == _fields(en), key


@pytest.mark.parametrize("code", sorted(taxonomy().codes))
def test_no_sentence_is_left_half_filled_or_shows_a_reference(code: str) -> None:
    story = ringtone(code).claim("ad", "ring", 500, day(90))
    story.facts += abroad(code).facts + fibre(code).look(day(120), case="").facts
    for number, fact in enumerate(story.facts):
        object.__setattr__(fact, "id", f"{number:032x}")
    for row in story.dossier().rows:
        for text in (row.zh, row.en, row.gap_zh, row.gap_en):
            assert not re.search(r"[{}]|svc-|o-ring|user-7|None", text), (row.question, text)
        assert row.zh.endswith("。")
        assert row.en.endswith(".")


def test_a_stop_that_was_asked_for_and_never_came_is_shown() -> None:
    story = ringtone("consent.cancel_stop")
    assert story.answers("stop_asked") == ["nothing_found"]
    story.add(
        "ComplaintReceived",
        "cmp-1",
        day(120),
        "desk",
        complaint="cmp-1",
        channel="web",
        code="consent.cancel_stop",
        pack="cn",
    )
    assert story.answers("stop_asked") == ["no"]
    assert story.stop(RING, day(121)).answers("stop_asked") == ["yes"]


@pytest.mark.parametrize(
    ("words", "told"), [(("钱湾", "Qianwan"), ("钱湾", "Qianwan")), (("", ""), (NORTH, NORTH))]
)
def test_an_area_is_told_by_its_name_and_without_one_by_its_code(
    words: tuple[str, str], told: tuple[str, str]
) -> None:
    story = Story("network.speed", area_words=words)
    (row,) = story.dossier().of("area_degraded")
    assert told[0] in row.zh
    assert told[1] in row.en
    assert Matter.from_dict(story.matter.as_dict()) == story.matter
    older = {name: value for name, value in story.matter.as_dict().items() if name != "area_words"}
    assert Matter.from_dict(older).area_words == ("", "")


def _earlier(**more: str | int) -> Story:
    """Whoever complains that nothing happened, with a complaint of day 100 before it."""
    story = Story("handling.no_resolution", complaint="cmp-2")
    story.add(
        "ComplaintReceived",
        "cmp-1",
        day(100),
        "desk",
        complaint="cmp-1",
        channel="web",
        code="network.outage",
        pack="cn",
        **more,
    )
    return story


def _letter(story: Story, kind: str, number: float) -> None:
    story.add(
        "ReplySent",
        "cmp-1",
        day(number),
        "desk",
        complaint="cmp-1",
        message="m",
        channel="mail",
        reply=kind,
    )


@pytest.mark.parametrize("kind", ["acknowledgement", "ask_for_words", "joined", "repaired"])
def test_a_letter_that_decides_nothing_is_no_answer(kind: str) -> None:
    story = _earlier()
    _letter(story, kind, 100)
    assert story.answers("earlier_answered") == ["nothing_found"]
    _letter(story, "not_upheld.network", 130)
    (row,) = story.dossier().of("earlier_answered")
    assert row.answer == "no"
    assert "got one only on" in row.en


def test_the_limit_of_a_repair_is_not_that_of_an_answer() -> None:
    """Facts of the first version state the first limit of any kind: here the repair, in 48 hours."""
    story = _earlier(due_at_ms=to_ms(day(102)))
    _letter(story, "upheld.network", 110)
    assert story.answers("earlier_answered") == ["yes"]
    late = _earlier(due_at_ms=to_ms(day(105)))
    _letter(late, "upheld.network", 110)
    assert late.answers("earlier_answered") == ["no"]
    late.add(
        "DeadlineMoved",
        "cmp-1",
        day(104),
        "desk",
        complaint="cmp-1",
        step="resolve",
        rule="deadlines-cn@2016-07-30",
        change="extended",
        days=7,
        before_ms=to_ms(day(105)),
        due_at_ms=to_ms(day(112)),
    )
    assert late.answers("earlier_answered") == ["yes"], "an extension counts"


def _without_a_floor(measured: int) -> Story:
    story = Story("network.speed").offer("fibre", 7900, kind="broadband", speed_down_kbps=300_000)
    story.begin(FIBRE, "fibre", day(-300), order="o-fibre")
    story.charge(FIBRE, "fibre", day(120), 7900, ref="f-1")
    for number in (130, 135, 140):
        story.measured(FIBRE, day(number), measured)
    return story


def test_a_slow_line_without_a_guarantee_is_not_said_to_be_as_promised() -> None:
    """Before, 30 of 300 Mbit/s were “as promised”, and the complaint was not upheld."""
    story = _without_a_floor(30_000)
    (row,) = story.dossier().of("speed_as_promised")
    assert (row.answer, row.unruled) == ("no", True)
    assert "低于签约速率" in row.zh
    assert "at least" not in row.en
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "no_rule")
    assert Dossier.from_dict(story.dossier().as_dict()).of("speed_as_promised") == (row,)


def test_a_line_as_fast_as_sold_needs_no_guarantee() -> None:
    story = _without_a_floor(310_000)
    assert story.answers("speed_as_promised") == ["yes"]
    assert story.decide().verdict == "not_upheld"


def test_what_speaks_against_a_complaint_names_the_rule_it_kept() -> None:
    story = ringtone().confirm(RING, "ring", day(100, 2.05), order="o-ring")
    decision = story.decide()
    assert decision.verdict == "not_upheld"
    kept = [reason for reason in decision.reasons if reason.question == "service_confirmed"]
    assert [reason.rule for reason in kept] == ["cn.any_service_unconfirmed"]
    assert all(reason.source and reason.facts for reason in kept)


def _fault(jurisdiction: str, hours: float) -> Story:
    """A fault that began on Friday 22 May 2026, 10:00 in Shanghai."""
    zones = {"cn": "Asia/Shanghai", "uk": "Europe/London", "in": "Asia/Kolkata"}
    story = Story(
        "service.repair_equipment",
        jurisdiction=jurisdiction,
        zone=zones.get(jurisdiction, "Australia/Sydney"),
    )
    more = {"incident": "inc-1", "area": NORTH}
    story.begin(FIBRE, "fibre", day(-300), technology="fibre")
    story.add("IncidentOpened", NORTH, day(141), "quality", cause="cut", technology="fibre", **more)
    story.add("IncidentClosed", NORTH, day(141, 2 + hours), "quality", **more)
    return story


@pytest.mark.parametrize(
    ("jurisdiction", "hours", "answer", "limit"),
    [
        ("cn", 60, "no", "2 days"),
        ("cn", 47, "yes", "2 days"),
        # Saturday, Sunday and the bank holiday do not count: two working days end on Wednesday.
        ("uk", 110, "yes", "2 working days"),
        ("uk", 150, "no", "2 working days"),
        ("in", 110, "yes", "3 working days"),
        ("au", 110, "not_applicable", "set no time for its repair"),
    ],
)
def test_a_repair_is_late_by_the_limit_of_its_pack(
    jurisdiction: str, hours: float, answer: str, limit: str
) -> None:
    """Before, every pack had the 48 hours of China."""
    story = _fault(jurisdiction, hours)
    (row,) = story.dossier().of("incident_cleared")
    assert (row.answer, row.unruled) == (answer, answer == "not_applicable")
    assert limit in row.en, row.en
    if row.unruled:
        assert story.decide().why_person == "no_rule"


def _by_the_year(amount: int) -> Story:
    """A line advertised at ¥79 a month, paid a year at a time."""
    story = Story("marketing.promise_not_kept")
    story.offer("fibre", 9900, kind="broadband").claim("ad", "fibre", 7900, day(80))
    story.begin(FIBRE, "fibre", day(90), order="o-fibre", claim="ad")
    story.confirm(FIBRE, "fibre", day(90, 2.1), order="o-fibre")
    return story.charge(FIBRE, "fibre", day(90, 3), amount, ref="f-year", days=365)


def test_a_year_paid_at_once_is_held_against_twelve_months() -> None:
    """Before, eleven months of it were “above the published price” and to be given back."""
    kept = _by_the_year(12 * 7900)
    assert kept.answers("promise_kept") == ["yes"]
    assert kept.decide().amount_minor == 0
    broken = _by_the_year(12 * 9900)
    (row,) = broken.dossier().of("promise_kept")
    assert row.answer == "no"
    assert "¥99.00 a month was charged" in row.en
    assert [each.excess_minor for each in broken.dossier().grounds] == [12 * 2000]


def test_a_slow_line_gives_back_nothing_of_another() -> None:
    story = fibre().offer(
        "office", 19_900, kind="broadband", speed_down_kbps=500_000, speed_min_kbps=400_000
    )
    story.begin(PLAN, "office", day(-300), order="o-office")
    story.confirm(PLAN, "office", day(-300, 2.1), order="o-office")
    story.charge(PLAN, "office", day(120), 19_900, ref="p-1")
    for number in (125, 130, 135):
        story.measured(FIBRE, day(number), 30_000)
        story.measured(PLAN, day(number), 480_000)
    touched = {each.charge for each in story.dossier().grounds if each.ground == "below_minimum"}
    assert touched == {"f-2"}


def test_a_change_without_consent_gives_back_the_dearer_part_of_a_whole_year() -> None:
    story = Story("consent.unauthorised_change").offer("plan", 5900).offer("large", 8900)
    story.begin(PLAN, "plan", day(-300))
    story.change(PLAN, "plan", "large", day(100), order="o-change")
    story.charge(PLAN, "large", day(101), 12 * 8900, ref="p-year", days=365)
    found = [each for each in story.dossier().grounds if each.ground == "changed_unconfirmed"]
    assert [each.excess_minor for each in found] == [12 * 3000]
