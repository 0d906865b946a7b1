"""A complaint of nobody we know gets its subscriber from a handler, and opens by the subscriber."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.identify import UnableToIdentify, answer_identity
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.name_subscriber import UnableToNameSubscriber, name_subscriber
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.record_identity_document import take_document
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint, Event
from amends.channels.models import OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.vault.sealing import open_sealed

pytestmark = pytest.mark.postgres_too

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(hours=1)
OTHER = "13900007777"


@pytest.fixture
def unknown(world: World) -> Complaint:
    said = Submission(
        channel="web",
        key="k-1",
        text="每月扣我10块钱彩铃费，我从来没有订过。",
        received_at=NOW,
        email="somebody@example.org",
        language="zh-hans",
    )
    ref = receive(said, now=NOW).complaint
    process(now=NOW)
    complaint = Complaint.objects.get(id=ref)
    assert (complaint.subscriber, complaint.case) == ("", "")
    return complaint


def _code(complaint: Complaint) -> str:
    """The digits of the newest message with a code, as its reader sees them."""
    sent = OutboxMessage.objects.filter(reference=complaint.id, key__startswith="challenge:")
    newest = sent.latest("posted_at", "id")
    table = OutboxMessage._meta.db_table
    body = open_sealed(table, "body_sealed", newest.id, bytes(newest.body_sealed))
    found = re.search(r"\d{6}", body)
    assert found is not None
    return found.group()


def test_nothing_opens_before_the_subscriber_has_answered(unknown: Complaint, world: World) -> None:
    assert name_subscriber(unknown.id, number=f" {PHONE} ", actor=HANDLER, now=LATER)
    unknown.refresh_from_db()
    assert (unknown.subscriber, unknown.identity, unknown.case) == (world.person, "asked", "")
    process(now=LATER)
    unknown.refresh_from_db()
    assert (unknown.case, unknown.amount_minor) == ("", 0)

    answer_identity(unknown, _code(unknown), actor=HANDLER, now=LATER)
    process(now=LATER)
    unknown.refresh_from_db()
    assert unknown.case
    assert (unknown.verdict, unknown.amount_minor > 0) == ("upheld", True)
    named = Event.objects.get(complaint=unknown, verb="subscriber_named")
    assert (named.actor, named.reason, named.details) == ("usr-1", "", {})


def test_a_number_of_nobody_changes_nothing_and_is_noted(unknown: Complaint) -> None:
    for number in ("13811112222", "", "<script>alert(1)</script>", "x" * 5000):
        with pytest.raises(UnableToNameSubscriber):
            name_subscriber(unknown.id, number=number, actor=HANDLER, now=LATER)
    unknown.refresh_from_db()
    assert (unknown.subscriber, unknown.identity) == ("", "unverified")
    assert Event.objects.filter(complaint=unknown, verb="subscriber_not_found").count() == 4


def test_a_code_sent_to_somebody_named_before_verifies_nobody(unknown: Complaint) -> None:
    register(NewSubscriber(name="高远", phone=OTHER, province="11", language="zh-hans"), now=NOW)
    name_subscriber(unknown.id, number=OTHER, actor=HANDLER, now=LATER)
    first = _code(unknown)
    minute = timedelta(minutes=1)
    name_subscriber(unknown.id, number=PHONE, actor=HANDLER, now=LATER + minute)
    unknown.refresh_from_db()
    assert first != _code(unknown), "two codes of six digits are alike once in a million"
    with pytest.raises(UnableToIdentify):
        answer_identity(unknown, first, actor=HANDLER, now=LATER + minute)
    unknown.refresh_from_db()
    assert unknown.identity == "asked"


def test_who_has_shown_who_they_are_is_not_replaced(unknown: Complaint) -> None:
    name_subscriber(unknown.id, number=PHONE, actor=HANDLER, now=LATER)
    answer_identity(unknown, _code(unknown), actor=HANDLER, now=LATER)
    unknown.refresh_from_db()
    with pytest.raises(UnableToNameSubscriber):
        name_subscriber(unknown.id, number=OTHER, actor=HANDLER, now=LATER)


def test_a_handler_of_a_brand_names_nobody_of_another(unknown: Complaint) -> None:
    pear = NewSubscriber(name="高远", phone=OTHER, province="11", brand="pear", language="zh-hans")
    register(pear, now=NOW)
    plum = Actor("user", "usr-2", ("handler",), brand="plum")
    with pytest.raises(UnableToNameSubscriber) as refused:
        name_subscriber(unknown.id, number=OTHER, actor=plum, now=LATER)
    assert refused.value.what == "We know no subscriber by this number."


def test_the_clocks_follow_the_province(unknown: Complaint) -> None:
    henan = NewSubscriber(name="高远", phone=OTHER, province="41", language="zh-hans")
    register(henan, now=NOW)
    before = unknown.next_due_at
    name_subscriber(unknown.id, number=OTHER, actor=HANDLER, now=LATER)
    unknown.refresh_from_db()
    assert before is not None
    assert unknown.next_due_at is not None
    assert unknown.next_due_at < before
    (holds,) = unknown.clocks.filter(step="resolve", binding=True)
    assert holds.rule.startswith("deadlines-cn-41@")


def test_a_document_at_the_counter_opens_the_records_and_tells_the_subscriber(
    unknown: Complaint,
) -> None:
    with pytest.raises(UnableToIdentify):
        take_document(unknown.id, compared=True, actor=HANDLER, now=LATER)
    name_subscriber(unknown.id, number=PHONE, actor=HANDLER, now=LATER)
    code = _code(unknown)
    with pytest.raises(UnableToIdentify):
        take_document(unknown.id, compared=False, actor=HANDLER, now=LATER)
    assert take_document(unknown.id, compared=True, actor=HANDLER, now=LATER)

    unknown.refresh_from_db()
    assert (unknown.identity, unknown.identity_by) == ("verified", "counter_document")
    shown = Event.objects.get(complaint=unknown, verb="identity_verified")
    assert (shown.actor, shown.reason) == ("usr-1", "counter_document")
    notice = OutboxMessage.objects.get(key__startswith=f"document:{unknown.id}:")
    table = OutboxMessage._meta.db_table
    recipient = open_sealed(table, "recipient_sealed", notice.id, bytes(notice.recipient_sealed))
    assert recipient.endswith(PHONE)
    with pytest.raises(UnableToIdentify):
        answer_identity(unknown, code, actor=HANDLER, now=LATER)
    process(now=LATER)
    unknown.refresh_from_db()
    assert unknown.case
    with pytest.raises(UnableToIdentify):
        take_document(unknown.id, compared=True, actor=HANDLER, now=LATER)
