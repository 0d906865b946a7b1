"""The jobs ask the second opinion; receiving never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions import operator_model
from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.operator_model import HEAD
from amends.cases.complaints.actions.receive import receive, receive_many
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Clock, Complaint, Event, Reply
from amends.engines.classification.second_opinion.process import Embedder
from amends.platform.kit.actors import Actor

needs_extra = pytest.mark.needs("semantic")
VAGUE = "追个剧一直在加载，烦死了"


def _said(text: str, key: str) -> Submission:
    return Submission(
        channel="mail",
        key=key,
        text=text,
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
        language="zh",
        service=key,
    )


@pytest.fixture
def semantic(settings: Any) -> None:
    settings.SEMANTIC = True


@pytest.fixture
def silent(semantic: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The extra is there, and its process answers nobody; how many texts it was asked about."""
    asked: list[int] = []

    def vectors(texts: Any) -> None:
        asked.append(len(texts))

    monkeypatch.setattr(operator_model, "vectors", lambda: vectors)
    return asked


@needs_extra
def test_receiving_waits_for_no_second_opinion(
    world: World, semantic: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("asked while somebody waits")

    monkeypatch.setattr(Embedder, "vectors", never)
    receive(_said(VAGUE, "k-1"), now=NOW)
    receive_many([_said(VAGUE + "。" * n, f"k-{n}") for n in range(2, 6)], now=NOW)
    assert set(Complaint.objects.values_list("second_opinion_due", flat=True)) == {True}


@needs_extra
def test_the_jobs_ask_before_the_complaint_is_acknowledged(world: World, semantic: None) -> None:
    receive_many([_said(VAGUE + "。" * n, f"k-{n}") for n in range(3)], now=NOW)
    done = pipeline.process(now=NOW)
    assert sorted(done.asked) == sorted(done.acknowledged)
    found = list(Complaint.objects.all())
    assert {(one.code, HEAD in one.classified_by) for one in found} == {("network.speed", True)}
    assert not any(one.second_opinion_due for one in found)
    assert all(one.because for one in found), "the page of the complaint asks nobody"


@needs_extra
def test_what_a_person_corrected_meanwhile_stays(world: World, semantic: None) -> None:
    ref = receive(_said(VAGUE, "k-1"), now=NOW).complaint
    correct(ref, code="service.support", actor=Actor("user", "lena"), now=NOW)
    pipeline.process(now=NOW)
    one = Complaint.objects.get()
    assert (one.code, one.second_opinion_due) == ("service.support", False)


@needs_extra
def test_new_words_are_put_to_it_by_the_jobs(world: World, semantic: None) -> None:
    unclear = "你们这样做太过分了，我要投诉！"
    first = receive_many([_said(unclear, f"k-{n}") for n in range(3)], now=NOW)
    pipeline.process(now=NOW)
    more = [
        replace(_said(VAGUE, f"more-{n}"), answers=one.complaint) for n, one in enumerate(first)
    ]
    receive_many(more, now=NOW)
    assert Complaint.objects.filter(second_opinion_due=True).count() == 3
    pipeline.process(now=NOW)
    assert not Complaint.objects.filter(second_opinion_due=True).exists()


def test_where_it_does_not_answer_the_complaint_goes_on(world: World, silent: list[int]) -> None:
    receive(_said(VAGUE, "k-1"), now=NOW)
    done = pipeline.process(now=NOW)
    assert (silent, len(done.acknowledged), len(done.investigated)) == ([1], 1, 1)


def test_what_there_was_no_time_for_waits_and_then_goes_on(
    world: World, silent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "ASK_S", 0.0)
    receive(_said(VAGUE, "k-1"), now=NOW)
    assert not pipeline.process(now=NOW).acknowledged
    late = pipeline.process(now=NOW + pipeline.HELD + timedelta(seconds=1))
    assert (len(late.acknowledged), len(late.investigated)) == (1, 1)


def test_a_class_that_changes_late_moves_the_clocks_and_the_suggestion(
    world: World, silent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was investigated under the first class is investigated again under the second."""
    monkeypatch.setattr(pipeline, "ASK_S", 0.0)
    receive(_said(VAGUE, "k-1"), now=NOW)
    later = NOW + pipeline.HELD + timedelta(seconds=1)
    pipeline.process(now=later)
    one = Complaint.objects.get()
    assert one.verdict
    before = set(Clock.objects.filter(binding=True).values_list("step", "due_at"))
    found = replace(
        operator_model.classify_batch([VAGUE])[0][0],
        code="network.outage",
        by_meaning=True,
        ask=False,
    )
    monkeypatch.setattr(pipeline, "ASK_S", 2.0)
    monkeypatch.setattr(
        "amends.cases.complaints.actions.reclassify.classify_batch",
        lambda _t, **_: ([found], one.classified_by),
    )
    done = pipeline.process(now=later)
    one.refresh_from_db()
    assert (one.code, done.investigated) == ("network.outage", [one.id])
    assert set(Clock.objects.filter(binding=True).values_list("step", "due_at")) != before
    assert Event.objects.filter(verb="reclassified").count() == 1


def test_switched_off_all_works_as_before(world: World) -> None:
    receive(_said(VAGUE, "k-1"), now=NOW)
    one = Complaint.objects.get()
    assert (HEAD in one.classified_by, one.second_opinion_due) == (False, False)
    assert pipeline.process(now=NOW).acknowledged
    assert Reply.objects.exists()
