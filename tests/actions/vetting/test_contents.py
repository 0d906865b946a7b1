"""Samples of contents: found, notified, taken down in time or overdue, sanctioned, appealed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from tests.second_person import approve_waiting
from tests.shell import amends

from amends.causes.vetting.actions import contents
from amends.causes.vetting.actions.contents import UnableToActOnContent, UnableToSubmitContent
from amends.causes.vetting.actions.register_services import ServiceEntry, register_service
from amends.causes.vetting.demonstration import sample_order_pages
from amends.causes.vetting.models import ContentFinding, ContentSample
from amends.causes.vetting.queries.contents import findings, overdue_take_downs, proposed_sanction
from amends.causes.vetting.rules.contents import shipped_model
from amends.channels.models import OutboxMessage
from amends.people.access.models import User
from amends.people.partners.actions.register import register_partners
from amends.people.partners.models import Sanction
from amends.people.partners.queries import PartnerView
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("partner_manager",))
COLLEAGUE = Actor("user", "usr-colleague", ("manager",))
HANDLER = Actor("user", "usr-handler", ("handler",))
HIDDEN = "点击继续即视为同意开通会员，每月自动扣费，费用从话费中扣除，资费以账单为准"
CLEAN = "会员每月18元，续费前短信提醒，可随时在设置中关闭，需再次输入验证码确认后开通。"


@pytest.fixture(autouse=True)
def _service() -> None:
    register_partners([PartnerView("xs", "provider", "星声文化", "Xingsheng")])
    register_service(
        ServiceEntry("8001", "third_party", "星声彩铃", "Tones", provider="xs"), now=NOW
    )
    contents.set_partner_notice_address("xs", "notice@partner.example", actor=MANAGER, now=NOW)


def submitted(text: str = HIDDEN, **more: object) -> ContentSample:
    """A sample of the service."""
    given = {"source": "order_page", "actor": MANAGER, "now": NOW, **more}
    return contents.submit_sample("8001", text, **given)


def test_what_is_harmful_becomes_a_finding_with_a_deadline_and_a_notice() -> None:
    sample = submitted()
    finding = sample.finding
    assert finding.label == "hidden_charge"
    assert finding.due_at == NOW + timedelta(hours=24)
    assert finding.notified_at == NOW
    assert OutboxMessage.objects.get().channel == "mail"
    assert HIDDEN.encode() not in bytes(sample.text)
    assert contents.sample_text(sample) == HIDDEN
    assert sample.passages


def test_what_is_clean_is_stored_without_a_finding_and_forgotten() -> None:
    sample = submitted(CLEAN)
    assert not ContentFinding.objects.exists()
    assert contents.forget_contents(now=NOW + timedelta(days=29)) == 0
    assert contents.forget_contents(now=NOW + timedelta(days=31)) == 1
    sample.refresh_from_db()
    assert contents.sample_text(sample) == ""


def test_a_picture_of_the_list_is_a_finding_whatever_the_text() -> None:
    sha256 = hashlib.sha256(b"image").hexdigest()
    contents.list_image(sha256, label="adult", actor=MANAGER, now=NOW)
    assert submitted(CLEAN, images=[sha256.upper()]).finding.label == "adult"


def test_overdue_is_counted_until_it_is_taken_down() -> None:
    finding = submitted().finding
    late = finding.due_at + timedelta(hours=1)
    assert overdue_take_downs("xs", now=finding.due_at - timedelta(hours=1)) == 0
    assert overdue_take_downs("xs", now=late) == 1
    contents.confirm_taken_down(finding.ref, reason="页面已改", actor=MANAGER, now=late)
    assert overdue_take_downs("xs", now=late) == 0
    counted = findings("xs", start=NOW, end=late)
    assert (counted.found, counted.late, counted.overdue) == (1, 1, 0)
    assert counted.by_label == {"hidden_charge": 1}


def test_the_ladder_is_proposed_and_a_person_imposes() -> None:
    rows = [submitted(f"{HIDDEN}{number}").finding for number in range(3)]
    assert proposed_sanction("xs", now=NOW) == "suspension"
    assert not Sanction.objects.exists()
    contents.impose_for(
        rows[0].ref, kind="warning", reason="第一次发现隐蔽收费", actor=MANAGER, now=NOW
    )
    assert not Sanction.objects.exists(), "one person alone"
    approve_waiting("content_finding", now=NOW)
    assert Sanction.objects.get().kind == "warning"
    with pytest.raises(UnableToActOnContent):
        contents.impose_for(rows[0].ref, kind="fine", reason="再次", actor=MANAGER, now=NOW)


def test_an_appeal_granted_by_a_colleague_withdraws_finding_and_sanction() -> None:
    finding = submitted().finding
    contents.impose_for(finding.ref, kind="fine", reason="页面隐蔽收费", actor=MANAGER, now=NOW)
    assert not Sanction.objects.exists(), "one person alone"
    approve_waiting("content_finding", now=NOW)
    contents.record_appeal(finding.ref, text="价格在页首", actor=MANAGER, now=NOW)
    contents.answer_content_appeal(
        finding.ref, granted=True, text="价格已明示", actor=COLLEAGUE, now=NOW
    )
    finding.refresh_from_db()
    assert (finding.state, finding.sanction, finding.is_open) == ("dismissed", "", False)
    assert Sanction.objects.get().lifted_at == NOW
    assert findings("xs", start=NOW, end=NOW + timedelta(days=1)).found == 0
    assert OutboxMessage.objects.count() == 2


def test_who_closed_a_finding_does_not_answer_the_appeal() -> None:
    finding = submitted().finding
    contents.confirm_taken_down(finding.ref, reason="已下架", actor=MANAGER, now=NOW)
    contents.record_appeal(finding.ref, text="判定有误", actor=MANAGER, now=NOW)
    with pytest.raises(UnableToActOnContent):
        contents.answer_content_appeal(
            finding.ref, granted=False, text="维持", actor=MANAGER, now=NOW
        )


@pytest.mark.parametrize("text", ["", "  ", "x" * 1_000_001])
def test_an_empty_or_endless_sample_is_refused(text: str) -> None:
    with pytest.raises(UnableToSubmitContent):
        submitted(text)
    assert not ContentSample.objects.exists()


def test_other_roles_and_other_brands_are_refused() -> None:
    with pytest.raises(UnableToActOnContent):
        submitted(actor=HANDLER)
    register_service(ServiceEntry("9", "own", "别家", "Other", brand="other"), now=NOW)
    with pytest.raises(UnableToSubmitContent):
        contents.submit_sample("9", HIDDEN, source="page", actor=MANAGER, now=NOW, brand="mine")


def test_the_second_reading_adds_a_finding_after_the_answer() -> None:
    sample = submitted(CLEAN)
    head = shipped_model().head[:-1]
    toward = head[:, 1] - head[:, 0]
    vector = (toward / np.linalg.norm(toward) * 40).astype(np.float32)
    read = contents.read_again(vectors=lambda texts: np.array([vector] * len(texts)), now=NOW)
    sample.refresh_from_db()
    assert read == 1
    assert sample.second_read
    assert sample.finding.label == "gambling"


def test_the_demonstration_has_an_overdue_page_and_one_taken_down() -> None:
    sample_order_pages(actor=MANAGER, now=NOW)
    assert sorted(one.state for one in ContentFinding.objects.all()) == ["open", "taken_down"]
    assert overdue_take_downs("xs", now=NOW) == 1


def test_pages_show_the_finding_with_its_reasons(desk_client: Client) -> None:
    finding = submitted().finding
    page = desk_client.get("/desk/contents/").content.decode()
    assert f"/desk/contents/{finding.ref}/" in page
    detail = desk_client.get(f"/desk/contents/{finding.ref}/").content.decode()
    assert "<mark>" in detail
    answer = desk_client.post(f"/desk/contents/{finding.ref}/taken-down/", {"reason": "已下架"})
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert finding.state == "taken_down"


@pytest.fixture
def desk_client(client: Client) -> Client:
    """A signed-in partner manager."""
    user = User.objects.create(username="mei", roles=["partner_manager"])
    client.force_login(user)
    return client


def test_rows_without_text_are_counted(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,text\n1,\n2,  \n3,天气很好\n", encoding="utf-8")
    done = amends("vetting", "content", str(source), "--text", "text", "--out", str(out), "--json")
    assert (done.document["judged"], done.document["empty"]) == (3, 2)
