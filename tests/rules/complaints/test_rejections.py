"""Before a rule rejects alone: every possible class is answered, and the record owes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from tests.rules.complaints.telling import FIBRE, PLAN, Story, abroad, day, fibre, ringtone

from amends.cases.complaints.rules.replies import reply_kind
from amends.engines.decisions.decide import ProposedDecision, decide, reads_record
from amends.engines.decisions.dossier import Dossier, Support, record
from amends.engines.decisions.evidence import Matter
from amends.platform.kit.periods import to_ms

MISUSE, REMINDER, HANDLING = "privacy.data_misuse", "reminder.missing", "handling.no_resolution"
ON = date(2026, 6, 1)
TITLES = {
    MISUSE: ("个人信息被滥用", "Misuse of data"),
    REMINDER: ("提醒缺失", "Missing notice"),
    HANDLING: ("投诉没有结果", "No resolution"),
}


def read(story: Story, *supports: Support) -> tuple[Dossier, ProposedDecision]:
    """The dossier with the record, and the decision on it."""
    papers = story.dossier(on=ON)
    first = decide(papers, story.matter, on=ON, titles=TITLES)
    assert reads_record(first), "a rule was about to reject alone"
    assert not first.may_act_alone, "and does not before the record is read"
    whole = replace(
        papers,
        record=record(
            story.matter, story.facts, story.statements, read=papers, on=ON, supports=supports
        ),
    )
    return whole, decide(whole, story.matter, on=ON, titles=TITLES)


def decided(story: Story, *supports: Support) -> ProposedDecision:
    return read(story, *supports)[1]


def confirmed_ringtone(**matter: Any) -> Story:
    """A ringtone that was confirmed before it began: nothing is owed."""
    return ringtone(**matter).confirm("svc-ring", "ring", day(100, 2.05), order="o-ring")


# ------------------------------------------------------------------ the two reproduced complaints


def test_a_missing_notice_taken_for_misuse_of_data_is_refunded() -> None:
    story = abroad(MISUSE, plausible=(MISUSE, REMINDER)).look(day(120), case="case-1")
    answer = decided(story)
    assert (answer.verdict, answer.amount_minor) == ("upheld", 7550)
    assert (answer.rule, answer.may_act_alone) == ("cn.beyond_cap", True)
    assert reply_kind(answer, story.matter) == "upheld.reminder"
    questions = [one.question for one in answer.reasons]
    assert "cap_notice" in questions, "the reply answers what was asked"
    assert "looks_had_case" in questions, "and what it was taken for"


def test_nobody_calls_back_is_not_rejected_as_misuse_of_data() -> None:
    story = Story(MISUSE, plausible=(MISUSE, HANDLING)).look(day(120), case="case-1")
    answer = decided(story)
    assert (answer.verdict, answer.why_person) == ("person_must_decide", "plausible_class")
    assert "没有记录能回答" in answer.why("zh")
    assert "No resolution" in answer.why("en")


# ------------------------------------------------------------------ classes


def test_a_certain_class_with_a_clean_record_is_rejected_alone() -> None:
    answer = decided(confirmed_ringtone(plausible=()))
    assert (answer.verdict, answer.may_act_alone) == ("not_upheld", True)
    assert "rejections@2021-11-01" in answer.versions


def test_an_uncertain_class_is_rejected_alone_once_every_question_is_answered() -> None:
    story = confirmed_ringtone(
        plausible=("thirdparty.value_added", "consent.unauthorised_change", MISUSE)
    ).look(day(120), case="case-1")
    answer = decided(story)
    assert (answer.verdict, answer.may_act_alone) == ("not_upheld", True)
    assert {"service_confirmed", "looks_had_case"} <= {one.question for one in answer.reasons}
    assert reply_kind(answer, story.matter) == "not_upheld.other"


def test_a_question_that_the_records_leave_open_stops_the_rule() -> None:
    story = confirmed_ringtone(plausible=("thirdparty.value_added", REMINDER)).uncover("auditor")
    answer = decided(story)
    assert (answer.verdict, answer.why_person) == ("person_must_decide", "feed_not_covered")
    assert "“提醒缺失”" in answer.why("zh")
    assert "漫游费用到上限前的提醒" in answer.why("zh"), "the sentence names the question"


def test_a_class_that_was_not_kept_stops_the_rule() -> None:
    answer = decided(confirmed_ringtone(plausible=("thirdparty.value_added", "unknown")))
    assert (answer.verdict, answer.why_person) == ("person_must_decide", "plausible_class")
    assert "not on file" in answer.why("en")


# ------------------------------------------------------------------ what the record owes


def test_what_the_record_owes_stops_the_rejection_of_a_certain_class() -> None:
    story = abroad(MISUSE, plausible=()).look(day(120), case="case-1")
    answer = decided(story)
    assert (answer.verdict, answer.why_person) == ("person_must_decide", "record_supports")
    assert answer.suggestion is not None
    assert (answer.suggestion.verdict, answer.suggestion.amount_minor) == ("upheld", 7550)
    assert "漫游费用到上限前的提醒" in answer.why("zh")


def test_an_unconfirmed_service_is_found_whatever_the_complaint_calls_it() -> None:
    story = ringtone(MISUSE, plausible=()).look(day(120), case="case-1")
    answer = decided(story)
    assert answer.why_person == "record_supports"
    assert answer.suggestion is not None
    assert answer.suggestion.amount_minor == 1200


def test_a_degraded_line_is_found_and_a_measured_one_outweighs_its_area() -> None:
    degraded = fibre(MISUSE, plausible=()).look(day(120), case="case-1")
    degraded.degraded(day(130), day(135))
    assert decided(degraded).why_person == "record_supports"
    measured = fibre(MISUSE, plausible=()).look(day(120), case="case-1")
    measured.degraded(day(130), day(135)).measured(FIBRE, day(140), 290_000)
    assert decided(measured).verdict == "not_upheld"


def test_what_was_paid_back_supports_nobody() -> None:
    story = abroad(MISUSE, plausible=()).look(day(120), case="case-1")
    story.refund(PLAN, day(145), 3000, ref="a-3").refund(PLAN, day(145), 4550, ref="a-4")
    answer = decided(story)
    assert (answer.verdict, answer.may_act_alone) == ("not_upheld", True)
    assert len(answer.also) == 1, "the letter mentions that the notice did not arrive"


def test_each_kind_of_record_of_other_apps_stops_the_rule_with_its_question() -> None:
    kinds = {
        "missed_notice": "提醒核查",
        "unconfirmed_charges": "确认核查",
        "running_unconfirmed": "没有确认记录",
        "incident_credit": "减免",
        "network_incident": "网络事件",
        "open_complaint": "另一件投诉",
    }
    for kind, words in kinds.items():
        support = Support(
            kind=kind, reference="r-1", at_ms=to_ms(day(120)), amount_minor=1050, currency="CNY"
        )
        answer = decided(confirmed_ringtone(plausible=()), support)
        assert (answer.verdict, answer.why_person) == ("person_must_decide", "record_supports")
        assert words in answer.why("zh")
        assert "2026" in answer.why("en"), "the sentence names the day"


# ------------------------------------------------------------------ replay


def test_a_decision_of_before_replays_as_it_was_made() -> None:
    story = abroad(MISUSE).look(day(120), case="case-1")
    matter = story.matter.as_dict()
    del matter["plausible"]
    papers = story.dossier(on=ON).as_dict()
    del papers["record"]
    again = decide(Dossier.from_dict(papers), Matter.from_dict(matter), on=ON)
    assert (again.verdict, again.may_act_alone) == ("not_upheld", True)
    assert not any("rejections" in version for version in again.versions)


def test_a_decision_with_the_record_replays_from_what_is_stored() -> None:
    story = abroad(MISUSE, plausible=(MISUSE, REMINDER)).look(day(120), case="case-1")
    papers, answer = read(story)
    stored = orjson.loads(orjson.dumps(papers.as_dict()))
    matter = orjson.loads(orjson.dumps(story.matter.as_dict()))
    again = decide(Dossier.from_dict(stored), Matter.from_dict(matter), on=ON, titles=TITLES)
    assert again == answer
    assert ProposedDecision.from_dict(orjson.loads(orjson.dumps(answer.as_dict()))) == answer


def test_nothing_is_read_before_the_rules_of_rejections_were_in_force() -> None:
    story = Story(MISUSE, received=day(-2000), plausible=(MISUSE, HANDLING))
    answer = decide(story.dossier(), story.matter, on=date(2020, 7, 1))
    assert not reads_record(answer)
