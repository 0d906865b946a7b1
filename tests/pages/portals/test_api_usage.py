"""Usage records over the interface: durable when answered, counted once by the job."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from amends.causes.notices.jobs.count_usage import count_usage
from amends.causes.notices.models import Notice
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

NOW = datetime(2026, 4, 3, tzinfo=UTC)
BEFORE = NOW.timestamp() - 60


@pytest.fixture
def place(db, tmp_path, settings):
    settings.USAGE_DIR = tmp_path / "usage"
    return settings.USAGE_DIR


def lines(*amounts: int) -> bytes:
    rows = [
        {
            "id": f"u{n}",
            "usageType": "data",
            "usageDate": "2026-04-02T10:00:00+08:00",
            "usageCharacteristic": [
                {"name": "service", "value": "svc-0"},
                {"name": "amount", "value": mb * world.MB},
            ],
        }
        for n, mb in enumerate(amounts)
    ]
    return b"\n".join(json.dumps(row).encode() for row in rows)


def arrived_before(place) -> None:
    """Tests count on a day of April: the files are as old."""
    for path in place.iterdir():
        os.utime(path, (BEFORE, BEFORE))


def test_a_file_replaced_by_one_as_long_is_looked_at_again(place):
    feed.enrol_lines()
    place.mkdir()
    table = feed.as_table(world.Columns().use(0, world.START_MS, amount=10, record=1).batch())
    path = feed.csv(place / "a.csv", table)
    arrived_before(place)
    assert count_usage(now=NOW) is not None
    assert count_usage(now=NOW) is None
    path.write_bytes(path.read_bytes().replace(b"r1,", b"r2,"))
    os.utime(path, (BEFORE + 120, BEFORE + 120))
    told = count_usage(now=NOW)
    assert told is not None
    assert told.as_dict()["counted"] == 1


def test_a_stopped_file_waits_for_a_change(place):
    feed.enrol_lines()
    place.mkdir()
    (place / "a.parquet").write_bytes(b"PAR1 half of it")
    arrived_before(place)
    told = count_usage(now=NOW)
    assert told is not None
    assert told.files[0]["state"] == "stopped"
    assert count_usage(now=NOW) is None


def test_records_are_counted_once_however_often_they_are_sent(caller, place):
    feed.enrol_lines()
    system = caller("usage:write")
    body = lines(50, 40, 20)
    first = system.post("/usage", body, key="k1")
    assert first.status_code == 202
    assert first.json()["records"] == 3
    assert system.post("/usage", body, key="k1").json() == first.json()
    assert system.post("/usage", lines(1), key="k1").status_code == 409
    arrived_before(place)
    told = count_usage(now=NOW)
    assert told is not None
    assert told.as_dict()["counted"] == 3
    assert list(Notice.objects.order_by("id").values_list("duty", "step")) == [
        ("cn.allowance_near", "80%"),
        ("cn.allowance_reached", "100%"),
    ]
    assert count_usage(now=NOW) is None
    system.post("/usage", body + b"\n" + lines(1, 1, 1, 1).split(b"\n")[-1], key="k2")
    arrived_before(place)
    again = count_usage(now=NOW)
    assert again is not None
    assert (again.as_dict()["duplicates"], again.as_dict()["counted"]) == (3, 1)


def test_of_a_client_of_one_brand_only_its_lines_are_taken(caller, place):
    own = register(NewSubscriber(name="林一", brand="plum"), now=NOW)
    other = register(NewSubscriber(name="李二", brand="pear"), now=NOW)
    open_services(
        [
            NewService(person, "mobile", NOW, ref=ref)
            for person, ref in ((own, "svc-a"), (other, "svc-b"))
        ]
    )
    plum = caller("usage:write", brand="plum")
    mine = b'{"record":"u1","service":"svc-a","at":"2026-04-02T10:00:00Z","kind":"data","amount":1}'
    theirs = lines(1).replace(b"svc-0", b"svc-b")
    numbered = mine.replace(b'"service":"svc-a"', b'"service":"svc-a","line":0')
    answer = plum.post("/usage", b"\n".join([theirs, mine, numbered, lines(1), b"{"]), key="k1")
    assert answer.status_code == 202
    assert (answer.json()["records"], answer.json()["left_out"]) == (1, 4)
    (kept,) = place.iterdir()
    assert kept.read_bytes() == mine + b"\n"
    refused = plum.post("/usage", theirs, key="k2")
    assert (refused.status_code, refused.json()["error"]) == (400, "usage_refused")


def test_nothing_is_refused(caller, place):
    refused = caller("usage:write").post("/usage", b"\n\n", key="k3")
    assert refused.status_code in (400, 422)
    assert refused.json()["error"] == "usage_refused"
    assert not place.exists()


def test_without_the_scope_nothing_is_stored(caller, place):
    assert caller("complaints:write").post("/usage", lines(1), key="k4").status_code == 403
    assert not place.exists()
