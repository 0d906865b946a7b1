"""Pages of services: the public list, a complaint from it, the register, one service."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from amends.causes.vetting.actions.proceedings import propose
from amends.causes.vetting.actions.register_services import (
    LinkEntry,
    ServiceEntry,
    register_service,
)
from amends.causes.vetting.actions.watch_service import watch_service
from amends.causes.vetting.models import (
    LinkProbe,
    PartnerProceeding,
    PartnerScore,
    ProbeResult,
    ServiceFault,
    ServiceLink,
)
from amends.causes.vetting.queries.probes import probe_counters
from amends.causes.vetting.rules.chain_events import FaultEvidence
from amends.causes.vetting.rules.partner_scores import ComponentScore
from amends.engines.stats.rates import count_interval
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.platform.kit.actors import system
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tones() -> str:
    """A service with a chain, a probe that failed half of the day, and a fault."""
    now = timezone.now()
    register_partners([PartnerView("xs", "provider", "星声文化", "Xingsheng")])
    entry = ServiceEntry(
        "8001",
        "third_party",
        "星声彩铃",
        "Star tones <b>",
        provider="xs",
        price_minor=600,
        currency="CNY",
        charge_period="month",
        number="10658001",
        stop_en="Send TD to 10658001",
        links=(LinkEntry("p", "provider", "xs"), LinkEntry("d", "delivery")),
    )
    register_service(entry, now=now)
    probes = [{"id": "home", "kind": "http", "target": "http://tones.example/"}]
    links = [{"id": "d", "kind": "delivery", "probes": probes}]
    watch_service({"service": "8001", "links": links}, now=now)
    for hour in range(12):
        ProbeResult.objects.create(
            probe=LinkProbe.objects.get(),
            at=now - timedelta(hours=hour + 1),
            passed=hour >= 6,
            ms=90.0 if hour >= 6 else None,
            error="" if hour >= 6 else "timeout",
        )
    ServiceFault.objects.create(
        link=ServiceLink.objects.get(name="d"),
        from_at=now - timedelta(hours=6),
        to_at=now,
        evidence=asdict(FaultEvidence(failed=6, probes=6)),
        found_at=now,
    )
    return entry.ref


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_strange_charge_is_looked_up_and_complained_about(
    client: Client, language: str, tones: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/services/", {"charge": "10658001"}).content.decode()
    assert f"/services/{tones}/" in page
    assert "<b>" not in page
    assert f"/services/{tones}/" not in client.get("/services/?charge=nonsense").content.decode()
    page = client.get(f"/services/{tones}/").content.decode()
    assert f"/complain/?service={tones}" in page
    begun = client.get("/complain/", {"service": tones}).content.decode()
    assert ("星声彩铃" if language == "zh-hans" else "Star tones &lt;b&gt;") in begun
    assert client.get("/services/none/").status_code == 404


def test_a_service_shows_its_chain_probes_and_faults(tones: str) -> None:
    manager = signed_in(colleague("li.na", "manager"), "en")
    assert tones in manager.get("/desk/services/").content.decode()
    assert manager.get("/desk/services/?origin=none").status_code == 404
    page = manager.get(f"/desk/services/{tones}/").content.decode()
    for text in ("6 of 6 probe results failed", "not over", "Xingsheng", "timeout"):
        assert text in page, text
    handler = signed_in(colleague("wang.wu", "handler"), "en")
    assert handler.get(f"/desk/services/{tones}/").status_code == 403


def test_results_of_probes_are_counters_of_quality(tones: str) -> None:
    now = timezone.now()
    frame = probe_counters(start=now - timedelta(days=1), end=now)
    failed = frame.filter(kpi="probe_failed_share")
    assert failed["value"].sum() == 6
    assert set(frame["cell"]) == {"d/home"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_partners_page_leads_through_hearing_decision_and_letter(
    tones: str, language: str
) -> None:
    now = timezone.now()
    score = ComponentScore("unconfirmed", 60, 200.0, 0.3, 0.2, 0.4, 0.02, True)
    PartnerScore.objects.create(
        partner="xs", month=now.date(), components=[asdict(score)], worse=1, rank=2, made_at=now
    )
    sign_contract("xs", roles=("provider",), valid_from=now - timedelta(days=30))
    reasons = [{"component": "unconfirmed", "zh": "未经确认", "en": "unconfirmed orders"}]
    ref = propose("xs", step="stop_orders", reasons=reasons, by=system("vetting"), now=now)
    manager = signed_in(colleague("li.na", "manager"), language)
    assert "/desk/services/partners/xs/" in manager.get("/desk/services/partners/").content.decode()
    page = manager.get("/desk/services/partners/xs/").content.decode()
    assert ("未经确认" if language == "zh-hans" else "unconfirmed orders") in page
    proposed = "拟采取：暂停新增订购" if language == "zh-hans" else "Proposed: stop of new orders"
    assert proposed in page
    listed = manager.get("/desk/services/partners/").content.decode()
    assert proposed in listed
    assert ("待li.na" if language == "zh-hans" else "to be decided by li.na") in listed
    assert ("受理" if language == "zh-hans" else "accepted") in listed
    manager.post(f"/desk/services/proceedings/{ref}/state/", {"text": "A fault <b>"})
    empty = manager.post(f"/desk/services/proceedings/{ref}/decide/", {}, follow=True)
    assert ("未记录" if language == "zh-hans" else "Nothing was recorded") in empty.content.decode()
    manager.post(f"/desk/services/proceedings/{ref}/decide/", {"yes": "1", "reason": "Figures"})
    assert PartnerProceeding.objects.get().state == "in_force"
    page = manager.get("/desk/services/partners/xs/").content.decode()
    assert "A fault &lt;b&gt;" in page
    assert proposed not in page
    letter = manager.get("/desk/services/partners/xs/letter.pdf")
    assert letter["Content-Type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF")
    assert manager.get("/desk/services/partners/none/").status_code == 404


def test_a_sample_is_submitted_for_a_service_by_name(tones: str) -> None:
    client = signed_in(colleague("zhao.m", "manager"))
    assert "Star tones &lt;b&gt;" in client.get("/desk/contents/new/?service=8001").content.decode()
    assert client.post("/desk/contents/new/", {}).status_code == 400
    wrong = {"service": "8002", "source": "order_page", "text": "会员每月18元"}
    assert client.post("/desk/contents/new/", wrong).status_code == 400
    right = {"service": "8001", "source": "order_page", "text": "会员每月18元，随时可以关闭。"}
    assert client.post("/desk/contents/new/", right).status_code == 302


def test_a_notice_address_belongs_to_a_known_partner(tones: str) -> None:
    client = signed_in(colleague("zhao.m", "manager"))
    form = {"which": "notice_address", "partner": "nobody", "address": "a@partner.example"}
    assert client.post("/desk/contents/lists/", form).status_code == 400
    assert client.post("/desk/contents/lists/", {**form, "partner": "xs"}).status_code == 302


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_higher_share_of_few_services_is_called_not_proven(language: str) -> None:
    register_partners([PartnerView("xs", "provider", "星声文化", "Xingsheng")])
    night = ComponentScore("night", 10, 17.0, 10 / 17, 0.2, 0.9, 0.167, False)
    complaints = ComponentScore("complaints", 4, 31.0, 129_032.0, 20_000.0, 400_000.0, 50.0, False)
    PartnerScore.objects.create(
        partner="xs",
        month=timezone.now().date(),
        components=[asdict(night), asdict(complaints)],
        worse=0,
        rank=1,
        made_at=timezone.now(),
    )
    manager = signed_in(colleague("li.na", "manager"), language)
    listed = manager.get("/desk/services/partners/").content.decode()
    assert ("可能出于偶然" if language == "zh-hans" else "none proven; 2 figures") in listed
    page = manager.get("/desk/services/partners/xs/").content.decode()
    assert "129" not in page, "31 users have no rate"
    exact = count_interval(4)
    assert f"{exact.low:.1f}–{exact.high:.1f}" in page, "the interval that every page shows"
    assert ("不计算投诉率" if language == "zh-hans" else "too few for a rate") in page
