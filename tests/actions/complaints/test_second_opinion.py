"""The desk hears the second opinion: at once for one complaint, in the jobs for many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.complaints.actions.intake.submission import Submission
from amends.complaints.actions.operator_model import HEAD
from amends.complaints.actions.receive import receive, receive_many
from amends.complaints.jobs import pipeline
from amends.complaints.models import Complaint

pytestmark = pytest.mark.needs("semantic")
VAGUE = "开个页面等到花儿都谢了，真想把这根光缆剪了"


def _said(text: str, key: str) -> Submission:
    return Submission(
        channel="mail", key=key, text=text, received_at=NOW, phone=PHONE, identity="operator_login",
        language="zh", service=key,
    )  # fmt: skip


@pytest.fixture
def semantic(settings: Any) -> None:
    settings.SEMANTIC = True


def test_one_complaint_is_read_by_meaning_at_once(world: World, semantic: None) -> None:
    receive(_said(VAGUE, "k-1"), now=NOW)
    one = Complaint.objects.get()
    assert (one.code, HEAD in one.classified_by) == ("network.speed", True)


def test_many_are_read_by_meaning_in_the_jobs(world: World, semantic: None) -> None:
    receive_many([_said(VAGUE + "。" * n, f"k-{n}") for n in range(3)], now=NOW)
    assert not any(HEAD in one.classified_by for one in Complaint.objects.all())
    pipeline.process(now=NOW)
    assert {(one.code, HEAD in one.classified_by) for one in Complaint.objects.all()} == {
        ("network.speed", True)
    }


def test_switched_off_all_works_as_before(world: World) -> None:
    receive(_said(VAGUE, "k-1"), now=NOW)
    assert HEAD not in Complaint.objects.get().classified_by


def test_many_new_words_are_not_read_by_meaning_one_by_one(world: World, semantic: None) -> None:
    """A tenth of a second a text would hold an import up."""
    vague = "你们这样做太过分了，我要投诉！"
    first = receive_many([_said(vague, f"k-{n}") for n in range(3)], now=NOW)
    more = [
        replace(_said(VAGUE, f"more-{n}"), answers=one.complaint) for n, one in enumerate(first)
    ]
    receive_many(more, now=NOW)
    assert not any(HEAD in one.classified_by for one in Complaint.objects.all())
