"""What a complaint is about: recognised at intake, shown as chips, changed by people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.merge import merge
from amends.cases.complaints.models import Complaint, Event, RecordedSubject
from amends.cases.complaints.queries.received import complaints_by_offer
from amends.cases.complaints.queries.status import newest_decisions
from amends.cases.complaints.queries.subjects import named_services
from amends.engines.classification.subjects import ComplaintSubject, PickedSubject, SubjectKind
from amends.network.quality.models import Campaign
from amends.people.access.actions.add_user import add_user
from amends.people.subscribers.models import Service
from amends.platform.kit.actors import Actor, system
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.queries import AreaView
from tests.actions.complaints.conftest import BORN, NOW, World
from tests.pages.conftest import Desk, colleague, complain, complaint_page, signed_in

RING_TEXT = "每月扣我10块钱的彩铃包，我从来没有订过，请退钱。"
SCHOOL_TEXT = "每月扣我10块钱的家校小纸条，我从来没有订过彩铃，请退钱。"


def offer(ref: str, zh: str, en: str, kind: str = "value_added") -> NewOffer:
    return NewOffer(ref, "1", kind, zh, en, 1000, "CNY", BORN)


@pytest.fixture
def catalogue(world: World) -> None:
    publish_offers(
        [
            offer("offer-plan", "畅聊套餐", "Easy Talk", "mobile_plan"),
            offer("offer-ring", "彩铃包", "Ring Pack"),
            offer("school-note", "家校小纸条", "School Notes"),
            offer("school-note-2", "家校小纸条", "School Notes"),
        ]
    )
    define_areas([AreaView("area-5002", "石渡区", "Shidu", "", "11", 100)])


def decided(text: str, key: str = "s1") -> Complaint:
    ref = complain(key, text)
    investigate_many([ref], actor=system("desk"), now=NOW)
    return Complaint.objects.get(id=ref)


def keys(ref: str) -> dict[str, str]:
    rows = RecordedSubject.objects.filter(complaint=ref)
    return {str(row): row.state for row in rows}


@pytest.mark.usefixtures("catalogue")
def test_services_and_areas_in_the_text_are_recognised_at_intake(world: World) -> None:
    ref = complain("a", "石渡区，每月扣我10块钱的“彩铃 包”，我没有订过")
    assert keys(ref) == {"service:offer-ring": "recognised", "area:area-5002": "recognised"}


def test_the_code_of_a_speed_test_is_recognised_and_confirmed_by_picking(desk: Desk) -> None:
    series = Campaign.objects.create(code="7K2M-9QXA-C4TD", started_at=NOW)
    ref = complain("a", f"网速太慢，测速编号{series.code}请处理，另一个是0000-0000-0000")
    key = f"test:{series.code}"
    assert keys(ref) == {key: "recognised"}
    page = complaint_page(desk.client, ref)
    assert f"Speed test {series.code}" in page
    assert f'href="/speed/results/{series.code}/"' in page
    led = desk.client.get(f"/speed/results/{series.code}/")
    assert led.headers["Location"] == f"/speed/campaigns/{series.code}/"
    assert desk.client.get("/speed/results/0000-0000-0000/").status_code == 404
    desk.client.post(f"/desk/c/{ref}/subjects/", {"subjects": [key]})
    assert keys(ref) == {key: "confirmed"}


@pytest.mark.usefixtures("catalogue")
def test_of_offers_with_one_name_that_of_the_subscriber_counts(world: World) -> None:
    assert set(keys(complain("a", SCHOOL_TEXT))) == {
        "service:school-note",
        "service:school-note-2",
    }
    Service.objects.filter(ref=world.ringtone).update(offer="school-note-2")
    assert set(keys(complain("b", "家校小纸条是什么？为什么收费，我要退订！"))) >= {
        "service:school-note-2"
    }


@pytest.mark.usefixtures("catalogue")
def test_a_picked_subject_is_confirmed_and_a_known_service_gives_its_offer(world: World) -> None:
    test = PickedSubject(
        subject=ComplaintSubject(SubjectKind.TEST, "t-1"), name_zh="测速", name_en="Speed test"
    )
    ref = complain("a", "网速太慢了，请处理", subjects=(test,), service=world.plan)
    assert keys(ref) == {"test:t-1": "confirmed", "service:offer-plan": "confirmed"}


@pytest.mark.usefixtures("catalogue")
def test_a_refund_of_another_service_is_left_to_a_person_and_all_read_why(world: World) -> None:
    passed_over = decided(SCHOOL_TEXT)
    assert (passed_over.verdict, passed_over.may_act_alone) == ("upheld", False)
    handler = colleague("qiao.lin", "handler")
    html = complaint_page(signed_in(handler), passed_over.id)
    assert "The complaint names “School Notes”, but the refund is for “offer-ring”." in html
    letter = html.split('id="reply-body"')[1].split("</textarea>")[0]
    assert "您提到的“家校小纸条”不在本次退费范围内" in letter


@pytest.mark.usefixtures("catalogue")
def test_a_refund_of_the_named_service_is_decided_by_the_rule_alone(world: World) -> None:
    covered = decided(RING_TEXT)
    assert (covered.verdict, covered.may_act_alone) == ("upheld", True)
    html = complaint_page(signed_in(colleague("qiao.lin", "handler")), covered.id)
    assert "Ring Pack" in html
    assert "The complaint names" not in html


@pytest.mark.usefixtures("catalogue")
def test_a_removed_subject_decides_nothing_and_the_records_are_read_again(world: World) -> None:
    complaint = decided(SCHOOL_TEXT)
    handler = colleague("qiao.lin", "handler")
    client = signed_in(handler)
    before = newest_decisions([complaint.id])[complaint.id].id
    url = f"/desk/c/{complaint.id}/subjects/"
    client.post(url, {"subjects": [], "added": "service:offer-ring"})
    assert keys(complaint.id) == {
        "service:school-note": "removed",
        "service:school-note-2": "removed",
        "service:offer-ring": "confirmed",
    }
    complaint.refresh_from_db()
    assert complaint.may_act_alone
    assert newest_decisions([complaint.id])[complaint.id].id != before
    assert Event.objects.filter(complaint=complaint, verb="subjects_set").count() == 1
    client.post(url, {"subjects": ["service:offer-ring"]})
    assert Event.objects.filter(complaint=complaint, verb="subjects_set").count() == 1
    refused = client.post(url, {"added": "service:nonsense"})
    assert refused.status_code == 422
    page = complaint_page(client, complaint.id)
    assert "Ring Pack" in page


@pytest.mark.usefixtures("catalogue")
def test_subjects_are_changed_by_who_handles_the_complaint(world: World) -> None:
    complaint = decided(RING_TEXT)
    reader = signed_in(colleague("wei.an", "privacy_officer"))
    assert reader.post(f"/desk/c/{complaint.id}/subjects/", {}).status_code == 403
    assert keys(complaint.id) == {"service:offer-ring": "recognised"}


@pytest.mark.usefixtures("catalogue")
def test_a_merged_complaint_brings_its_subjects(world: World) -> None:
    first, second = (
        decided(RING_TEXT),
        decided("家校小纸条也扣了钱，另外一件事，我要投诉营业员态度差", "m"),
    )
    if first.id == second.id:
        pytest.skip("the second message joined the first complaint")
    user = add_user("an.li", password="S3cret-and-long!", roles=["handler"])
    actor = Actor("user", user.ref, roles=frozenset(["handler"]))
    merge(second.id, first.id, actor=actor, now=NOW + timedelta(minutes=1))
    offers = {named.offer for named in named_services([first.id])[first.id]}
    assert offers == {"offer-ring", "school-note", "school-note-2"}


@pytest.mark.usefixtures("catalogue")
def test_a_named_service_counts_for_the_service_and_its_hot_issues(world: World) -> None:
    """A complaint about one service once counted for that of the largest charge, or for none."""
    new = complain("n", "家校小纸条打不开，一直转圈，每月照样扣钱。")
    assert Complaint.objects.get(id=new).product == "school-note", "before it is investigated"
    complaint = decided(SCHOOL_TEXT, "o")
    assert complaint.product in ("school-note", "school-note-2")
    start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
    counts = complaints_by_offer(["school-note", "offer-ring"], start, end)
    assert counts == {"school-note": [NOW, NOW]}
    RecordedSubject.objects.filter(complaint=complaint).update(state="removed")
    Complaint.objects.filter(id=complaint.id).update(product="")
    assert complaints_by_offer(["school-note"], start, end) == {"school-note": [NOW]}


def test_the_page_asks_one_statement_for_its_subjects(desk: Desk) -> None:
    from django.db import connection

    url = f"/desk/c/{desk.complaint}/"
    desk.client.get(url)
    with CaptureQueriesContext(connection) as statements:
        desk.client.get(url)
    asked = [each for each in statements if "recordedsubject" in each["sql"]]
    assert len(asked) <= 1
    assert len(statements) <= 25
