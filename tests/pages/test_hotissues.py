"""The board of hot issues: found in the complaints themselves, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.core.cache import caches

from amends.complaints.models import Complaint
from amends.database.rows import insert
from amends.hotissues.board import board
from amends.kit.ids import time_ordered_id, tracking_code
from tests.pages.conftest import Desk, colleague, signed_in

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = 120


def _write(days: list[int], code: str, *, person: str = "", **more: object) -> None:
    """One complaint on each of these days before `NOW`, each by somebody else unless named."""
    received = [NOW - timedelta(days=day, minutes=7) for day in days]
    size = len(days)
    constant = {
        "channel": "web", "jurisdiction": "cn", "area": "north", "first_words": "网速慢", "code": code,
        "classified_by": "test",
    }  # fmt: skip
    insert(
        Complaint,
        {
            "id": [time_ordered_id() for _ in days],
            "code_public": [tracking_code() for _ in days],
            "person": [person or f"p-{code}-{n}" for n in range(size)],
            "received_at": received, "recorded_at": received, "state_since": received,
            **{name: [value] * size for name, value in (constant | more).items()},
        },
    )  # fmt: skip


def _ordinary(seed: int) -> None:
    chance = np.random.default_rng(seed)
    for code, mean in (("network.speed", 3.0), ("billing.wrong_charge", 2.0)):
        days = [day for day in range(DAYS) for _ in range(chance.poisson(mean))]
        _write(days, code)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    caches["process"].clear()


def test_a_batch_is_found_with_its_days_and_persons(db: None) -> None:
    _ordinary(1)
    _write([1] * 14 + [0] * 16, "network.outage", area="south")
    found = board(now=NOW, zone="Asia/Shanghai")
    newest = found.issues[0]
    assert newest.persons >= 30
    assert newest.persons > 3 * newest.expected
    assert (newest.first, newest.last) == (NOW.date() - timedelta(days=1), NOW.date())
    assert len(newest.quoted) == 5
    assert 0 < found.false_per_week < 1


def test_one_person_a_hundred_times_is_one_person(db: None) -> None:
    _ordinary(2)
    _write([0] * 100, "billing.refund_credit", person="the-same")
    assert all(
        one.unit != "billing.refund_credit" for one in board(now=NOW, zone="Asia/Shanghai").issues
    )


def test_a_file_of_the_past_raises_no_alarm(db: None) -> None:
    _ordinary(3)
    before = board(now=NOW, zone="Asia/Shanghai").issues
    _write([0] * 60, "network.outage", history=True)
    assert board(now=NOW, zone="Asia/Shanghai").issues == before


def test_an_ordinary_quarter_is_quiet(db: None) -> None:
    _ordinary(4)
    assert len(board(now=NOW, zone="Asia/Shanghai").issues) <= 1


def test_too_few_days_say_so(desk: Desk) -> None:
    page = signed_in(colleague("lin", "manager")).get("/desk/hotissues/").content.decode()
    assert "Too little is known to judge" in page


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "每周预计约有"), ("en", "false ones a week")]
)
def test_the_page_names_what_may_be_chance(
    db: None, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    _ordinary(5)
    _write([1] * 14 + [0] * 16, "network.outage", area="south")
    monkeypatch.setattr("amends.hotissues.web.board.timezone.now", lambda: NOW)
    page = signed_in(colleague("lin", "manager"), language).get("/desk/hotissues/").content.decode()
    assert words in page
    assert "<svg" in page


def test_the_regulator_has_no_board(db: None) -> None:
    assert signed_in(colleague("reg", "regulator")).get("/desk/hotissues/").status_code == 403
