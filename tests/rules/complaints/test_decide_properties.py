"""What must hold of every decision, whatever the facts."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.rules.complaints.telling import FIBRE, PLAN, RING, SOURCES, Story, day

from amends.engines.decisions.decide import PERSON, ProposedDecision, decide
from amends.engines.decisions.dossier import Dossier
from amends.engines.decisions.evidence import Matter

CODES = (
    "network.speed",
    "billing.wrong_charge",
    "billing.price_fees",
    "billing.refund_credit",
    "billing.usage_cap",
    "consent.unauthorised_change",
    "consent.cancel_stop",
    "reminder.missing",
    "marketing.promise_not_kept",
    "privacy.data_misuse",
    "thirdparty.value_added",
    "handling.no_resolution",
    "service.repair_equipment",
    "other.unspecific",
)
amounts = st.integers(1, 20_000)
moments = st.floats(-20, 149).map(day)


@st.composite
def lives(draw: st.DrawFn) -> Story:
    """A life in which any of the known troubles may or may not have happened."""
    story = Story(
        draw(st.sampled_from(CODES)),
        code2=draw(st.sampled_from(("", *CODES))),
        confident=draw(st.booleans()),
        identity_verified=draw(st.booleans()),
        service=draw(st.sampled_from(("", "", RING, PLAN))),
        cases=draw(st.sampled_from((None, frozenset(("case-1",))))),
    )
    story.offer("ring", 600, kind="value_added").offer("plan", 5900, kind="mobile_plan")
    story.offer("grand", 9900, kind="mobile_plan")
    technology = draw(st.sampled_from(({"technology": "fibre"}, {"technology": "dsl"}, {})))
    story.offer(
        "fibre",
        7900,
        kind="broadband",
        speed_down_kbps=300_000,
        speed_min_kbps=240_000,
        contract_months=12,
        exit_fee_minor=20_000,
        **technology,
    )
    _ring(draw, story)
    _plan(draw, story)
    _line(draw, story)
    for _ in range(draw(st.integers(0, 2))):
        story.look(draw(moments), case=draw(st.sampled_from(("", "case-1", "case-2"))))
    for source in draw(st.lists(st.sampled_from(sorted(SOURCES)), max_size=2)):
        start = draw(moments)
        story.cover(source, start, start + timedelta(days=5), complete=False)
    charges = [fact for fact in story.facts if fact.kind == "ChargeMade"]
    for fact in draw(st.lists(st.sampled_from(charges), max_size=2)) if charges else []:
        part = draw(st.integers(1, int(fact.payload["amount_minor"])))
        story.refund(fact.subject, draw(moments), part, ref=str(fact.payload["charge"]))
    return story


def _ring(draw: st.DrawFn, story: Story) -> None:
    begun = draw(st.floats(-10, 140))
    story.begin(RING, "ring", day(begun), order="o-ring", initiator="partner:x")
    answer = draw(st.sampled_from(("given", "given", "refused", "none", "both", "late")))
    if answer in ("given", "both"):
        story.confirm(RING, "ring", day(begun, 2.05), order="o-ring")
    if answer in ("refused", "both"):
        story.refuse(RING, "ring", day(begun, 2.06), order="o-ring")
    if answer == "late":
        story.confirm(RING, "ring", day(begun + 3), order="o-ring")
    for number in range(draw(st.integers(0, 3))):
        at = day(begun + 30 * number, 3)
        amount = draw(st.sampled_from((600, 600, 700)))
        story.charge(RING, "ring", at, amount, ref=f"r-{number}", kind="value_added")
    if draw(st.booleans()):
        story.stop(RING, draw(moments))


def _plan(draw: st.DrawFn, story: Story) -> None:
    story.begin(PLAN, "plan", day(-500))
    if draw(st.booleans()):
        story.change(PLAN, "plan", "grand", day(draw(st.floats(0, 140))), order="o-up")
    for number in range(draw(st.integers(0, 3))):
        at, amount = day(40 * number + 20), draw(st.sampled_from((5900, 9900, 6900)))
        story.charge(PLAN, "plan", at, amount, ref=f"p-{number}")
        if draw(st.integers(0, 5)) == 0:
            story.charge(PLAN, "plan", at, amount, ref=f"p-{number}-again")
    due = draw(st.floats(0, 140))
    if draw(st.booleans()):
        story.due(
            "cn.roaming_cap", PLAN, day(due), key="n-cap", threshold_minor=5000, currency="CNY"
        )
        for verb in draw(st.lists(st.sampled_from(("sent", "delivered", "failed")), max_size=3)):
            tell = getattr(story, verb)
            tell("cn.roaming_cap", PLAN, day(due + draw(st.floats(-0.5, 3))), key="n-cap")
    for number in range(draw(st.integers(0, 4))):
        at = day(due + draw(st.floats(-2, 5)))
        story.charge(
            PLAN, "roam", at, draw(amounts), ref=f"a-{number}", kind="roaming_data", days=0
        )


def _line(draw: st.DrawFn, story: Story) -> None:
    if draw(st.booleans()):
        story.claim("ad", "fibre", 4900, day(-30), months=draw(st.integers(1, 12)))
        story.begin(FIBRE, "fibre", day(-20), order="o-f", claim="ad")
    else:
        story.begin(FIBRE, "fibre", day(-300), order="o-f")
    for number in range(draw(st.integers(0, 4))):
        story.charge(FIBRE, "fibre", day(30 * number), 7900, ref=f"f-{number}")
    for _ in range(draw(st.integers(0, 3))):
        story.measured(FIBRE, draw(moments), draw(st.integers(10_000, 320_000)))
    if draw(st.booleans()):
        start = draw(moments)
        story.degraded(start, start + timedelta(days=draw(st.integers(1, 9))))
    if draw(st.booleans()):
        story.stop(FIBRE, draw(moments))
        story.charge(FIBRE, "fibre", day(148), draw(amounts), ref="x", kind="exit_fee", days=0)


@given(lives())
def test_no_more_goes_back_than_was_charged_and_not_yet_refunded(story: Story) -> None:
    charged = {
        str(fact.payload["charge"]): int(fact.payload["amount_minor"])
        for fact in story.facts
        if fact.kind == "ChargeMade"
    }
    for fact in story.facts:
        if fact.kind == "RefundMade":
            charged[str(fact.payload["charge"])] -= int(fact.payload["amount_minor"])
    decision = story.decide()
    money = [each for each in decision.remedies if each.amount_minor]
    for remedy in money:
        assert 0 < remedy.amount_minor <= charged[remedy.charge]
    assert len({each.charge for each in money}) == len(money), "each charge once"
    assert decision.amount_minor == sum(each.amount_minor for each in money)


@given(lives(), st.data())
def test_less_coverage_gives_the_same_verdict_or_a_persons(
    story: Story, data: st.DataObject
) -> None:
    before = story.decide()
    source = data.draw(st.sampled_from(sorted(SOURCES)))
    start = data.draw(moments)
    story.cover(source, start, start + timedelta(days=400), complete=False)
    after = story.decide()
    assert after.verdict in (before.verdict, PERSON)
    assert after.amount_minor in (before.amount_minor, 0)
    assert before.verdict != PERSON or after.verdict == PERSON


@given(lives())
def test_one_more_confirmation_never_raises_the_refund(story: Story) -> None:
    before = story.decide()
    activated = next(fact for fact in story.facts if fact.kind == "ServiceActivated")
    at = activated.happened_at - timedelta(minutes=2)
    story.confirm(RING, "ring", at, order="o-ring")
    if before.verdict != PERSON:
        assert _ring_refund(story.decide()) <= _ring_refund(before)


def _ring_refund(decision: ProposedDecision) -> int:
    """What goes back for the ringtone as such, not for its being charged too high or too long."""
    if decision.rule not in ("cn.any_service_unconfirmed", "cn.unconfirmed_service"):
        return 0
    return sum(each.amount_minor for each in decision.remedies if each.service == RING)


@given(lives(), st.randoms())
def test_the_order_of_facts_and_statements_does_not_matter(story: Story, chance: object) -> None:
    before = story.decide()
    chance.shuffle(story.facts)  # type: ignore[attr-defined]
    chance.shuffle(story.statements)  # type: ignore[attr-defined]
    assert story.decide() == before


@given(lives())
def test_a_decision_replays_from_what_was_stored(story: Story) -> None:
    dossier = story.dossier()
    decision = decide(dossier, story.matter, on=story.received.date())
    stored = json.loads(json.dumps([dossier.as_dict(), story.matter.as_dict(), decision.as_dict()]))
    again = decide(
        Dossier.from_dict(stored[0]), Matter.from_dict(stored[1]), on=story.received.date()
    )
    assert Dossier.from_dict(stored[0]) == dossier
    assert again == decision == ProposedDecision.from_dict(stored[2])


@given(lives())
def test_what_acts_alone_is_verified_certain_and_within_its_limit(story: Story) -> None:
    decision = story.decide()
    if decision.may_act_alone:
        assert decision.verdict != PERSON
        assert story.matter.identity_verified
        assert story.matter.confident or story.matter.code2
        assert decision.amount_minor <= 20_000
        assert not decision.why_person
    else:
        assert decision.why_person
        assert decision.why_zh
        assert decision.why_en
