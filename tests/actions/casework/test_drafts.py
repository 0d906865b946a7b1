"""Drafts: a session that ends while typing loses nothing, and no window overwrites another."""

from __future__ import annotations

import pytest
from tests.actions.casework.conftest import Staff
from tests.actions.complaints.conftest import NOW

from amends.cases.complaints.models import Complaint
from amends.work.casework.actions.drafts import (
    LONGEST,
    UnableToReplaceDraft,
    UnableToSaveDraft,
    save_draft,
)
from amends.work.casework.models import ComposerDraft
from amends.work.casework.queries.work import drafts_of, drafts_on


def save(complaint: Complaint, staff: Staff, mode: str, text: str, version: int) -> int:
    draft = save_draft(
        "complaint", complaint.id, mode, text=text, version=version, actor=staff.li, now=NOW
    )
    return draft.version if draft else 0


def test_each_mode_has_its_own_draft(staff: Staff, complaint: Complaint) -> None:
    save(complaint, staff, "reply", "您好", 0)
    save(complaint, staff, "note", "客户很生气", 0)
    mine = drafts_of(staff.li.ref, "complaint", complaint.id)
    assert {mode: draft.text for mode, draft in mine.items()} == {
        "reply": "您好",
        "note": "客户很生气",
    }
    assert drafts_of(staff.wang.ref, "complaint", complaint.id) == {}


def test_a_draft_rests_sealed(staff: Staff, complaint: Complaint) -> None:
    save(complaint, staff, "reply", "电话13812348000", 0)
    assert b"138" not in bytes(ComposerDraft.objects.get().text_sealed)


def test_two_windows_do_not_overwrite_each_other(staff: Staff, complaint: Complaint) -> None:
    version = save(complaint, staff, "reply", "第一", 0)
    save(complaint, staff, "reply", "第一，第二", version)
    with pytest.raises(UnableToReplaceDraft) as refusal:
        save(complaint, staff, "reply", "第一，不同", version)
    assert refusal.value.draft.text == "第一，第二"
    assert ComposerDraft.objects.get().text == "第一，第二"


def test_saving_the_same_words_twice_is_no_conflict(staff: Staff, complaint: Complaint) -> None:
    version = save(complaint, staff, "reply", "同样", 0)
    assert save(complaint, staff, "reply", "同样", 0) == version + 1


def test_an_emptied_draft_is_gone(staff: Staff, complaint: Complaint) -> None:
    version = save(complaint, staff, "reply", "您好", 0)
    assert save(complaint, staff, "reply", "  ", version) == 0
    assert not ComposerDraft.objects.exists()


def test_colleagues_see_that_somebody_types_and_not_what(
    staff: Staff, complaint: Complaint
) -> None:
    save(complaint, staff, "reply", "您好", 0)
    (one,) = drafts_on("complaint", [complaint.id])
    assert (one.person, one.mode) == (staff.li.ref, "reply")
    assert not hasattr(one, "text")


@pytest.mark.parametrize(("mode", "text"), [("reply", "x" * (LONGEST + 1)), ("tweet", "x")])
def test_what_cannot_be_stored_is_refused(
    staff: Staff, complaint: Complaint, mode: str, text: str
) -> None:
    with pytest.raises(UnableToSaveDraft):
        save(complaint, staff, mode, text, 0)
