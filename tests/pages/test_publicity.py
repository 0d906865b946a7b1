"""Pages of publicity: write, see what is found while typing, waive, approve, compare."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from amends.access.actors import Actor
from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.actions.register_offers import register_offers
from amends.publicity.actions.see_copy import see_copy
from amends.publicity.models import FoundFault, PublishedCopy
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(request: pytest.FixtureRequest) -> Client:
    register_offers(
        [KeyFacts("p59", "畅享59", price=59, data_gb=30, sold_alone=True)],
        actor=Actor("user", "usr-m", ("manager",)),
        now=timezone.now(),
    )
    return signed_in(colleague("li.na", "manager"), request.getfixturevalue("language"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_copy_from_draft_to_live(language: str, manager: Client) -> None:
    typed = manager.post(
        "/desk/publicity/check/", {"offer": "p59", "channel": "web", "text": "畅享59每月49元"}
    )
    assert (
        "<mark>每月49元</mark>" in typed.content.decode()
        or "<mark>49元</mark>" in typed.content.decode()
    )
    wrong = {"offer": "p59", "channel": "web", "text": "畅享59每月49元 <script>alert(1)</script>"}
    page = manager.post("/desk/publicity/new/", wrong, follow=True)
    assert "<script>alert" not in page.content.decode()
    row = PublishedCopy.objects.get()
    refused = manager.post(f"/desk/publicity/{row.ref}/approve/")
    assert refused.status_code == 403
    finding = FoundFault.objects.get()
    manager.post(f"/desk/publicity/finding/{finding.pk}/", {"right": "yes"})
    waiver = {
        "code": "PRICE_MISMATCH",
        "reason": "Agreed in writing",
        "owner": "Lin",
        "until": "2099-01-01",
    }
    manager.post(f"/desk/publicity/{row.ref}/waive/", waiver)
    assert manager.post(f"/desk/publicity/{row.ref}/approve/").status_code == 302
    for path in ("", "new/", "matrix/", f"{row.ref}/"):
        assert manager.get(f"/desk/publicity/{path}").status_code == 200
    assert "49" in manager.get("/desk/publicity/matrix/").content.decode()
    assert manager.get("/desk/publicity/no-such/").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("en", "Last seen"), ("zh-hans", "最近看到")])
def test_a_copy_seen_elsewhere_says_when(language: str, words: str, manager: Client) -> None:
    writer = Actor("user", "usr-m", ("manager",))
    ref, _new = see_copy(
        "畅享59每月59元", offer="p59", channel="web", place="/", actor=writer, now=timezone.now()
    )
    assert words in manager.get(f"/desk/publicity/{ref}/").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_offers_versions_agreements_and_the_public_tariffs(language: str, manager: Client) -> None:
    stranger = Client()
    for path in ("", "tariffs.csv", "broadband-labels.csv", "p59/summary.pdf"):
        assert stranger.get(f"/tariffs/{path}").status_code == 200, path
    assert "59" in stranger.get("/tariffs/").content.decode()
    assert stranger.get("/tariffs/p59/label/").status_code == 404
    register_offers(
        [KeyFacts("p59", "畅享59", price=69, data_gb=30, plan_id="M0001234567ABCDEFGHIJ00001")],
        actor=Actor("user", "usr-m", ("manager",)),
        now=timezone.now(),
    )
    assert "Broadband Facts" in stranger.get("/tariffs/p59/label/").content.decode()
    page = manager.get("/desk/publicity/offers/p59/?a=1&b=2").content.decode()
    assert "<td" in page
    assert ">69<" in page
    assert manager.get("/desk/publicity/offers/").status_code == 200
    clause = {"partner": "Example School", "text": "甲方不得允许其他运营商进入校园。乙方独家经营。"}
    entered = manager.post("/desk/publicity/agreements/new/", clause, follow=True)
    assert "EXCLUSIVE" in entered.content.decode() or FoundFault.objects.filter(code="EXCLUSIVE")
    assert "Example School" in manager.get("/desk/publicity/agreements/").content.decode()
