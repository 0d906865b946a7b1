"""Merging keeps first receipt, every deadline, reporter, message and draft, and can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.actions.casework.conftest import Staff, staff
from tests.actions.complaints.conftest import NOW, PHONE, World
from tests.pages.conftest import complain

from amends.cases.complaints import queries
from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.merge import UnableToMerge, merge, preview_merge, unmerge
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.recount import by_rule, recount
from amends.cases.complaints.actions.respond import withdraw
from amends.cases.complaints.actions.write_to_customer import UnableToWrite, send_reply
from amends.cases.complaints.models import Clock, Complaint, Contact, Event
from amends.cases.complaints.queries.attachments import attachments_of
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.queries.inbox import InboxFilter, page
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person
from amends.work.casework.actions.drafts import save_draft
from amends.work.casework.actions.follow_up import set_follow_up
from amends.work.casework.actions.watch import watch
from amends.work.casework.queries.work import (
    drafts_of,
    notifications,
    owner,
    waiting_follow_up,
    watchers,
)
from amends.work.casework.texts.timeline import timeline

__all__ = ["staff"]

NETWORK = "家里宽带这几天晚上一直断线，网速很慢，请派人来修。"
BILL = "这个月账单多收了我58元漫游费，我根本没出过省。"
EARLIER = NOW - timedelta(days=2)


@pytest.fixture
def two(world: World) -> tuple[Complaint, Complaint]:
    """An earlier complaint and a later one of the same person, about different things."""
    earlier, later = complain("m1", NETWORK, received_at=EARLIER), complain("m2", BILL)
    assert earlier != later
    return Complaint.objects.get(id=earlier), Complaint.objects.get(id=later)


def merged(pair: tuple[Complaint, Complaint], by: Actor, minutes: int = 1) -> Complaint:
    """The earlier merged into the later."""
    loser, survivor = pair
    merge(loser.id, survivor.id, reason="同一件事", actor=by, now=NOW + timedelta(minutes=minutes))
    survivor.refresh_from_db()
    loser.refresh_from_db()
    return survivor


def running(ref: str) -> list[tuple[str, object]]:
    rows = Clock.objects.filter(complaint=ref, binding=True, met_at__isnull=True)
    return sorted(rows.values_list("step", "due_at"))


def test_every_deadline_stays_and_the_earliest_is_shown(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    before = sorted([*running(two[0].id), *running(two[1].id)])
    survivor = merged(two, staff.li)
    assert running(survivor.id) == before
    assert survivor.next_due_at == min(due for _step, due in before)
    assert survivor.first_received == EARLIER
    assert survivor.received_at == NOW, "it counts as received on its own day"
    assert (two[0].state, two[0].is_open, two[0].next_due_at) == ("merged", False, None)


def test_a_class_set_right_later_does_not_drop_a_deadline(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    survivor = merged(two, staff.li)
    before = running(survivor.id)
    recount(survivor, before=by_rule(survivor))
    assert running(survivor.id) == before


def test_messages_files_letters_notes_and_drafts_go_over(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    loser, survivor = two
    contact = Contact.objects.get(complaint=loser)
    attach(contact.id, [NewFile("a.txt", b"proof"), NewFile("b.txt", b"more")], now=NOW)
    add_note("complaint", loser.id, text="客户很急", actor=staff.wang, now=NOW)
    watch("complaint", loser.id, actor=staff.wang, now=NOW)
    day = date(2026, 11, 30)
    set_follow_up("complaint", loser.id, due_on=day, reason="催", actor=staff.li, now=NOW)
    for case, text in ((loser, "一"), (survivor, "二")):
        save_draft("complaint", case.id, "reply", text=text, version=0, actor=staff.li, now=NOW)
    assign_to_person("complaint", [loser.id], staff.wang.ref, actor=staff.li, now=NOW)

    preview = preview_merge(loser.id, survivor.id, actor=staff.li)
    assert (preview.messages, preview.files, preview.notes, preview.watchers) == (1, 2, 1, 1)
    assert preview.should_swap, "the earlier one would better go on"
    assert len(preview.reporters) == 2
    assert preview.deadlines[0].due_at == min(one.due_at for one in preview.deadlines)

    survivor = merged(two, staff.li)
    assert [file.name for file in attachments_of(survivor.id)] == ["a.txt", "b.txt"]
    assert survivor.contacts_count == Contact.objects.filter(complaint=survivor).count() == 2
    assert "客户很急" in [entry.words for entry in timeline("complaint", survivor.id)]
    assert list(watchers("complaint", survivor.id)) == [staff.wang.ref]
    waits = waiting_follow_up("complaint", survivor.id)
    assert waits
    assert waits.due_on == day
    assert drafts_of(staff.li.ref, "complaint", survivor.id)["reply"].text == "二\n\n一"
    assert owner("complaint", survivor.id).person == staff.wang.ref


def test_notifications_lead_to_the_complaint_that_goes_on(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    for case in two:
        add_note("complaint", case.id, text="@wang.wei 请看", actor=staff.li, now=NOW)
    merged(two, staff.li)
    mentions = [entry for entry in notifications(staff.wang) if entry.what == "mention"]
    assert [entry.case.key for entry in mentions if entry.case] == [two[1].id]


def test_mail_to_a_merged_complaint_reaches_the_survivor_through_a_chain(
    staff: Staff, two: tuple[Complaint, Complaint], world: World
) -> None:
    first, second = two
    third = Complaint.objects.get(id=complain("m3", "客服态度很差，电话里骂人。"))
    merge(first.id, second.id, actor=staff.li, now=NOW)
    merge(second.id, third.id, actor=staff.li, now=NOW)
    for number, how in enumerate(({"thread": first.code_public}, {"answers": first.id})):
        receipt = receive(
            Submission(
                channel="mail",
                key=f"late-{number}",
                text="还没有解决，请尽快。",
                received_at=NOW,
                phone=PHONE,
                **how,
            ),
            now=NOW,
        )
        assert receipt.complaint == third.id
    assert find(first.code_public).id == third.id
    assert queries.state_of(first.code_public).complaint == third.id


def test_late_mail_reopens_a_survivor_that_was_closed(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    survivor = merged(two, staff.li)
    withdraw(survivor.id, actor=staff.li, now=NOW + timedelta(hours=1), tell=False)
    receive(
        Submission(
            channel="mail",
            key="late",
            text="我没有说要撤回，宽带还是断线。",
            received_at=NOW + timedelta(hours=2),
            answers=two[0].id,
        ),
        now=NOW + timedelta(hours=2),
    )
    survivor.refresh_from_db()
    assert survivor.state in {"reopened", "investigating"}


def test_whoever_has_the_page_of_the_merged_one_open_sends_nothing(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    merged(two, staff.li)
    with pytest.raises(UnableToWrite):
        send_reply(two[0].id, subject="a", text="b", seen="1.0.0", actor=staff.wang, now=NOW)


def test_different_people_are_never_merged(staff: Staff, two: tuple[Complaint, Complaint]) -> None:
    other = receive(
        Submission(channel="web", key="o1", text=NETWORK, received_at=NOW, phone="13900009999"),
        now=NOW,
    ).complaint
    with pytest.raises(UnableToMerge, match=r"(?i)different people|不同"):
        merge(other, two[1].id, actor=staff.li, now=NOW)
    assert Complaint.objects.get(id=other).is_open


@pytest.mark.parametrize("what", ["closed", "into itself", "no permission", "twice"])
def test_what_is_not_merged(staff: Staff, two: tuple[Complaint, Complaint], what: str) -> None:
    loser, survivor = two
    by, into = staff.li, survivor.id
    if what == "closed":
        withdraw(survivor.id, actor=staff.li, now=NOW, tell=False)
    elif what == "into itself":
        into = loser.id
    elif what == "no permission":
        by = staff.officer
    else:
        merge(loser.id, survivor.id, actor=staff.li, now=NOW)
    with pytest.raises(UnableToMerge):
        merge(loser.id, into, actor=by, now=NOW)


def test_a_merge_is_undone_and_what_came_later_stays(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    loser, survivor = two
    before = running(loser.id), running(survivor.id)
    state = loser.state
    survivor = merged(two, staff.li)
    later = receive(
        Submission(
            channel="mail",
            key="late",
            text="补充：晚上八点最慢。",
            received_at=NOW,
            answers=loser.id,
        ),
        now=NOW,
    )
    unmerge(loser.id, actor=staff.li, now=NOW + timedelta(hours=1))
    loser.refresh_from_db()
    survivor.refresh_from_db()
    assert (running(loser.id), running(survivor.id)) == before
    assert (loser.state, loser.is_open, loser.merged_into_id) == (state, True, None)
    assert (survivor.first_received_at, survivor.contacts_count) == (None, 2)
    assert Contact.objects.get(id=later.contact).complaint_id == survivor.id
    assert find(loser.code_public).id == loser.id
    verbs = Event.objects.filter(complaint=survivor).values_list("verb", flat=True)
    assert {"merged_in", "unmerged_from"} <= set(verbs)
    with pytest.raises(UnableToMerge):
        unmerge(loser.id, actor=staff.li, now=NOW)


def test_a_chain_is_undone_from_its_end(staff: Staff, two: tuple[Complaint, Complaint]) -> None:
    third = complain("m3", "客服态度很差，电话里骂人。")
    merge(two[0].id, two[1].id, actor=staff.li, now=NOW)
    merge(two[1].id, third, actor=staff.li, now=NOW)
    with pytest.raises(UnableToMerge):
        unmerge(two[0].id, actor=staff.li, now=NOW)
    unmerge(two[1].id, actor=staff.li, now=NOW)
    unmerge(two[0].id, actor=staff.li, now=NOW)
    counts = Complaint.objects.order_by("received_at").values_list("contacts_count", flat=True)
    assert list(counts) == [1, 1, 1]
    assert running(two[0].id)


def test_a_merged_complaint_leaves_the_open_ones_and_stays_received(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    merged(two, staff.li)
    open_ones = page(InboxFilter(view="open"), now=NOW).rows
    assert [row["id"] for row in open_ones] == [two[1].id]
    assert page(InboxFilter(view="closed"), now=NOW).rows == []
    received = Complaint.objects.filter(kind="complaint", received_at__lte=NOW).count()
    assert received == 2


def test_two_hundred_contacts_go_over_at_once(
    staff: Staff, two: tuple[Complaint, Complaint]
) -> None:
    loser, survivor = two
    Contact.objects.bulk_create(
        Contact(
            complaint=loser,
            channel="app",
            key=f"many-{number}",
            received_at=NOW,
            text="催",
            joined_because="near",
        )
        for number in range(200)
    )
    survivor = merged(two, staff.li)
    assert survivor.contacts_count == 202
    unmerge(loser.id, actor=staff.li, now=NOW)
    assert Contact.objects.filter(complaint=loser).count() == 201
