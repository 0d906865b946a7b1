"""Golden cases: each hidden cause of the demonstration, and the ordinary trouble around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.rules.complaints.telling import (
    FIBRE,
    PLAN,
    RING,
    Story,
    abroad,
    day,
    fibre,
    ringtone,
)

from amends.engines.decisions.decide import ApprovalLimit, ProposedDecision
from amends.engines.decisions.evidence import Matter


def refunds(decision: ProposedDecision) -> dict[str, int]:
    return {each.charge: each.amount_minor for each in decision.remedies if each.charge}


def kinds(decision: ProposedDecision) -> list[str]:
    return [each.kind for each in decision.remedies]


# ------------------------------------------------------------------ a service nobody confirmed


def test_charges_of_a_service_nobody_confirmed_go_back() -> None:
    decision = ringtone().decide()
    assert (decision.verdict, decision.amount_minor) == ("upheld", 1200)
    assert refunds(decision) == {"c-1": 600, "c-2": 600}
    assert decision.rule == "cn.any_service_unconfirmed"
    assert decision.may_act_alone
    assert decision.strength == "moderate"
    assert "correction" in kinds(decision), "the service is stopped, too"


def test_each_reason_cites_facts_and_the_article() -> None:
    story = ringtone()
    (reason,) = story.decide().reasons
    activation = next(fact.id for fact in story.facts if fact.kind == "ServiceActivated")
    assert reason.facts == (activation,)
    assert reason.source
    assert "2025-04-30" in reason.source
    assert reason.verified == "press"


def test_a_confirmation_defeats_the_complaint_and_is_cited() -> None:
    story = ringtone().confirm(RING, "ring", day(100, 2.1), order="o-ring")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor, decision.remedies) == ("not_upheld", 0, ())
    assert story.facts[-1].id in decision.reasons[0].facts
    assert "短信回复" in decision.reasons[0].zh
    assert decision.may_act_alone


def test_a_gap_in_the_confirmations_leaves_it_to_a_person() -> None:
    story = ringtone().cover("confirmations", day(99), day(101), complete=False)
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "feed_not_covered")
    assert decision.amount is None
    assert not decision.remedies
    assert not decision.may_act_alone


def test_a_gap_at_another_time_does_not_matter() -> None:
    story = ringtone().cover("confirmations", day(110), day(120), complete=False)
    assert story.decide().verdict == "upheld"


def test_coverage_of_another_area_or_brand_does_not_speak_for_this_person() -> None:
    story = ringtone(brand="plum").uncover("confirmations")
    story.cover("confirmations", scope="area:south").cover("confirmations", scope="brand:pear")
    assert story.decide().why_person == "feed_not_covered"
    assert story.cover("confirmations", scope="brand:plum").decide().verdict == "upheld"


def test_a_refusal_needs_no_coverage() -> None:
    story = ringtone().refuse(RING, "ring", day(100, 2.05), order="o-ring")
    decision = story.uncover("confirmations").decide()
    assert (decision.verdict, decision.amount_minor, decision.strength) == (
        "upheld",
        1200,
        "strong",
    )


def test_a_refusal_and_a_confirmation_contradict_each_other() -> None:
    story = ringtone().refuse(RING, "ring", day(100, 2.05), order="o-ring")
    decision = story.confirm(RING, "ring", day(100, 2.1), order="o-ring").decide()
    assert (decision.verdict, decision.why_person) == (
        "person_must_decide",
        "conflicting_evidence",
    )


def test_a_confirmation_of_another_offer_is_none_of_this_one() -> None:
    story = ringtone().confirm(RING, "other", day(100, 2.1), order="o-ring")
    assert story.decide().verdict == "upheld"


def test_a_late_confirmation_takes_back_only_what_came_before_it() -> None:
    decision = ringtone().confirm(RING, "ring", day(120), order="o-ring").decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"c-1": 600})


def test_what_was_refunded_is_not_refunded_again() -> None:
    story = ringtone().refund(RING, day(110), 600, ref="c-1").refund(RING, day(140), 250, ref="c-2")
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"c-2": 350})
    assert decision.remedies[0].refunded_minor == 250


def test_an_unwished_service_stays_wrong_after_all_was_refunded() -> None:
    story = ringtone().refund(RING, day(110), 600, ref="c-1").refund(RING, day(140), 600, ref="c-2")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor) == ("upheld", 0)
    assert kinds(decision) == ["correction"]


def test_charges_older_than_five_months_are_named_but_not_taken_back() -> None:
    story = ringtone().charge(RING, "ring", day(-60), 600, ref="c-0", kind="value_added")
    # The charge lies before the activation on file, so the activation is told earlier.
    story.facts = [fact for fact in story.facts if fact.kind not in ("ServiceActivated",)]
    story.facts = [fact for fact in story.facts if fact.kind != "ServiceOrdered"]
    story.begin(RING, "ring", day(-61), order="o-ring")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor) == ("partly_upheld", 1200)
    assert "c-0" not in refunds(decision)
    assert "¥6.00" in decision.reasons[-1].zh
    assert "5" in decision.reasons[-1].zh


def test_if_all_charges_are_too_old_a_person_decides() -> None:
    story = ringtone(received=day(400))
    assert story.decide().why_person == "older_than_window"


def test_a_service_without_a_known_beginning_proves_nothing() -> None:
    story = ringtone()
    story.facts = [fact for fact in story.facts if not fact.kind.startswith("Service")]
    assert story.decide().why_person == "feed_not_covered"


def test_before_2025_the_rule_of_2006_applies() -> None:
    received = datetime(2024, 6, 1, tzinfo=UTC)
    story = Story("thirdparty.value_added", received=received).cover(
        "confirmations", datetime(2023, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    )
    begun = datetime(2024, 5, 1, tzinfo=UTC)
    story.cover("billing", begun - timedelta(days=400), received)
    story.offer("ring", 600, kind="value_added", at=begun).begin(RING, "ring", begun, order="o")
    story.charge(RING, "ring", begun + timedelta(hours=1), 600, ref="c", kind="value_added")
    decision = story.decide()
    assert (decision.verdict, decision.rule) == ("upheld", "cn.unconfirmed_service")
    assert "decisions-cn@2016-07-30" in decision.versions


def test_only_the_service_the_words_name_is_judged() -> None:
    story = ringtone(service=FIBRE, services=(RING, FIBRE))
    story.offer("news", 300, kind="value_added")
    story.begin(FIBRE, "news", day(101), order="o-news").confirm(
        FIBRE, "news", day(101, 2.1), order="o-news"
    )
    story.charge(FIBRE, "news", day(101, 3), 300, ref="n-1", kind="value_added")
    assert story.decide().verdict == "not_upheld"


# ------------------------------------------------------------------ a plan changed without asking


def test_of_a_change_nobody_confirmed_the_dearer_part_goes_back() -> None:
    story = (
        Story("consent.unauthorised_change")
        .offer("light", 2900)
        .offer("grand", 9900)
        .begin(PLAN, "light", day(-400))
        .charge(PLAN, "light", day(60), 2900, ref="p-1")
        .change(PLAN, "light", "grand", day(80), order="o-up")
        .charge(PLAN, "grand", day(90), 9900, ref="p-2")
        .charge(PLAN, "grand", day(120), 9900, ref="p-3")
        .refund(PLAN, day(121), 1000, ref="p-3")
    )
    decision = story.decide()
    assert (decision.verdict, decision.rule) == ("upheld", "cn.changed_unconfirmed")
    assert refunds(decision) == {"p-2": 7000, "p-3": 6000}
    story.confirm(PLAN, "grand", day(79.9), order="o-up")
    assert story.decide().verdict == "not_upheld"


# ------------------------------------------------------------------ the cap notice that never came


def test_without_the_cap_notice_what_lies_beyond_the_cap_goes_back() -> None:
    decision = abroad().decide(limits=ApprovalLimit(amounts={"CNY": 10_000}))
    assert (decision.verdict, decision.amount_minor) == ("upheld", 7550)
    assert refunds(decision) == {"a-3": 3000, "a-4": 4550}
    assert (decision.rule, decision.may_act_alone) == ("cn.beyond_cap", True)


def test_room_left_under_the_cap_is_not_given_back() -> None:
    story = abroad()
    story.facts = [fact for fact in story.facts if fact.payload.get("charge") != "a-2"]
    assert refunds(story.decide()) == {"a-3": 500, "a-4": 4550}


def test_a_delivered_cap_notice_defeats_the_complaint() -> None:
    story = abroad().sent("cn.roaming_cap", PLAN, day(140, 2.05), key="n-cap")
    story.delivered("cn.roaming_cap", PLAN, day(140, 2.06), key="n-cap")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor) == ("not_upheld", 0)


def test_a_receipt_that_comes_in_late_counts_by_when_it_happened() -> None:
    story = abroad().sent("cn.roaming_cap", PLAN, day(140, 2.05), key="n-cap")
    waiting = story.cover("notices", day(140), day(150), complete=False).decide()
    assert (waiting.verdict, waiting.why_person) == ("person_must_decide", "feed_not_covered")
    story.delivered("cn.roaming_cap", PLAN, day(140, 2.06), key="n-cap")
    assert story.decide().verdict == "not_upheld"


def test_a_notice_sent_but_never_delivered_is_missing_once_receipts_are_complete() -> None:
    story = abroad().sent("cn.roaming_cap", PLAN, day(140, 2.05), key="n-cap")
    assert (story.decide().verdict, story.decide().amount_minor) == ("upheld", 7550)


def test_a_failed_notice_is_a_missing_notice() -> None:
    story = abroad().failed("cn.roaming_cap", PLAN, day(140, 2.2), key="n-cap").uncover("notices")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor, decision.strength) == (
        "upheld",
        7550,
        "strong",
    )


def test_a_late_notice_gives_back_only_what_was_spent_before_it() -> None:
    story = abroad().delivered("cn.roaming_cap", PLAN, day(141, 12), key="n-cap")
    assert refunds(story.decide()) == {"a-3": 3000}


def test_an_uncovered_notice_feed_leaves_it_to_a_person() -> None:
    decision = abroad().uncover("notices").decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "feed_not_covered")


def test_above_the_limit_the_verdict_stands_and_a_person_approves() -> None:
    decision = abroad().decide(limits=ApprovalLimit(amounts={"CNY": 7549}))
    assert (decision.verdict, decision.may_act_alone, decision.why_person) == (
        "upheld",
        False,
        "above_limit",
    )


def test_overage_without_the_notice_rests_on_the_operators_promise() -> None:
    story = (
        Story("billing.usage_cap")
        .offer("plan", 5900, kind="mobile_plan")
        .begin(PLAN, "plan", day(-500))
        .due("cn.limit_reached", PLAN, day(130), key="n-full", step="100")
        .charge(PLAN, "plan", day(133), 4200, ref="o-1", kind="overage", days=0)
    )
    promised = story.decide()
    assert (promised.verdict, promised.amount_minor) == ("upheld", 4200)
    assert promised.reasons[0].verified is False
    bare = story.decide(limits=ApprovalLimit(amounts={"CNY": 10_000}))
    assert (bare.verdict, bare.amount_minor, bare.rule) == ("upheld", 0, "cn.limit_untold")


# ------------------------------------------------------------------ the advert


def advertised(**claim: int) -> Story:
    return (
        Story("marketing.promise_not_kept")
        .offer("fibre", 7900, kind="broadband")
        .claim("ad-1", "fibre", 4900, day(80), **claim)
        .begin(FIBRE, "fibre", day(85), order="o-f", channel="social", claim="ad-1")
        .charge(FIBRE, "fibre", day(85, 3), 7900, ref="f-1")
        .charge(FIBRE, "fibre", day(115), 7900, ref="f-2")
        .charge(FIBRE, "fibre", day(145), 7900, ref="f-3")
    )


def test_what_is_above_the_advertised_price_goes_back() -> None:
    decision = advertised(months=12).decide()
    assert (decision.verdict, refunds(decision)) == (
        "upheld",
        {"f-1": 3000, "f-2": 3000, "f-3": 3000},
    )
    assert decision.rule == "cn.above_promise"


def test_the_promise_ends_with_its_months() -> None:
    assert set(refunds(advertised(months=1).decide())) == {"f-1", "f-2"}


def test_a_buyer_who_did_not_come_by_the_advert_has_no_such_claim() -> None:
    story = advertised(months=12)
    for fact in story.facts:
        if fact.kind.startswith("Service"):
            fact.payload.pop("claim", None)  # type: ignore[attr-defined]
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "nothing_on_file")


def test_an_advert_that_is_not_on_file_cannot_be_judged() -> None:
    story = advertised(months=12)
    story.facts = [fact for fact in story.facts if fact.kind != "ClaimPublished"]
    assert story.decide().why_person == "nothing_on_file"
    assert story.uncover("publicity").decide().why_person == "feed_not_covered"


# ------------------------------------------------------------------ the slow line


def test_below_the_guaranteed_speed_the_days_of_the_degradation_are_credited() -> None:
    story = fibre()
    for hour in (1, 5, 9):
        story.measured(FIBRE, day(146, hour), 90_000)
    story.degraded(day(140, -8), day(150, -8))
    decision = story.decide()
    assert (decision.verdict, decision.rule) == ("upheld", "cn.speed_promised")
    # Ten local days of a billing period that touches 31 local days.
    assert refunds(decision) == {"f-2": round(7900 * 10 / 31)}
    assert "repair" in kinds(decision)
    bare = story.decide(limits=ApprovalLimit(amounts={"CNY": 1}))
    assert (bare.verdict, bare.amount_minor, bare.rule) == ("upheld", 0, "cn.speed")


def test_a_line_that_keeps_its_speed_refutes_the_complaint_even_in_a_degraded_area() -> None:
    story = fibre().degraded(day(140), day(145))
    for hour in (1, 5, 9):
        story.measured(FIBRE, day(146, hour), 290_000)
    assert story.decide().verdict == "not_upheld"


def test_a_line_never_measured_is_measured_first() -> None:
    decision = fibre().decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "not_measured")


def test_a_line_never_measured_in_a_degraded_area_is_upheld() -> None:
    decision = fibre().degraded(day(140), day(145)).decide()
    assert (decision.verdict, decision.rule) == ("upheld", "cn.degraded_promised")
    assert decision.why_person == "rule_needs_person", "the area is not this line"


def test_an_area_that_never_reports_leaves_it_to_a_person() -> None:
    decision = fibre().uncover("quality").cover("quality", scope="area:south").decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "feed_not_covered")


# ------------------------------------------------------------------ looks


def test_a_look_without_a_case_is_upheld_without_money() -> None:
    decision = Story("privacy.data_misuse").look(day(120), case="").decide()
    assert (decision.verdict, decision.amount_minor) == ("upheld", 0)
    assert decision.rule == "cn.look_without_case"
    assert kinds(decision) == ["correction"]
    assert "user-7" not in decision.reasons[0].zh, "no name of an employee leaves the desk"


def test_looks_that_all_had_a_case_are_not_upheld() -> None:
    story = Story("privacy.data_misuse").look(day(120), case="case-1", role="handler")
    assert story.decide().verdict == "not_upheld"


def test_a_case_nobody_knows_is_no_case() -> None:
    story = Story("privacy.data_misuse", cases=frozenset(("case-9",)))
    assert story.look(day(120), case="case-1").decide().verdict == "upheld"


def test_a_gap_in_the_looks_forbids_saying_that_all_had_a_case() -> None:
    story = Story("privacy.data_misuse").look(day(120), case="case-1")
    story.cover("access", day(60), day(61), complete=False)
    assert story.decide().why_person == "feed_not_covered"


def test_calls_and_spam_are_not_disproved_by_clean_looks() -> None:
    assert Story("nuisance.spam_fraud").decide().why_person == "no_rule"


# ------------------------------------------------------------------ charges


def plan(code: str, **matter: object) -> Story:
    return (
        Story(code, **matter)
        .offer("plan", 5900, kind="mobile_plan")
        .begin(PLAN, "plan", day(-500))
        .charge(PLAN, "plan", day(90), 5900, ref="p-1")
        .charge(PLAN, "plan", day(120), 5900, ref="p-2")
    )


def test_one_period_charged_twice_goes_back_once() -> None:
    story = plan("billing.wrong_charge")
    again = story.facts[-1].payload | {"charge": "p-3"}
    story.add("ChargeMade", PLAN, day(121), "billing", **again)
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"p-3": 5900})


def test_the_same_charge_reported_twice_is_one_charge() -> None:
    story = plan("billing.wrong_charge")
    story.add("ChargeMade", PLAN, day(120), "billing", **story.facts[-1].payload)
    assert story.decide().verdict == "not_upheld"


def test_a_double_charge_paid_back_before_the_complaint_is_settled() -> None:
    story = plan("billing.wrong_charge")
    again = story.facts[-1].payload | {"charge": "p-3"}
    story.add("ChargeMade", PLAN, day(121), "billing", **again)
    # It was the first of the two that was paid back; that leaves one charge, as it should be.
    decision = story.refund(PLAN, day(122), 5900, ref="p-2").decide()
    assert (decision.verdict, decision.amount_minor) == ("not_upheld", 0)
    assert any("退还" in reason.zh for reason in decision.reasons)


def test_charges_no_question_explains_forbid_saying_that_all_is_right() -> None:
    story = plan("billing.wrong_charge")
    story.charge(PLAN, "plan", day(140), 1900, ref="u", kind="one_off", days=0)
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "no_rule")
    assert story.answers("other_charges") == ["yes"]


def test_a_cause_put_right_before_the_complaint_is_cited() -> None:
    story = advertised(months=12)
    for ref in ("f-1", "f-2", "f-3"):
        story.refund(FIBRE, day(146), 3000, ref=ref)
    story.matter = Matter.from_dict(story.matter.as_dict() | {"code": "billing.price_fees"})
    decision = story.decide()
    assert decision.verdict == "not_upheld"
    assert any("宣传" in reason.zh for reason in decision.reasons)
    assert decision.reasons[-1].zh == "多收的部分在投诉之前已经全部退还。"


def test_a_charge_above_the_offer_in_force_gives_back_the_difference() -> None:
    story = plan("billing.wrong_charge").charge(PLAN, "plan", day(149), 6900, ref="p-3")
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"p-3": 1000})
    assert decision.rule == "cn.above_offer"


def risen() -> Story:
    story = plan("billing.price_fees").offer("plan", 6900, at=day(130), version="2")
    return story.charge(PLAN, "plan", day(149), 6900, ref="p-3")


def test_a_rise_that_was_announced_is_not_upheld() -> None:
    story = risen().due("cn.change_ahead", PLAN, day(100), key="n-rise")
    story.delivered("cn.change_ahead", PLAN, day(99.9), key="n-rise")
    assert story.decide().verdict == "not_upheld"


def test_a_rise_nobody_announced_keeps_the_old_price_with_a_persons_approval() -> None:
    decision = risen().decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"p-3": 1000})
    assert (decision.rule, decision.why_person) == ("cn.rise_untold", "rule_needs_person")
    assert decision.strength == "weak"


def test_an_announcement_that_may_be_lost_leaves_the_rise_to_a_person() -> None:
    decision = risen().uncover("notices").decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "feed_not_covered")


def test_charges_after_the_stop_go_back() -> None:
    story = plan("consent.cancel_stop").stop(PLAN, day(110))
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"p-2": 5900})


def test_a_service_begun_anew_after_its_stop_may_be_charged() -> None:
    story = plan("consent.cancel_stop").stop(PLAN, day(100)).begin(PLAN, "plan", day(105))
    assert story.decide().verdict != "upheld"


@pytest.mark.parametrize(
    ("begun", "verdict", "amount"), [(-400, "upheld", 20_000), (-100, "not_upheld", 0)]
)
def test_an_exit_fee_is_due_only_while_the_contract_runs(
    begun: int, verdict: str, amount: int
) -> None:
    story = fibre("consent.cancel_stop")
    story.facts = [fact for fact in story.facts if fact.kind != "ServiceActivated"]
    story.begin(FIBRE, "fibre", day(begun)).stop(FIBRE, day(146))
    story.charge(FIBRE, "fibre", day(147), 20_000, ref="x", kind="exit_fee", days=0)
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor) == (verdict, amount)


def test_an_exit_fee_that_is_too_high_is_partly_upheld() -> None:
    story = fibre("consent.cancel_stop").stop(FIBRE, day(-10))
    story.charge(FIBRE, "fibre", day(147), 26_000, ref="x", kind="exit_fee", days=0)
    decision = story.decide()
    assert (decision.verdict, refunds(decision)["x"]) == ("partly_upheld", 6000)


def test_a_granted_refund_that_never_came_is_paid() -> None:
    story = plan("billing.refund_credit")
    story.add(
        "RemedyGranted",
        "cmp-1",
        day(125),
        "desk",
        complaint="cmp-1",
        remedy="r-1",
        remedy_kind="refund",
        amount_minor=900,
        currency="CNY",
        charge="p-2",
    )
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"p-2": 900})
    story.add(
        "RefundMade",
        PLAN,
        day(130),
        "billing",
        charge="p-2",
        remedy="r-1",
        amount_minor=900,
        currency="CNY",
    )
    assert story.decide().verdict == "not_upheld"


def test_a_gap_in_billing_is_told_and_keeps_the_rule_from_acting_alone() -> None:
    story = ringtone().cover("billing", day(60), day(62), complete=False)
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("upheld", "charges_incomplete")


# ------------------------------------------------------------------ other jurisdictions


def test_a_late_repair_in_the_united_kingdom_is_compensated_by_the_day() -> None:
    story = Story("network.outage", jurisdiction="uk", zone="Europe/London", currency="GBP")
    story.begin(FIBRE, "fibre", day(-300), technology="fibre")
    # From Wednesday 20 May 2026; two full working days later the count begins.
    story.add(
        "IncidentOpened",
        "north",
        day(139, 9),
        "quality",
        incident="inc-1",
        area="north",
        technology="fibre",
        cause="cable_cut",
    )
    story.add("IncidentClosed", "north", day(145, 9), "quality", incident="inc-1", area="north")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor, decision.currency) == ("upheld", 4136, "GBP")
    assert decision.remedies[0].kind == "compensation"
    assert decision.why_person == "rule_needs_person"


def test_charges_in_two_currencies_are_not_added_up() -> None:
    story = ringtone().charge(
        RING, "ring", day(140), 100, ref="c-3", kind="value_added", currency="EUR"
    )
    assert story.decide().why_person == "several_currencies"


def test_a_provincial_rule_goes_before_the_national_one() -> None:
    def renewed(jurisdiction: str, province: str = "") -> ProposedDecision:
        story = fibre("consent.cancel_stop", jurisdiction=jurisdiction, province=province)
        story.due("cn.renewal", FIBRE, day(110), key="n-renew")
        return story.decide()

    assert (renewed("cn").rule, renewed("cn").amount_minor) == ("cn.renewal_untold", 0)
    zhejiang = renewed("cn", province="330000")
    assert (zhejiang.rule, zhejiang.amount_minor) == ("cn-33.renewal_unconfirmed", 7900)
    assert renewed("cn-33").rule == zhejiang.rule
    assert renewed("cn", province="440000").rule == "cn.renewal_untold"


def test_the_european_cap_stands_on_the_roaming_regulation() -> None:
    decision = abroad(jurisdiction="eu", currency="EUR", zone="Europe/Berlin").decide()
    assert (decision.verdict, decision.rule) == ("upheld", "eu.beyond_cap")


def test_where_a_pack_has_no_rule_a_person_judges() -> None:
    decision = abroad("billing.usage_cap", jurisdiction="in").decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "no_rule")


# ------------------------------------------------------------------ who complains, and of what


def test_without_a_verified_identity_no_rule_acts_alone() -> None:
    decision = ringtone(identity_verified=False).decide()
    assert (decision.verdict, decision.may_act_alone, decision.why_person) == (
        "upheld",
        False,
        "identity_unverified",
    )


def test_a_mistaken_cause_is_followed_to_the_right_one_and_said() -> None:
    story = ringtone("consent.unauthorised_change").confirm(
        RING, "ring", day(100, 2.1), order="o-ring"
    )
    decision = story.stop(RING, day(120)).decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"c-2": 600})
    assert decision.followed == "after_stop"
    assert decision.reasons[0].zh.startswith("记录不支持")


def test_another_cause_beside_the_matter_is_mentioned_and_not_paid() -> None:
    story = (
        ringtone()
        .stop(RING, day(140))
        .charge(RING, "ring", day(145), 600, ref="c-3", kind="value_added")
    )
    decision = story.decide()
    assert decision.amount_minor == 1800
    assert decision.also


def test_a_doubtful_class_is_approved_by_a_person_or_asked_about() -> None:
    assert ringtone(confident=False).decide().why_person == "class_unsure"
    confirmed = ringtone(confident=False).confirm(RING, "ring", day(100, 2.1), order="o-ring")
    decision = confirmed.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "ask_for_words")
    assert decision.suggestion is not None
    assert decision.suggestion.verdict == "not_upheld"


def test_a_doubt_between_two_classes_does_not_matter_if_both_lead_to_one_answer() -> None:
    decision = ringtone(confident=False, code2="consent.unauthorised_change").decide()
    assert (decision.verdict, decision.amount_minor, decision.may_act_alone) == (
        "upheld",
        1200,
        True,
    )
    other = ringtone(confident=False, code2="network.speed").decide()
    assert (other.verdict, other.why_person) == ("upheld", "class_unsure")


def test_two_refusals_do_not_settle_what_vague_words_mean() -> None:
    story = ringtone(confident=False, code2="consent.unauthorised_change")
    decision = story.confirm(RING, "ring", day(100, 2.1), order="o-ring").decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "ask_for_words")
    assert not decision.may_act_alone


def test_two_classes_upheld_without_money_agree_only_if_the_same_is_to_be_done() -> None:
    story = Story("privacy.data_misuse", code2="reminder.missing", confident=False)
    story.look(day(120), case="").due("cn.limit_reached", PLAN, day(130), key="n-full", step="100")
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("upheld", "class_unsure")


def test_a_notice_missed_is_not_taken_alone_for_the_one_complained_of() -> None:
    story = Story("reminder.missing").due("cn.expiry", PLAN, day(130), key="n-end")
    decision = story.decide()
    assert (decision.verdict, decision.amount_minor) == ("upheld", 0)
    assert (decision.rule, decision.why_person) == ("cn.notice_missing", "rule_needs_person")


def test_a_wrong_price_may_be_use_beyond_a_limit_nobody_told() -> None:
    story = (
        Story("billing.price_fees")
        .offer("plan", 5900, kind="mobile_plan")
        .begin(PLAN, "plan", day(-500))
        .due("cn.limit_reached", PLAN, day(130), key="n-full", step="100")
        .charge(PLAN, "plan", day(133), 4200, ref="o-1", kind="overage", days=0)
    )
    decision = story.decide()
    assert (decision.verdict, refunds(decision)) == ("upheld", {"o-1": 4200})


def test_a_wish_without_facts_of_its_own_is_judged_by_its_cause() -> None:
    story = ringtone("billing.refund_credit", code2="thirdparty.value_added")
    assert (story.decide().verdict, story.decide().amount_minor) == ("upheld", 1200)
    story.confirm(RING, "ring", day(100, 2.1), order="o-ring")
    assert story.decide().verdict == "not_upheld"
    vague = ringtone("billing.refund_credit", code2="billing.wrong_charge")
    vague.confirm(RING, "ring", day(100, 2.1), order="o-ring")
    assert vague.decide().why_person == "nothing_on_file", "a deposit may be meant"


def test_an_unspecific_complaint_is_asked_for_words() -> None:
    assert Story("other.unspecific").decide().why_person == "ask_for_words"


def test_a_matter_without_facts_is_for_a_person() -> None:
    for code in ("service.support", "network.coverage", "marketing.bundling_exclusive"):
        assert Story(code).decide().verdict == "person_must_decide", code


def test_an_earlier_complaint_left_unanswered_is_upheld() -> None:
    story = Story("handling.no_resolution", complaint="cmp-2")
    story.add(
        "ComplaintReceived",
        "cmp-1",
        day(100),
        "desk",
        complaint="cmp-1",
        channel="web",
        code="billing.wrong_charge",
        pack="cn",
    )
    assert (story.decide().verdict, story.decide().rule) == ("upheld", "cn.unanswered")
    story.add(
        "ReplySent",
        "cmp-1",
        day(110),
        "desk",
        complaint="cmp-1",
        message="m",
        channel="mail",
        reply="upheld.billing",
    )
    assert story.decide().verdict == "person_must_decide"


def test_a_late_installation_is_only_suggested_since_the_published_limit_is_unknown() -> None:
    story = Story("service.install_move").offer("fibre", 7900, kind="broadband")
    story.begin(FIBRE, "fibre", day(120), order="o-f")
    story.facts = [fact for fact in story.facts if fact.kind != "ServiceActivated"]
    story.add(
        "ServiceActivated",
        FIBRE,
        day(145),
        "crm",
        offer="fibre",
        initiator="subscriber",
        order="o-f",
    )
    story.charge(FIBRE, "fibre", day(120, 3), 10_000, ref="i", kind="install_fee", days=0)
    decision = story.decide()
    assert (decision.verdict, decision.why_person) == ("person_must_decide", "rule_unverified")
    assert decision.suggestion is not None
    assert decision.suggestion.amount_minor == 1000, "ten days at one per cent"
