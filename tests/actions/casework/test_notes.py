"""Internal notes: masked, for colleagues alone, and whoever is mentioned can read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings
from tests.actions.casework.conftest import Staff, actor
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import colleague

from amends.cases.complaints.actions.forget import forget
from amends.cases.complaints.actions.respond import withdraw
from amends.cases.complaints.models import Complaint
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.people.access.models import User
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.add_note import UnableToAddNote, add_note
from amends.work.casework.actions.drafts import save_draft
from amends.work.casework.actions.notify import case_opened, mark_seen
from amends.work.casework.models import CaseNotification, ComposerDraft, InternalNote, Team
from amends.work.casework.queries.work import notifications, unseen_count
from amends.work.casework.refusals import UnableToFindCase
from amends.work.casework.texts.timeline import timeline


def note(complaint: Complaint, by: Actor, text: str) -> InternalNote:
    return add_note("complaint", complaint.id, text=text, actor=by, now=NOW)


def test_a_note_is_masked_and_stands_in_the_timeline(staff: Staff, complaint: Complaint) -> None:
    note(complaint, staff.li, "回电13812348000，三点后打")
    (entry,) = timeline("complaint", complaint.id)
    assert entry.words == "回电138****8000，三点后打"
    assert (entry.type, entry.actor) == ("note", staff.li.ref)


def test_a_mention_is_in_the_list_of_the_colleague_once(staff: Staff, complaint: Complaint) -> None:
    note(complaint, staff.li, "@wang.wei 请看一下。")
    note(complaint, staff.li, "@wang.wei 还有这个")
    assert unseen_count(staff.wang.ref) == 1
    (entry,) = notifications(staff.wang)
    assert (entry.what, entry.times, entry.case.key) == ("mention", 2, complaint.id)
    assert notifications(staff.li) == []
    case_opened(staff.wang.ref, "complaint", complaint.id, now=NOW)
    assert unseen_count(staff.wang.ref) == 0
    note(complaint, staff.li, "@wang.wei 第三次")
    assert mark_seen(staff.wang.ref, now=NOW) == 1


def test_who_may_not_see_the_complaint_cannot_be_mentioned(
    staff: Staff, complaint: Complaint
) -> None:
    with pytest.raises(UnableToAddNote, match=r"@zhao\.min"):
        note(complaint, staff.li, "@zhao.min 这是你们的活动吗？")
    assert not InternalNote.objects.exists()
    assert not CaseNotification.objects.exists()


def test_a_person_of_another_brand_cannot_be_mentioned(staff: Staff, complaint: Complaint) -> None:
    colleague("sun.bo", "handler", brand="other")
    with pytest.raises(UnableToAddNote):
        note(complaint, staff.li, "@sun.bo 看看")


@pytest.mark.parametrize("name", ["nobody", "li_na2"])
def test_an_unknown_name_is_refused_with_the_name(
    staff: Staff, complaint: Complaint, name: str
) -> None:
    with pytest.raises(UnableToAddNote, match=f"@{name}"):
        note(complaint, staff.li, f"请 @{name} 看")


def test_somebody_who_left_cannot_be_mentioned(staff: Staff, complaint: Complaint) -> None:
    User.objects.filter(ref=staff.wang.ref).update(is_active=False)
    with pytest.raises(UnableToAddNote, match="wang"):
        note(complaint, staff.li, "@wang.wei ")


def test_a_team_is_mentioned_by_its_short_name(staff: Staff, complaint: Complaint) -> None:
    team = Team.objects.create(slug="billing", title="资费组")
    for person in (staff.wang, staff.officer, staff.li):
        team.members.create(person=person.ref)
    note(complaint, staff.li, "@billing 谁熟悉这个套餐？")
    assert unseen_count(staff.wang.ref) == 1
    assert unseen_count(staff.officer.ref) == 0, "who may not see it is not notified"


def test_a_mailbox_is_no_mention(staff: Staff, complaint: Complaint) -> None:
    assert note(complaint, staff.li, "写信给 lin@shop.example").mentions == []


def test_who_may_not_see_a_complaint_writes_no_note(staff: Staff, complaint: Complaint) -> None:
    with pytest.raises(UnableToFindCase):
        note(complaint, staff.officer, "我觉得没问题")
    stranger = actor(colleague("sun.bo", "handler", brand="other"))
    with pytest.raises(UnableToFindCase):
        note(complaint, stranger, "我觉得没问题")


def test_colleagues_get_a_mail_only_where_the_operator_wants_it(
    staff: Staff, complaint: Complaint
) -> None:
    User.objects.filter(ref=staff.wang.ref).update(email="wang@operator.example", language="en")
    before = OutboxMessage.objects.count()
    note(complaint, staff.li, "@wang.wei 请看")
    assert OutboxMessage.objects.count() == before
    mark_seen(staff.wang.ref, now=NOW)
    with override_settings(NOTIFY_STAFF_BY_MAIL=True):
        note(complaint, staff.li, "@wang.wei 客户姓林，机密")
    mail = OutboxMessage.objects.order_by("-id")[0]
    body = opened_column(mail, "body_sealed")
    assert complaint.code_public in body
    assert "机密" not in body
    assert f"/desk/c/{complaint.id}/" in body


def test_words_of_colleagues_go_with_the_complaint(staff: Staff, complaint: Complaint) -> None:
    note(complaint, staff.li, "客户很生气")
    save_draft("complaint", complaint.id, "reply", text="您好", version=0, actor=staff.li, now=NOW)
    withdraw(complaint.id, actor=staff.li, now=NOW + timedelta(hours=1), tell=False)
    forget([complaint.id], actor=staff.li, now=NOW + timedelta(hours=2))
    assert InternalNote.objects.get().text == ""
    assert not ComposerDraft.objects.exists()
