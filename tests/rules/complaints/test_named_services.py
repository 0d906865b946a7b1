"""A verdict that passes over the service the complaint names is not given without a person."""

from __future__ import annotations

from dataclasses import replace

from tests.rules.complaints.telling import Story, day, ringtone

from amends.engines.decisions.decide import ProposedDecision
from amends.engines.decisions.evidence import Matter, NamedService
from amends.engines.decisions.rulings.named_services import with_named_services

RING = NamedService(offer="ring", zh="彩铃", en="Ring")
SCHOOL = NamedService(offer="school-note", zh="家校小纸条", en="School Notes")
PLAN = NamedService(offer="plan", zh="轻语29", en="Light 29", is_line=True)


def naming(*services: NamedService) -> Story:
    story = ringtone()
    story.matter = replace(story.matter, named=services)
    return story


def test_a_refund_of_another_service_goes_to_a_person_with_a_warning() -> None:
    decision = naming(SCHOOL).decide()
    assert (decision.verdict, decision.amount_minor) == ("upheld", 1200)
    assert (decision.may_act_alone, decision.why_person) == (False, "named_not_covered")
    assert decision.not_covered == (("家校小纸条", "School Notes"),)
    assert "School Notes" in decision.warning("en")
    assert "家校小纸条" in decision.reasons[-1].zh, "the reply says so, too"


def test_a_refund_of_the_named_service_is_given_by_rule() -> None:
    decision = naming(RING).decide()
    assert (decision.may_act_alone, decision.not_covered, decision.warning_zh) == (True, (), "")


def test_a_plan_is_context_where_another_named_service_is_covered() -> None:
    assert naming(RING, PLAN).decide().may_act_alone
    assert not naming(PLAN).decide().may_act_alone
    assert naming(RING, SCHOOL).decide().not_covered == (("家校小纸条", "School Notes"),)


def test_a_suggestion_to_a_person_carries_the_warning() -> None:
    story = naming(SCHOOL)
    story.matter = replace(story.matter, confident=False)
    decision = story.decide()
    assert decision.not_covered
    assert not decision.may_act_alone


def test_a_service_counts_under_each_offer_it_had() -> None:
    story = naming(RING)
    story.add(
        "ServiceChanged",
        "svc-ring",
        day(120),
        "crm",
        from_offer="ring",
        to_offer="ring-plus",
        initiator="subscriber",
    )
    decision = story.decide()
    assert decision.remedies
    assert decision.not_covered == ()
    for named in (replace(RING, offer="ring-plus"), SCHOOL):
        story.matter = replace(story.matter, named=(named,))
        assert bool(story.decide().not_covered) == (named is SCHOOL)


def test_a_tariff_counts_only_beside_a_refund() -> None:
    """“A caller knew that I use Light 29” asks for no refund of the plan."""
    story = ringtone()
    story.matter = replace(story.matter, named=(PLAN,))
    decision = story.decide()
    assert (
        with_named_services(
            replace(decision, remedies=(), not_covered=()),
            story.dossier(),
            story.matter,
            story.received.date(),
        ).not_covered
        == ()
    )
    assert decision.not_covered


def test_matter_and_decision_are_read_back_as_written() -> None:
    story = naming(SCHOOL, PLAN)
    decision = story.decide()
    assert Matter.from_dict(story.matter.as_dict()) == story.matter
    assert ProposedDecision.from_dict(decision.as_dict()) == decision


def test_a_matter_of_before_names_no_service() -> None:
    document = ringtone().matter.as_dict()
    del document["named"]
    assert Matter.from_dict(document).named == ()
