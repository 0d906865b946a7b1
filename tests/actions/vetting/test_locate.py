"""`amends vetting locate` reads what other systems write."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from amends.causes.vetting.queries.chain_files import read_chain, read_events
from amends.causes.vetting.refusals import UnableToReadChain, UnableToReadEvents

START = datetime(2026, 5, 4, tzinfo=UTC)
CHAIN = {
    "service": "tones",
    "links": [
        {"id": "b", "kind": "billing", "probes": [{"id": "b1"}]},
        {"id": "p", "kind": "provider", "probes": ["p1", "p2"]},
    ],
}


def chain_file(folder: Path, document: object = CHAIN) -> Path:
    """A file of a chain."""
    path = folder / "chain.json"
    path.write_text(json.dumps(document))
    return path


def test_columns_times_and_errors_of_other_systems_are_read(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "What,LINK, Source ,At,OK,ms\n"
        "p1: timeout,p,PROBE,2026-05-04T08:00:00+08:00,0,\n"
        "p2,,probe,2026-05-04 08:00:00,true,81.5\n"
        "open outage,b,incident,2026-05-04T00:30:00Z,,\n"
        "unconfirmed,b,charge,1777852800,,\n"
        "thirdparty.value_added,,complaint,2026-05-04T00:00:00Z,,\n"
        "p1,p,probe,one day,1,5\n"
        "x,p,rumour,2026-05-04T00:00:00Z,1,5\n"
    )
    chain = read_chain(chain_file(tmp_path))
    found = read_events(events, chain, zone="Asia/Shanghai")
    probe, other, incident, charge, complaint = found.events
    assert (probe.at, probe.what, probe.ok, probe.ms) == (START, "p1", False, None)
    assert (other.at, other.link, other.ms) == (START, "p", 81.5)
    assert (incident.what, incident.ok) == ("outage", False)
    assert (charge.at, charge.ok) == (START, False)
    assert complaint.link == ""
    assert found.read == 7
    assert dict(found.rejected) == {"no readable time": 1, "unknown source": 1}


def test_a_time_keeps_its_moment_whatever_its_offset(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    west = START.astimezone(timezone(timedelta(hours=-7)))
    events.write_text(f"at,source,link,ok,ms,what\n{west.isoformat()},probe,p,1,5,p1\n")
    (event,) = read_events(events, read_chain(chain_file(tmp_path)), zone="UTC").events
    assert event.at == START


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"links": []},
        {"links": [{"id": "a", "kind": "satellite"}]},
        {"links": [{"id": "a", "kind": "app"}, {"id": "a", "kind": "billing"}]},
        {"links": [{"id": "a", "kind": "app", "probes": "start"}]},
    ],
)
def test_a_file_that_is_no_chain_is_refused(tmp_path: Path, document: object) -> None:
    with pytest.raises(UnableToReadChain):
        read_chain(chain_file(tmp_path, document))


def test_a_file_without_events_is_refused(tmp_path: Path) -> None:
    chain = read_chain(chain_file(tmp_path))
    events = tmp_path / "events.csv"
    events.write_text("at,source,link,ok,ms,what\nsoon,probe,p,1,5,p1\n")
    with pytest.raises(UnableToReadEvents):
        read_events(events, chain, zone="UTC")
    events.write_text("at,source\n2026-05-04T00:00:00Z,probe\n")
    with pytest.raises(UnableToReadEvents, match="link"):
        read_events(events, chain, zone="UTC")


def test_placeholder_times_and_unknown_results_are_set_aside_and_counted(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "at,source,link,ok,ms,what\n"
        "0001-01-01T00:00:00+08:00,probe,p,1,5,p1\n"
        "9999-12-31T23:59:59-08:00,incident,p,0,,open outage\n"
        "2026-05-04T00:00:00Z,probe,p,maybe,5,p1\n"
        "2026-05-04T00:00:00Z,probe,p,,5,p1\n"
    )
    found = read_events(events, read_chain(chain_file(tmp_path)), zone="Asia/Shanghai")
    assert [one.ok for one in found.events] == [True]
    assert dict(found.rejected) == {"no readable time": 2, "“ok” is neither 1 nor 0": 1}
