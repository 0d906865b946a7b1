"""Partners: scored from what other apps know, and proceeded against by two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.causes.vetting.actions.proceedings import (
    UnableToDecideAlone,
    UnableToProceed,
    answer_appeal,
    decide,
    propose,
    record_appeal,
    record_statement,
)
from amends.causes.vetting.actions.register_services import (
    LinkEntry,
    ServiceEntry,
    register_service,
)
from amends.causes.vetting.actions.score_partners import score_partners
from amends.causes.vetting.actions.watch_service import watch_service
from amends.causes.vetting.models import PartnerProceeding, PartnerScore, ServiceFault, ServiceLink
from amends.causes.vetting.texts.partner_letter import partner_letter
from amends.causes.vetting.texts.partner_scores import partner_line
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView, partner_status
from amends.platform.kit.actors import Actor, system

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 10, 4, tzinfo=UTC)
MANAGER, OTHER, THIRD = (Actor("user", name, ("manager",)) for name in ("u1", "u2", "u3"))
HANDLER = Actor("user", "u4", ("handler",))
REASONS = [{"component": "unconfirmed", "zh": "未经确认", "en": "without confirmation"}]


@pytest.fixture(autouse=True)
def _partners() -> None:
    register_partners(
        [PartnerView("xs", "provider", "星声", "Xs"), PartnerView("cx", "provider", "潮汐", "Cx")]
    )
    for ref in ("xs", "cx"):
        sign_contract(
            ref, roles=("provider",), valid_from=NOW - timedelta(days=300), ref=f"con-{ref}"
        )


def opened(step: str = "stop_orders") -> str:
    """A proceeding that the rules opened."""
    return propose("xs", step=step, reasons=REASONS, by=system("vetting"), now=NOW)


def test_nothing_is_imposed_before_the_partner_was_heard() -> None:
    ref = opened()
    with pytest.raises(UnableToProceed):
        decide(ref, is_imposed=True, reason="figures", by=MANAGER, now=NOW)
    record_statement(ref, text="We had a fault.", by=OTHER, now=NOW)
    decide(ref, is_imposed=True, reason="figures", by=MANAGER, now=NOW)
    assert partner_status("xs", NOW + timedelta(hours=1)).reason == "suspension"
    assert partner_status("cx", NOW + timedelta(hours=1)).valid


def test_whoever_proposed_does_not_decide_nor_whoever_decided_answer() -> None:
    ref = propose("xs", step="probation", reasons=REASONS, by=MANAGER, now=NOW)
    later = NOW + timedelta(days=11)
    with pytest.raises(UnableToDecideAlone):
        decide(ref, is_imposed=True, reason="figures", by=MANAGER, now=later)
    with pytest.raises(UnableToDecideAlone):
        decide(ref, is_imposed=True, reason="figures", by=HANDLER, now=later)
    decide(ref, is_imposed=True, reason="figures", by=OTHER, now=later)
    record_appeal(ref, text="Too hard.", by=MANAGER, now=later)
    with pytest.raises(UnableToDecideAlone):
        answer_appeal(ref, is_granted=True, reason="right", by=OTHER, now=later)
    answer_appeal(ref, is_granted=True, reason="right", by=THIRD, now=later)
    assert PartnerProceeding.objects.get().state == "dropped"


def test_a_granted_appeal_lifts_the_stop() -> None:
    ref = opened()
    later = NOW + timedelta(days=11)
    decide(ref, is_imposed=True, reason="figures", by=MANAGER, now=later)
    record_appeal(ref, text="Corrected.", by=OTHER, now=later)
    answer_appeal(ref, is_granted=True, reason="right", by=OTHER, now=later + timedelta(hours=1))
    assert partner_status("xs", later + timedelta(hours=2)).valid


def test_the_end_of_the_contract_ends_it() -> None:
    ref = opened("end_contract")
    later = NOW + timedelta(days=11)
    decide(ref, is_imposed=True, reason="figures", by=MANAGER, now=later)
    assert not partner_status("xs", later + timedelta(hours=1)).valid
    with pytest.raises(UnableToProceed):
        record_appeal(ref, text="Late.", by=OTHER, now=later + timedelta(days=20))


def test_faults_at_a_partners_link_make_it_worse_and_open_a_proceeding() -> None:
    for ref in ("xs", "cx"):
        entry = ServiceEntry(
            f"s-{ref}", "third_party", ref, ref, links=(LinkEntry("d", "delivery", ref),)
        )
        register_service(entry, now=NOW)
        probes = [{"id": "home", "kind": "http", "target": "http://tones.example/"}]
        links = [{"id": "d", "kind": "delivery", "probes": probes}]
        watch_service({"service": f"s-{ref}", "links": links}, now=NOW)
    link = ServiceLink.objects.get(service="s-xs")
    for day in range(14):
        at = NOW - timedelta(days=day + 1)
        ServiceFault.objects.create(
            link=link, from_at=at, to_at=at + timedelta(hours=3), found_at=NOW
        )
    made = score_partners(now=NOW)
    assert (made.partners, made.worse, len(made.opened)) == (2, 1, 1)
    assert PartnerProceeding.objects.get().step == "probation"
    assert score_partners(now=NOW).opened == []
    assert PartnerScore.objects.count() == 2
    line = partner_line("xs", now=NOW, language="en")
    assert line is not None
    assert partner_letter(line, now=NOW).startswith(b"%PDF")
