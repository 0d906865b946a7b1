"""Alarmed and untreated: places of the same dimensions as the treated ones, whatever those are, each
with those exposed to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from amends.cases.complaints.models import Complaint
from amends.people.subscribers.models import Service, Subscriber
from amends.platform.database.rows import insert
from amends.platform.kit.ids import time_ordered_id, tracking_code
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.measures.queries.measure_counts import counted
from amends.problems.measures.rules.measure_terms import MeasureTerms
from amends.problems.measures.rules.rectification import document_of, judge
from amends.record.catalogue.models import Area, Offer

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
START, JUDGED = date(2026, 6, 1), date(2026, 8, 10)
CODES = {
    "a": "network.speed",
    "b": "network.outage",
    "c": "billing.wrong_charge",
    "d": "service.support",
}
USUAL, ALARM, WEEKS = 12, 40, 52
HOT = ("a", "c")
"""Treated, and another one that ran hot in the same three weeks and was left alone."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled() -> None:
    """A year of weeks before the start and ten after: cells a to d of every dimension at once, so
    that who complains of class a does so in area a, of product a, on channel a."""
    for name in CODES:
        Area.objects.create(code=name, name_zh=name, name_en=name)
        Offer.objects.create(ref=name, kind=f"kind-{name}")
    rows = []
    for week in range(-WEEKS, 10):
        for name in CODES:
            number = ALARM if name in HOT and -4 <= week < -1 else USUAL
            rows += [(name, NOW + timedelta(weeks=week, hours=one)) for one in range(number)]
    moments = [at for _name, at in rows]
    names = [name for name, _at in rows]
    insert(
        Complaint,
        {
            "id": [time_ordered_id() for _ in rows],
            "code_public": [tracking_code() for _ in rows],
            "person": [f"p-{at}" for at in range(len(rows))],
            "received_at": moments,
            "recorded_at": moments,
            "state_since": moments,
            "area": names,
            "product": names,
            "channel": names,
            "code": [CODES[name] for name in names],
            "jurisdiction": ["cn"] * len(rows),
            "first_words": ["x"] * len(rows),
            "classified_by": ["test"] * len(rows),
        },
    )
    update_cube()


def _place(names: tuple[str, ...], cell: str) -> str:
    return "|".join(f"{name}={CODES[cell] if name == 'code' else cell}" for name in sorted(names))


def _terms(treated: str, control: str) -> MeasureTerms:
    return MeasureTerms(
        "t",
        "c",
        "a",
        "usr",
        START,
        JUDGED,
        7,
        200,
        (treated,),
        (control,),
        START - timedelta(weeks=4),
        START - timedelta(days=8),
    )


@pytest.mark.parametrize(
    "names", [("code",), ("area",), ("product",), ("channel",), ("area", "code")]
)
def test_what_alarmed_and_was_left_alone_is_never_what_was_treated(
    filled: None, names: tuple[str, ...]
) -> None:
    terms = _terms(_place(names, "a"), _place(names, "b"))
    numbers = counted(terms, on=JUDGED)
    # The cells c and d, twelve persons a week each; nobody of what is treated or compared with.
    assert numbers.untreated.shape == (len(numbers.weeks), 2)
    judged = judge(numbers, terms)
    usual = ~judged.left_out
    assert set(numbers.untreated[usual].ravel()) == {float(USUAL)}
    assert judged.alarmed is not None
    assert judged.alarmed.places == 1
    # Both came back by themselves: no drop against the one left alone.
    assert judged.found.against_alarmed is not None
    assert judged.found.against_alarmed[0] == pytest.approx(1.0)
    kept = document_of(judged, numbers)
    assert kept["alarmed_places"] == 1
    assert len(kept["alarmed"]) == len(kept["alarmed_users"]) == len(kept["weeks"])


def test_a_product_is_exposed_by_its_services_in_its_area(filled: None) -> None:
    """Half of a ringtone's services end on the first day: complaints may halve for that alone."""
    since = NOW - timedelta(days=900)
    for number in range(40):
        person = Subscriber.objects.create(
            pseudonym=f"s{number}", registered_at=since, area="ab"[number % 2]
        )
        for offer in ("a", "b"):
            Service.objects.create(
                ref=f"{number}-{offer}",
                subscriber=person,
                kind="value_added",
                offer=offer,
                started_at=since,
                stopped_at=NOW if offer == "a" and number < 20 else None,
            )
    numbers = counted(_terms("product=a", "product=b"), on=JUDGED)
    assert (numbers.users[0], numbers.users[-1]) == (40, 20)
    assert set(numbers.control_users) == {40.0}
    inside = counted(_terms("area=a|product=a", "area=b|product=b"), on=JUDGED)
    assert (inside.users[0], inside.users[-1]) == (20, 10)
    whole = counted(_terms("product=kind:kind-a", "code=network.outage"), on=JUDGED)
    assert (whole.users[0], whole.users[-1]) == (40, 20)
    assert np.all(whole.control_users == 40.0)
