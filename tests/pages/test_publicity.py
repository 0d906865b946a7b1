"""Pages of publicity: write, see what is found while typing, waive, approve, compare."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.actions.see_copy import see_copy
from amends.causes.publicity.models import AcceptedPhrase, FoundFault, PublishedCopy
from amends.platform.kit.actors import Actor
from amends.record.facts.offers.key_facts import KeyFacts
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
    writer = signed_in(colleague("zhao", "manager"), language)
    page = writer.post("/desk/publicity/new/", wrong, follow=True)
    assert "<script>alert" not in page.content.decode()
    row = PublishedCopy.objects.get()
    refused = manager.post(f"/desk/publicity/{row.ref}/approve/", {"version": "1"})
    assert refused.status_code == 403
    finding = FoundFault.objects.get()
    page = f"/desk/publicity/{row.ref}/"
    manager.post(f"{page}findings/{finding.pk}/judge/", {"right": "yes"})
    owner = colleague("lin", "senior_handler")
    waiver = {"reason": "Agreed in writing", "owner": owner.ref, "until": "2099-01-01"}
    refused = manager.post(f"{page}findings/{finding.pk}/waive/", waiver)
    assert refused.status_code == 400
    assert 'role="alert"' in refused.content.decode()
    # A writer may request a waiver, is offered the form, and reads why it was refused.
    senior = signed_in(colleague("wu", "senior_handler"), language)
    offered = senior.get(page).content.decode()
    assert f"{page}findings/{finding.pk}/waive/" in offered
    assert f"{page}findings/{finding.pk}/judge/" not in offered
    refused = senior.post(f"{page}findings/{finding.pk}/waive/", waiver)
    assert refused.status_code == 400
    assert 'role="alert"' in refused.content.decode()
    waiver["until"] = f"{timezone.localdate() + timedelta(days=30)}"
    assert manager.post(f"{page}findings/{finding.pk}/waive/", waiver).status_code == 302
    preview = manager.get(f"{page}approve/")
    assert "49元" in preview.content.decode()
    assert PublishedCopy.objects.get().state == "draft", "a preview changes nothing"
    assert manager.post(f"{page}approve/").status_code == 400, "nothing goes live unseen"
    assert manager.post(f"{page}approve/", {"version": "1"}).status_code == 302
    assert PublishedCopy.objects.get().state == "live"
    for path in ("", "new/", "matrix/", "phrases/", f"{row.ref}/"):
        assert manager.get(f"/desk/publicity/{path}").status_code == 200
    assert "49" in manager.get("/desk/publicity/matrix/").content.decode()
    assert manager.get("/desk/publicity/no-such/").status_code == 404
    assert manager.post(f"{page}withdraw/").status_code == 302
    assert PublishedCopy.objects.get().state == "withdrawn"
    again = manager.post(f"{page}withdraw/", headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert again.content.decode().strip().startswith("<form")
    assert 'role="alert"' in again.content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "second person"), ("zh-hans", "第二个人审批")]
)
def test_the_author_requests_the_approval_of_a_colleague(
    language: str, words: str, manager: Client
) -> None:
    text = {"offer": "p59", "channel": "web", "text": "畅享59每月59元，含30GB流量。"}
    manager.post("/desk/publicity/new/", text)
    row = PublishedCopy.objects.get()
    second = colleague("wang", "manager")
    address = f"/desk/publicity/{row.ref}/approve/"
    assert words in manager.get(address).content.decode()
    requested = manager.post(address, {"version": "1"}, follow=True).content.decode()
    assert "wang" in requested
    assert PublishedCopy.objects.get().state == "draft"
    assert manager.post(address, {"version": "1"}).status_code == 403
    other = signed_in(second, language)
    assert other.post(address, {"version": "1"}).status_code == 302
    assert PublishedCopy.objects.get().state == "live"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_draft_is_edited_and_shows_what_changed(language: str, manager: Client) -> None:
    text = {"offer": "p59", "channel": "web", "text": "畅享59每月49元"}
    manager.post("/desk/publicity/new/", text)
    row = PublishedCopy.objects.get()
    edit = f"/desk/publicity/{row.ref}/edit/"
    assert "畅享59每月49元" in manager.get(edit).content.decode()
    changed = text | {"text": "畅享59每月59元", "version": "1", "place": "/p59"}
    page = manager.post(edit, changed, follow=True).content.decode()
    assert "<del>49</del><ins>59</ins>" in page
    assert "<ins>/p59</ins>" in page
    late = manager.post(edit, changed | {"text": "畅享59每月69元"})
    assert late.status_code == 400
    assert "畅享59每月69元" in late.content.decode(), "what was typed is not lost"
    assert PublishedCopy.objects.get().text == "畅享59每月59元"


@pytest.mark.parametrize(
    ("language", "title", "instead"),
    [
        ("en", "Price differs from the record", "Write instead"),
        ("zh-hans", "价格与公示不一致", "改写为"),
    ],
)
def test_a_finding_says_what_differs_what_to_write_and_who_judged_it(
    language: str, title: str, instead: str, manager: Client
) -> None:
    writer = signed_in(colleague("lin", "senior_handler"), language)
    writer.post(
        "/desk/publicity/new/", {"offer": "p59", "channel": "web", "text": "畅享59每月49元"}
    )
    row, finding = PublishedCopy.objects.get(), FoundFault.objects.get()
    address = f"/desk/publicity/{row.ref}/findings/{finding.pk}/judge/"
    assert manager.post(address, {"right": "no"}).status_code == 400
    assert manager.post(address, {"right": "no", "reason": "旧客户仍是这个价"}).status_code == 302
    page = manager.get(f"/desk/publicity/{row.ref}/").content.decode()
    for words in (title, instead, "59元/月", "2012", "旧客户仍是这个价", "li.na"):
        assert words in page
    assert "PRICE_MISMATCH" not in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_phrase_is_proposed_by_one_and_accepted_by_another(
    language: str, manager: Client
) -> None:
    until = f"{timezone.localdate() + timedelta(days=30)}"
    form = {"phrase": "全网最低价", "reason": "监管机构监测报告", "until": until}
    address = "/desk/publicity/phrases/"
    late = manager.post(address, form | {"until": "2099-01-01"})
    assert late.status_code == 400
    assert manager.post(address, form).status_code == 302
    row = AcceptedPhrase.objects.get()
    assert manager.post(f"{address}{row.pk}/accept/").status_code == 403
    second = signed_in(colleague("wang", "manager"), language)
    assert "全网最低价" in second.get(address).content.decode()
    assert second.post(f"{address}{row.pk}/accept/").status_code == 302
    assert AcceptedPhrase.objects.get().accepted_at
    assert second.post(f"{address}{row.pk}/end/").status_code == 302
    assert AcceptedPhrase.objects.get().ended_at


@pytest.mark.parametrize(("language", "words"), [("en", "Last seen"), ("zh-hans", "最近看到")])
def test_a_copy_seen_elsewhere_says_when(language: str, words: str, manager: Client) -> None:
    writer = Actor("user", "usr-m", ("manager",))
    ref, _new = see_copy(
        "畅享59每月59元", offer="p59", channel="web", location="/", actor=writer, now=timezone.now()
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
