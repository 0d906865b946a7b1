"""A measure is judged by what was fixed: weeks, wash-out, the alarm left out, a peak that falls."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from amends.problems.measures.rules.measure_terms import MeasureTerms, after_and_left_out, weeks_of
from amends.problems.measures.rules.rectification import MeasureCounts, document_of, judge

START = date(2026, 6, 1)
TERMS = MeasureTerms(
    "t",
    "c",
    "a",
    "usr",
    START,
    START + timedelta(days=84),
    14,
    200,
    ("code=x",),
    ("code=y",),
    START - timedelta(days=21),
    START - timedelta(days=8),
)


def counted(
    drop: float, *, alarm: float = 3.0, seed: int = 1, control: bool = True
) -> MeasureCounts:
    chance = np.random.default_rng(seed)
    weeks = weeks_of(TERMS, first=START - timedelta(weeks=60), on=TERMS.judge_on)
    after, left = after_and_left_out(TERMS, weeks)
    mean = np.where(after, 100 * (1 - drop), 100.0) * np.where(left & ~after, alarm, 1.0)
    users = np.full(len(weeks), 1e6)
    others = chance.poisson(60, (len(weeks), 12)).astype(float)
    others[30:32] *= 3.0
    return MeasureCounts(
        weeks,
        chance.poisson(mean).astype(float),
        chance.poisson(300, len(weeks)).astype(float) if control else None,
        users,
        users,
        others,
    )


def test_alarm_and_wash_out_weeks_do_not_count() -> None:
    weeks = weeks_of(TERMS, first=START - timedelta(weeks=60), on=TERMS.judge_on)
    after, left = after_and_left_out(TERMS, weeks)
    assert len(weeks) == 60 + 12
    assert [weeks[i] for i in np.flatnonzero(left)] == [
        START - timedelta(days=21),
        START - timedelta(days=14),
        START,
        START + timedelta(days=7),
    ]
    assert int(after.sum()) == 12


def test_a_real_drop_works_and_no_drop_is_not_shown_to() -> None:
    assert judge(counted(0.3), TERMS).found.verdict == "works"
    verdicts = [judge(counted(0.0, seed=seed), TERMS).found.verdict for seed in range(20)]
    assert verdicts.count("works") <= 3
    assert judge(counted(-0.5), TERMS).found.verdict == "worse"


def test_a_return_to_normal_is_shown_as_what_untreated_places_do_too() -> None:
    judged = judge(counted(0.0), TERMS)
    assert judged.fall is not None
    assert judged.fall.places >= 10
    assert 0.85 < judged.fall.median < 1.15
    assert judge(counted(0.0, alarm=1.0), TERMS).fall is None


def test_places_left_alone_are_held_against_their_own_users() -> None:
    """Everybody grows by half: complaints grow everywhere with them, and that is no drop."""
    flat = counted(0.0)
    after, _left = after_and_left_out(TERMS, flat.weeks)
    growth = np.where(after, 1.5, 1.0)
    hot = np.where(np.arange(len(flat.weeks)) >= 57, 2.0, 1.0) * np.where(after, 0.5, 1.0)
    others = np.round(60.0 * hot * growth)[:, None] * np.ones((1, 4))
    users = flat.users * growth
    assert flat.control is not None
    grown = MeasureCounts(
        flat.weeks,
        np.round(flat.treated * growth),
        np.round(flat.control * growth),
        users,
        users,
        others,
        users[:, None] * np.ones((1, 4)),
    )
    judged = judge(grown, TERMS)
    assert judged.alarmed is not None
    assert judged.alarmed.places == 4
    assert judged.found.against_alarmed is not None
    assert judged.found.against_alarmed[0] == pytest.approx(1.0, abs=0.06)


def test_the_band_is_what_was_to_be_expected_without_the_measure() -> None:
    judged = judge(counted(0.3), TERMS)
    kept = judged.after & ~judged.left_out
    assert judged.expected[kept].mean() == pytest.approx(100, rel=0.1)
    assert (judged.low <= judged.expected).all()
    assert (judged.expected <= judged.high).all()


def test_without_a_control_it_says_so() -> None:
    assert "no control" in judge(counted(0.5, control=False), TERMS).found.method


def test_too_few_complaints_are_not_yet_judgeable_and_the_document_stays_json() -> None:
    few = counted(0.0)
    empty = MeasureCounts(
        few.weeks, np.zeros(len(few.weeks)), few.control, few.users, few.users, few.untreated
    )
    judged = judge(empty, TERMS)
    assert judged.found.verdict == "not_yet_judgeable"
    import json

    assert json.loads(json.dumps(document_of(judged, empty), allow_nan=False))["treated"][0] == 0


def test_the_digest_holds_every_term() -> None:
    from dataclasses import fields, replace

    changes = {
        "starts_on": START + timedelta(days=1),
        "judge_on": START,
        "wash_out_days": 1,
        "expected_drop_permille": 1,
        "treated": ("z",),
        "control": ("z",),
        "left_from": None,
        "left_to": None,
    }
    for field in fields(MeasureTerms):
        changed = replace(TERMS, **{field.name: changes.get(field.name, "other")})
        assert changed.digest() != TERMS.digest(), field.name
