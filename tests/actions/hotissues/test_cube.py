"""The cube: kept by what comes and changes, rebuilt the same, persons once on every level."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.forget import forget
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive_many
from amends.cases.complaints.models import Complaint
from amends.engines.detection.cube import suspected, unpack
from amends.platform.kit import ids
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.fill_cube import rebuild_cube, update_cube
from amends.problems.hotissues.models import CubeDay
from amends.problems.hotissues.queries.cube import counts, rows_between

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIN = Actor("user", "lin", ("manager",))
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 24)


def receive(number: int, text: str = "宽带断网了，一直连不上", **more: object) -> str:
    said = {
        "channel": "web",
        "key": f"k{number}",
        "text": f"{text}，第{number}次",
        "received_at": NOW - timedelta(days=number % 20, minutes=number),
        "phone": f"13800{number:06d}",
    }
    return receive_many([Submission(**(said | more))], now=NOW)[0].complaint  # type: ignore[arg-type]


def everything() -> pl.DataFrame:
    return pl.concat([unpack(bytes(day.columns)) for day in CubeDay.objects.order_by("day")])


def persons(place: str, *, most: int = 2) -> int:
    cells = counts(rows_between(FIRST, LAST), FIRST, LAST, max_dimensions=most)
    return int(cells.persons[:, cells.places.index(place)].sum())


def test_kept_and_rebuilt_are_the_same(db: None) -> None:
    """Through receipts, a class set right, an imported file and a person forgotten."""
    refs = [receive(number) for number in range(30)]
    assert update_cube() >= 30
    refs += [receive(number, "话费多扣了，要求退费") for number in range(30, 50)]
    receive(99, history=True, state="closed", original_id="o1", original_source="file")
    update_cube()
    correct(refs[3], code="network.speed", actor=LIN, now=NOW)
    Complaint.objects.filter(id=refs[4]).update(is_open=False, state="closed")
    forget([refs[4]], actor=LIN, now=NOW)
    assert update_cube() >= 2
    kept = everything()
    assert rebuild_cube() == 51
    assert_frame_equal(kept, everything())
    assert kept.filter(pl.col("id") == refs[3])["code"].to_list() == ["network.speed"]
    assert kept.filter(pl.col("id") == refs[4])["person"].to_list() == [""]


def test_a_clock_set_back_an_hour_hides_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of complaints and of their events then lie below the marks."""
    refs = [receive(number) for number in range(10)]
    update_cube()
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(ids, "time", SimpleNamespace(time=lambda: time.time() - 3600))
    late = receive(10)
    correct(refs[3], code="network.speed", actor=LIN, now=NOW)
    assert late < refs[0]
    assert update_cube() >= 2
    kept = everything()
    assert kept.height == 11
    assert kept.filter(pl.col("id") == refs[3])["code"].to_list() == ["network.speed"]
    rebuild_cube()
    assert_frame_equal(kept, everything())


def test_what_changes_while_it_is_made_anew_is_not_lost(db: None) -> None:
    """Twenty days are several stretches; somebody keeps the cube between two of them."""
    refs = [receive(number) for number in range(30)]
    update_cube()
    meanwhile: list[str] = []

    def change(done: int) -> None:
        if not meanwhile:
            meanwhile.append(receive(31, "话费多扣了", received_at=NOW - timedelta(days=19)))
            for ref in (refs[0], refs[19]):
                correct(ref, code="network.speed", actor=LIN, now=NOW)
            update_cube()

    rebuild_cube(progress=change)
    kept = everything()
    assert kept["id"].to_list().count(meanwhile[0]) == 1
    changed = kept.filter(pl.col("id").is_in([refs[0], refs[19]]))["code"].to_list()
    assert changed == ["network.speed"] * 2
    rebuild_cube()
    assert_frame_equal(kept, everything())


def test_a_day_of_which_nothing_is_left_goes(db: None) -> None:
    one, two = receive(1), receive(2)
    update_cube()
    Complaint.objects.filter(id=one).update(received_at=NOW - timedelta(days=2, hours=1))
    rebuild_cube()
    assert sorted(everything()["id"]) == sorted([one, two])
    assert CubeDay.objects.count() == 1


def test_one_person_ten_thousand_times_is_one(db: None) -> None:
    for number in range(40):
        receive(number, f"第{number}件事，账单又多扣钱", phone="13800000001", received_at=NOW)
    update_cube()
    cells = counts(rows_between(FIRST, LAST), FIRST, LAST, max_dimensions=1)
    whole = cells.places.index("")
    assert cells.persons[:, whole].sum() == 1
    assert cells.complaints[:, whole].sum() == Complaint.objects.filter(kind="complaint").count()


def test_levels_are_no_sums_of_their_parts(db: None) -> None:
    """A person who complains of two classes counts once in their group."""
    one = receive(1, received_at=NOW)
    two = receive(2, received_at=NOW)
    Complaint.objects.filter(id=one).update(code="network.speed", person="p1", area="a")
    Complaint.objects.filter(id=two).update(code="network.outage", person="p1", area="a")
    rebuild_cube()
    assert persons("code=network.speed") == persons("code=network.outage") == 1
    assert persons("code=network") == persons("area=a|code=network") == 1


def test_enquiries_are_no_complaints(db: None) -> None:
    one = receive(1)
    Complaint.objects.filter(id=one).update(kind="enquiry")
    receive(2)
    rebuild_cube()
    assert rows_between(FIRST, LAST).height == 1
    assert rows_between(FIRST, LAST, kind="enquiry")["id"].to_list() == [one]


def test_history_counts_before_the_first_day_of_our_own_and_not_after(db: None) -> None:
    receive(10)
    receive(2, history=True, state="closed", original_id="o2", original_source="file")
    receive(15, history=True, state="closed", original_id="o3", original_source="file")
    update_cube()
    days = rows_between(FIRST, LAST)["received_at"].dt.day().to_list()
    assert days == [(NOW - timedelta(days=15)).day, (NOW - timedelta(days=10)).day]


def test_weeks_and_hours_count_the_same_persons(db: None) -> None:
    for number in range(12):
        receive(number, received_at=NOW - timedelta(hours=number))
    update_cube()
    rows = rows_between(FIRST, LAST)
    for period in ("hour", "day", "week"):
        cells = counts(rows, FIRST, LAST, period=period, max_dimensions=0)  # type: ignore[arg-type]
        assert cells.complaints.sum() == rows.height
    assert np.array_equal(
        counts(rows, FIRST, LAST, period="week", max_dimensions=0).persons.sum(), 12
    )


@pytest.mark.parametrize(("senders", "flagged"), [(25, 25), (12, 0)])
def test_a_bot_with_many_names_is_suspected_and_still_counted(
    db: None, senders: int, flagged: int
) -> None:
    refs = [receive(number, received_at=NOW) for number in range(senders)]
    Complaint.objects.filter(id__in=refs).update(text_print=77)
    rebuild_cube()
    rows = rows_between(FIRST, LAST)
    assert (rows.height, suspected(rows).height) == (senders, flagged)
