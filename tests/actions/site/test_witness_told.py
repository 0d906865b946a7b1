"""A checkpoint is carried to the witness, and one that does not arrive is missed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from amends.operations.actions.rule_sets import record_rule_sets
from amends.operations.actions.witness_delivery import UnableToHandOver, hand_over, undelivered_s
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from shell import amends
from tests.actions.complaints.conftest import NOW

UNIT = Path(__file__).parents[3] / "deploy/systemd/amends-checkpoint.service"


@pytest.fixture(autouse=True)
def _apart(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def _way(tmp_path: Path, words: str) -> Path:
    program = tmp_path / "to-witness"
    program.write_text(f"#!/bin/sh\n{words}\n")
    program.chmod(0o700)
    return program


def _heard(days: float) -> bool:
    found = sounding(readings(now=NOW + timedelta(days=days)))
    return "AmendsWitnessBehind" in {one.alarm.id for one in found}


def test_who_never_handed_one_over_is_not_missed(db: None) -> None:
    assert undelivered_s(NOW) is None
    assert not _heard(30)


def test_a_way_that_fails_from_the_first_day_is_missed(db: None, tmp_path: Path) -> None:
    way = _way(tmp_path, "exit 7")
    for day in range(2):
        with pytest.raises(UnableToHandOver, match="7"):
            hand_over(tmp_path / "note", way, now=NOW + timedelta(days=day))
    assert not _heard(1.4)
    assert _heard(1.6), "the attempts do not count, what arrived does"


def test_a_way_that_is_not_there_is_missed_too(db: None, tmp_path: Path) -> None:
    with pytest.raises(UnableToHandOver, match="No such file"):
        hand_over(tmp_path / "note", tmp_path / "gone", now=NOW)
    assert _heard(2)


def test_once_it_arrives_nobody_is_asked(db: None, tmp_path: Path) -> None:
    with pytest.raises(UnableToHandOver):
        hand_over(tmp_path / "note", _way(tmp_path, "exit 1"), now=NOW)
    hand_over(tmp_path / "note", _way(tmp_path, "exit 0"), now=NOW + timedelta(days=3))
    assert undelivered_s(NOW + timedelta(days=4)) == 86_400
    assert not _heard(4)


def test_a_file_that_is_broken_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "witness-handed.json").write_text('{"since": "yesterday"}')
    assert undelivered_s(NOW) is None


def test_the_command_carries_the_note_it_wrote(db: None, tmp_path: Path) -> None:
    record_rule_sets(now=NOW)
    out, arrived = tmp_path / "newest", tmp_path / "arrived"
    way = _way(tmp_path, f'cp "$1" {arrived} && echo carried')
    done = amends("ledger", "checkpoint", "--out", out, "--hand-to", way, "--json")
    assert done.code == 0, done.err
    assert arrived.read_text() == out.read_text() == json.loads(done.out)["checkpoint"]
    done = amends(
        "ledger", "checkpoint", "--out", out, "--force", "--hand-to", _way(tmp_path, "exit 1")
    )
    assert done.code == 1, done.err
    assert "did not hand the checkpoint" in done.err
    assert amends("ledger", "checkpoint", "--hand-to", way).code == 2


def test_the_unit_that_ships_hands_over_by_the_command() -> None:
    said = UNIT.read_text(encoding="utf-8")
    assert "ledger checkpoint --out" in said
    assert "--hand-to /etc/amends/to-witness" in said
    assert "Restart=on-failure" in said
