"""The desk from receipt to confirmed solution, on real facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils.translation import override
from tests.actions.complaints.conftest import NOW, PHONE, World, covered

from amends.cases.complaints.actions.identify import UnableToIdentify, answer_identity, ask_identity
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import (
    Overruling,
    UnableToOverrule,
    UnableToOverruleNow,
    overrule,
    overrule_many,
)
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.respond import (
    OutcomeAnswer,
    accept,
    accept_many,
    answer_outcome,
    answer_outcomes,
    refuse,
    reopen,
)
from amends.cases.complaints.actions.settle import settle, settle_alone, settle_many
from amends.cases.complaints.jobs import clocks, pipeline
from amends.cases.complaints.models import Challenge, Complaint, Decision, Event, Reply
from amends.cases.complaints.rules.states import UnableToMove
from amends.cases.complaints.web.words import reason_words
from amends.channels.models import OutboxMessage
from amends.platform.kit.actors import Actor
from amends.platform.vault.sealing import open_sealed
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about
from amends.work.remedies.actions.export import acknowledge, export
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.postgres_too

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(days=30)


def complain(**fields: object) -> Complaint:
    words = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
    said = Submission(
        channel="app",
        key="k1",
        text=words,
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
    )
    receipt = receive(replace(said, **fields), now=NOW)  # type: ignore[arg-type]
    return Complaint.objects.get(id=receipt.complaint)


def run_desk(now: datetime = NOW) -> None:
    while pipeline.process(now=now).did_something:
        pass


def test_an_unconfirmed_service_is_refunded_to_the_cent_and_the_user_told(world: World) -> None:
    complaint = complain()
    run_desk()
    complaint.refresh_from_db()
    assert complaint.state == "implementing"
    assert complaint.verdict == "upheld"
    assert complaint.amount_minor == 3000
    remedies = Remedy.objects.filter(kind="refund")
    assert sorted(remedies.values_list("balance_id", flat=True)) == sorted(world.charges)
    assert set(remedies.values_list("state", flat=True)) == {"approved"}
    letter = Reply.objects.get(kind__startswith="upheld")
    assert "30.00" in letter.body
    assert letter.posted_at == NOW
    kinds = {fact.kind for fact in facts_about(world.person)}
    assert {
        "ComplaintReceived",
        "DecisionMade",
        "RemedyGranted",
        "ReplySent",
        "DataAccessed",
    } <= kinds


def test_the_whole_way_to_a_confirmed_solution(world: World) -> None:
    complaint = complain()
    run_desk()
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, f"B{at}") for at, row in enumerate(rows)], now=NOW)
    clocks.check_clocks(now=NOW)
    complaint.refresh_from_db()
    assert complaint.state == "resolved"
    clocks.check_clocks(now=LATER)
    assert Reply.objects.filter(kind="outcome_question").count() == 1
    answer_outcome(
        complaint.id, answer="solved", text="", actor=Actor("subscriber", world.person), now=LATER
    )
    complaint.refresh_from_db()
    assert complaint.state == "confirmed"
    assert sum(fact.kind == "RefundMade" for fact in facts_about(world.person)) == 3


def test_the_operator_says_after_how_many_days_it_is_asked(world: World, settings) -> None:
    settings.OUTCOME_AFTER_DAYS = 7
    complain()
    run_desk()
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, "B") for row in rows], now=NOW)
    clocks.check_clocks(now=NOW)
    assert clocks.check_clocks(now=NOW + timedelta(days=6)).asked == 0
    assert clocks.check_clocks(now=NOW + timedelta(days=7)).asked == 1


def test_not_solved_reopens_with_a_clock_of_its_own(world: World) -> None:
    complaint = complain()
    run_desk()
    first = set(complaint.clocks.values_list("id", "due_at", "met_at"))
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, "B") for row in rows], now=NOW)
    clocks.check_clocks(now=NOW)
    answer_outcome(
        complaint.id,
        answer="not_solved",
        text="还在扣",
        now=LATER,
        actor=Actor("subscriber", world.person),
    )
    complaint.refresh_from_db()
    assert (complaint.state, complaint.reopened_count) == ("reopened", 1)
    assert first <= set(complaint.clocks.values_list("id", "due_at", "met_at"))
    running = complaint.clocks.filter(met_at=None, binding=True).earliest("due_at")
    assert complaint.next_due_at == running.due_at > NOW


def test_a_stranger_gets_no_dossier_no_money_but_a_clock(world: World) -> None:
    complaint = complain(identity="", channel="web")
    run_desk()
    complaint.refresh_from_db()
    assert complaint.next_due_at is not None
    assert complaint.verdict == ""
    assert Decision.objects.count() == 0
    assert Remedy.objects.count() == 0
    looks = [fact for fact in facts_about(world.person) if fact.kind == "DataAccessed"]
    assert [look.payload["fields"] for look in looks] == ["phone,email"]
    assert complaint.identity == "asked"


def test_the_right_code_opens_the_way_and_wrong_codes_run_out(world: World) -> None:
    complaint = complain(
        identity="", channel="web", phone="", email="other@example.org", service=world.plan
    )
    run_desk()
    complaint.refresh_from_db()
    message = OutboxMessage.objects.get(key__startswith="challenge:")
    to = open_sealed(
        "channels_outboxmessage", "recipient_sealed", message.id, bytes(message.recipient_sealed)
    )
    assert to.endswith(PHONE)
    body = open_sealed(
        "channels_outboxmessage", "body_sealed", message.id, bytes(message.body_sealed)
    )
    code = next(
        part
        for part in body.replace("，", " ").replace("验证码", " ").split()
        if len(part) == 6 and part.isdigit()
    )
    subscriber = Actor("subscriber", world.person)
    for _ in range(5):
        with pytest.raises(UnableToIdentify):
            answer_identity(complaint, "not it", actor=subscriber, now=NOW)
    with pytest.raises(UnableToIdentify):
        answer_identity(complaint, code, actor=subscriber, now=NOW)
    ask_identity(complaint, actor=subscriber, now=NOW + timedelta(minutes=1))
    newest = Challenge.objects.latest("asked_at")
    with pytest.raises(UnableToIdentify):
        answer_identity(complaint, "000000", actor=subscriber, now=newest.expires_at)


def test_a_confirmed_service_is_not_refunded(world: World) -> None:
    with transaction.atomic():
        append(
            [
                Fact(
                    "ServiceOrdered",
                    world.person,
                    world.ringtone,
                    NOW - timedelta(days=81),
                    "crm",
                    {
                        "order": "o-1",
                        "offer": "offer-ring",
                        "channel": "sms",
                        "initiator": "subscriber",
                    },
                ),
                Fact(
                    "ConfirmationGiven",
                    world.person,
                    world.ringtone,
                    NOW - timedelta(days=80, hours=1),
                    "confirmations",
                    {
                        "order": "o-1",
                        "offer": "offer-ring",
                        "channel": "sms",
                        "method": "sms_reply",
                    },
                ),
            ],
            now=NOW,
        )
    complaint = complain()
    run_desk()
    complaint.refresh_from_db()
    assert complaint.verdict != "upheld"
    assert Remedy.objects.exclude(state="proposed").count() == 0


def test_a_gap_in_the_feed_leaves_it_to_a_person(world: World) -> None:
    with transaction.atomic():
        append(
            [
                covered(
                    "confirmations",
                    "ConfirmationAsked,ConfirmationGiven,ConfirmationRefused",
                    complete=0,
                )
            ],
            now=NOW,
        )
    complaint = complain()
    run_desk()
    complaint.refresh_from_db()
    assert complaint.verdict == "person_must_decide"
    assert complaint.state == "investigating"
    assert Remedy.objects.count() == 0


def test_a_person_overrules_with_a_reason_within_their_limit(world: World) -> None:
    test_a_gap_in_the_feed_leaves_it_to_a_person(world)
    ref = Complaint.objects.get().id
    with pytest.raises(UnableToOverrule):
        overrule(
            ref,
            verdict="upheld",
            amount_minor=3000,
            currency="CNY",
            reason="ok",
            customer_text="ok",
            actor=HANDLER,
            now=NOW,
        )
    overrule(
        ref,
        verdict="upheld",
        amount_minor=3000,
        currency="CNY",
        reason="合作方不能提供订购记录，按未确认处理。",
        customer_text="合作方不能提供订购记录，按未确认处理。",
        actor=HANDLER,
        now=NOW,
    )
    settle(ref, actor=HANDLER, now=NOW)
    complaint = Complaint.objects.get()
    assert complaint.state == "implementing"
    assert sum(Remedy.objects.values_list("amount_minor", flat=True)) == 3000
    assert Decision.objects.count() == 2
    made = [fact for fact in facts_about(world.person) if fact.kind == "DecisionMade"]
    assert made[-1].payload["overrules"] == Decision.objects.order_by("at", "id").first().id  # type: ignore[union-attr]


def test_a_proposal_in_part_waits_for_the_user(world: World) -> None:
    complaint = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=2000,
        currency="CNY",
        reason="第一个月有使用记录，退后两个月。",
        customer_text="第一个月有使用记录，退后两个月。",
        actor=HANDLER,
        now=NOW,
    )
    settle(complaint.id, actor=HANDLER, now=NOW)
    complaint.refresh_from_db()
    assert complaint.state == "proposed"
    assert set(Remedy.objects.values_list("state", flat=True)) == {"offered"}
    assert granted_to(world) == [], "an offer is not granted"
    user = Actor("subscriber", world.person)
    refuse(complaint.id, text="不同意", actor=user, now=NOW)
    assert set(Remedy.objects.values_list("state", flat=True)) == {"rejected"}
    with pytest.raises(UnableToMove):
        accept(complaint.id, actor=user, now=NOW)


def granted_to(world: World) -> list[int]:
    """The amounts stated as granted, smallest first."""
    made = facts_about(world.person, kinds=["RemedyGranted"])
    return sorted(int(fact.payload["amount_minor"]) for fact in made)


def test_upheld_with_nothing_left_to_do_is_resolved_again_after_reopening(world: World) -> None:
    """The second time nothing more is owed: billing has nothing to say, and it must not hang."""
    complaint = complain(text="宽带一到晚上就断，装维说来一直没来。")
    pipeline.acknowledge_waiting(now=NOW)
    for moment in (NOW, LATER):
        investigate_many([complaint.id], actor=pipeline.DESK, now=moment)
        overrule(
            complaint.id,
            verdict="upheld",
            amount_minor=0,
            currency="CNY",
            reason="已上门修好，向用户致歉。",
            customer_text="已上门修好，向用户致歉。",
            actor=HANDLER,
            now=moment,
        )
        settle(complaint.id, actor=HANDLER, now=moment)
        clocks.check_clocks(now=moment)
        complaint.refresh_from_db()
        assert complaint.state == "resolved"
        reopen(complaint.id, text="又断了", actor=Actor("subscriber", world.person), now=moment)


def test_an_accepted_proposal_above_the_limit_waits_for_somebody_with_a_higher_one(
    world: World,
) -> None:
    complaint = complain(text="宽带一到晚上就断，装维说来一直没来。")
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=30_000,
        currency="CNY",
        reason="长期断线，一次性补偿。",
        customer_text="长期断线，一次性补偿。",
        actor=HANDLER,
        now=NOW,
    )
    settle(complaint.id, actor=HANDLER, now=NOW)
    accept(complaint.id, actor=Actor("subscriber", world.person), now=NOW)
    assert Remedy.objects.get().state == "proposed"
    assert granted_to(world) == []


def test_a_second_proposal_replaces_the_refused_one(world: World) -> None:
    """What the user accepts in the end is what is paid, not the amount proposed at first."""
    test_a_proposal_in_part_waits_for_the_user(world)
    complaint = Complaint.objects.get()
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW + timedelta(days=1))
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=2500,
        currency="CNY",
        reason="再退半个月，作为补偿。",
        customer_text="再退半个月，作为补偿。",
        actor=HANDLER,
        now=NOW + timedelta(days=1),
    )
    settle(complaint.id, actor=HANDLER, now=NOW + timedelta(days=1))
    by_state = dict.fromkeys(("rejected", "offered"), 0)
    for state, amount in Remedy.objects.values_list("state", "amount_minor"):
        by_state[state] += amount
    assert by_state == {"rejected": 2000, "offered": 2500}
    accept(complaint.id, actor=Actor("subscriber", world.person), now=NOW + timedelta(days=2))
    assert sum(granted_to(world)) == 2500, "what was refused was never granted"


def test_no_rule_repeats_alone_what_the_user_did_not_take(world: World) -> None:
    complaint = complain()
    run_desk()
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, f"b-{row.remedy}") for row in rows], now=NOW)
    clocks.check_clocks(now=NOW)
    user = Actor("subscriber", world.person)
    answer_outcome(complaint.id, answer="not_solved", text="还在扣", actor=user, now=LATER)
    run_desk(LATER)
    complaint.refresh_from_db()
    assert (complaint.state, complaint.may_act_alone) == ("investigating", False)
    settle(complaint.id, actor=HANDLER, now=LATER)
    assert sum(Remedy.objects.values_list("amount_minor", flat=True)) == 3000


def _refund_elsewhere(world: World) -> None:
    other = Proposal(
        cause="complaint:another",
        kind="refund",
        charge=sorted(world.charges)[0],
        charge_minor=1000,
        amount_minor=600,
        reason_zh="退费",
        reason_en="refund",
        rule="by hand",
        currency="CNY",
    )
    propose([other], by="wang", now=NOW)


def test_no_more_is_proposed_than_is_left_of_a_charge(world: World) -> None:
    _refund_elsewhere(world)
    complaint = complain()
    run_desk()
    complaint.refresh_from_db()
    assert (complaint.state, complaint.may_act_alone) == ("investigating", False)
    assert complaint.amount_minor == 2400
    decision = Decision.objects.get(complaint=complaint).decision
    assert decision["why_person"] == "refund_under_way"
    assert "其中¥6.00正在退还" in "".join(one["zh"] for one in decision["reasons"])
    settle(complaint.id, actor=HANDLER, now=NOW)
    assert sum(granted_to(world)) == 2400


def test_what_no_longer_fits_its_charge_is_left_to_a_person_with_the_rest(world: World) -> None:
    complaint = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    _refund_elsewhere(world)
    assert settle_alone([complaint.id], now=NOW) == []
    complaint.refresh_from_db()
    assert (complaint.state, complaint.may_act_alone) == ("investigating", False)
    assert complaint.amount_minor == 2400
    event = Event.objects.get(complaint=complaint, verb="left_to_person")
    with override("zh-hans"):
        assert reason_words(event.reason) == "退费超过了这笔费用的剩余部分。"
    with override("en"):
        assert reason_words(event.reason) == event.reason


def test_answers_and_acceptances_of_several_are_taken_together(world: World) -> None:
    first = complain()
    second = complain(key="k2", text="宽带一到晚上就断，装维说来一直没来。")
    both = [first.id, second.id]
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many(both, actor=pipeline.DESK, now=NOW)
    overrule_many(
        [
            Overruling(
                complaint=ref,
                verdict="partly_upheld",
                amount_minor=minor,
                currency="CNY",
                reason="补偿一部分，请确认。",
                customer_text="补偿一部分，请确认。",
            )
            for ref, minor in zip(both, (500, 700), strict=True)
        ],
        actor=HANDLER,
        now=NOW,
    )
    assert settle_many(both, actor=HANDLER, now=NOW) == both
    user = Actor("subscriber", world.person)
    accept_many(both, actor=user, now=NOW)
    assert set(Remedy.objects.values_list("state", "approved_by")) == {("approved", HANDLER.ref)}
    _, rows = export(now=NOW)
    acknowledge([(row.remedy, f"b-{row.remedy}") for row in rows], now=NOW)
    clocks.check_clocks(now=NOW)
    said = [
        OutcomeAnswer(first.id, "solved"),
        OutcomeAnswer(second.id, "not_solved", "昨晚又断了。"),
    ]
    answer_outcomes(said, actor=user, now=LATER)
    states = [Complaint.objects.get(id=ref).state for ref in both]
    assert states == ["confirmed", "reopened"]
    assert Event.objects.get(verb="reopen").reason == "昨晚又断了。"
    told = [fact for fact in facts_about(world.person) if fact.kind == "OutcomeAnswered"]
    answers = {fact.payload["complaint"]: fact.payload["answer"] for fact in told}
    assert answers == {first.id: "solved", second.id: "not_solved"}
    with pytest.raises(UnableToOverruleNow):
        overrule(
            first.id,
            verdict="not_upheld",
            amount_minor=0,
            currency="CNY",
            reason="已经确认解决了。",
            customer_text="已经确认解决了。",
            actor=HANDLER,
            now=LATER,
        )


def test_a_proposal_without_an_answer_lapses_and_closes(world: World) -> None:
    complaint = complain()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=2000,
        currency="CNY",
        reason="第一个月有使用记录，退后两个月。",
        customer_text="第一个月有使用记录，退后两个月。",
        actor=HANDLER,
        now=NOW,
    )
    settle(complaint.id, actor=HANDLER, now=NOW)
    assert clocks.check_clocks(now=NOW + timedelta(days=15)).lapsed == 1
    assert clocks.check_clocks(now=NOW + timedelta(days=16)).closed == 0
    assert clocks.check_clocks(now=NOW + timedelta(days=30)).closed == 1
    complaint.refresh_from_db()
    assert complaint.state == "closed_unconfirmed"
    assert set(Remedy.objects.values_list("state", flat=True)) == {"rejected"}


def test_clocks_warn_and_breach_once(world: World) -> None:
    complaint = complain(identity="", channel="web")
    due = complaint.next_due_at
    assert due is not None
    for _ in range(2):
        clocks.check_clocks(now=due - timedelta(hours=3))
        clocks.check_clocks(now=due + timedelta(hours=3))
    verbs = list(
        Event.objects.filter(verb__in=("warning", "breach")).values_list("verb", flat=True)
    )
    assert verbs == ["warning", "breach"]


def test_a_replayed_decision_is_the_same(world: World) -> None:
    from amends.cases.complaints.actions.limits import operator_limits
    from amends.engines.decisions.decide import decide
    from amends.engines.decisions.dossier import Dossier
    from amends.engines.decisions.evidence import Matter

    complain()
    run_desk()
    kept = Decision.objects.get()
    matter = Matter.from_dict(kept.matter)
    again = decide(
        Dossier.from_dict(kept.dossier),
        matter,
        on=matter.received_at.date(),
        limits=operator_limits("cn", NOW.date()),
    )
    assert json.loads(json.dumps(again.as_dict())) == kept.decision
