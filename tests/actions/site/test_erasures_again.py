"""A backup from before an erasure is put back: who was erased is erased again, and it is demanded."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from amends.operations.actions.erasure import erase_person
from amends.operations.actions.repeat_erasures import repeat_erasures
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from amends.operations.queries.erasure_register import readable_again, registered
from amends.operations.refusals import UnableToReadRegister, UnableToRegisterErasure
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries import actor_called
from amends.people.subscribers.actions.hold import place_hold
from amends.people.subscribers.actions.register import register
from amends.people.subscribers.queries import identify
from amends.site.cli.serve import _warn_of_erased
from at_rest import planted
from tests.actions.site.test_backups import House, house  # noqa: F401 (a fixture)

NOW = datetime.now(UTC)
PHONE = "13912345670"


def test_an_older_backup_put_back_loses_the_same_people_again(
    house: Callable[..., House],  # noqa: F811
    tmp_path: Path,
) -> None:
    one = house("one", tables=True)
    pseudonym = json.loads(one.worker("fill_and_use"))["pseudonym"]
    archive = tmp_path / "amends.backup"
    assert one.amends("backup", archive).returncode == 0
    erased = one.amends("subscribers", "erase", pseudonym, "--by", "wei", "--withdraw-open")
    assert erased.returncode == 0, erased.stderr
    line = json.loads((one.folder / "erasures.jsonl").read_text())
    assert line["pseudonym"] == pseudonym

    put = one.amends("restore", archive, "--replace")
    assert put.returncode == 1, "it is demanded"
    assert "1 person who was erased is readable again" in put.stderr
    assert one.amends("subscribers", "find", "--value", PHONE).stdout.strip() == pseudonym

    again = one.amends("subscribers", "erase-again", "--by", "wei", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == {"again": 1, "already": 0, "unknown": 0, "refused": {}}
    assert one.amends("subscribers", "find", "--value", PHONE).returncode == 1
    assert json.loads(one.amends("ledger", "verify", "--deep", "--json").stdout)["ok"]


@pytest.fixture
def kept(settings: Any, tmp_path: Path, transactional_db: None) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    return Path(settings.ERASURES_FILE)


def test_what_cannot_be_registered_is_not_erased(kept: Path, settings: Any) -> None:
    (alice,) = planted(1, seed=21)
    pseudonym = register(alice, now=NOW)
    settings.ERASURES_FILE = kept / "nowhere" / "erasures.jsonl"
    with pytest.raises(UnableToRegisterErasure):
        erase_person(pseudonym, actor_called("wei"), NOW)
    found = identify(phone=alice.phone)
    assert found is not None
    assert found.pseudonym == pseudonym


def test_a_hold_of_the_older_time_refuses_and_is_told(kept: Path) -> None:
    alice, bob = (register(person, now=NOW) for person in planted(2, seed=22))
    lines = [json.dumps({"pseudonym": one}) for one in (alice, bob, "sub-nobody", bob)]
    kept.write_text("\n".join(lines) + "\n")
    place_hold(alice, reason="法院要求保留", by="wei", now=NOW)
    assert readable_again() == [alice, bob]
    done = repeat_erasures(actor_called("wei"), NOW)
    assert (done.again, done.already, done.unknown) == (1, 0, 1)
    assert "法院要求保留" in done.refused[alice]
    assert readable_again() == [alice]


def test_who_is_readable_again_is_an_alarm_and_serve_says_so(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, bob = (register(person, now=NOW) for person in planted(2, seed=23))
    erase_person(bob, actor_called("wei"), NOW)
    assert _sounding() == set()
    with kept.open("a") as file:
        file.write(json.dumps({"pseudonym": alice}) + "\n")
    assert _sounding() == {"AmendsErasedReadable"}
    _warn_of_erased()
    assert "1 person who was erased is readable again" in capsys.readouterr().err
    assert repeat_erasures(actor_called("wei"), NOW).again == 1
    assert _sounding() == set()
    twice = repeat_erasures(actor_called("wei"), NOW)
    assert (twice.again, twice.already, twice.unknown, twice.refused) == (0, 2, 0, {})
    with kept.open("a") as file:
        file.write('{"pseudonym": "su')
    assert _sounding() == {"AmendsErasuresUnread"}
    with translation.override("en"):
        _warn_of_erased()
    assert "cannot be read" in capsys.readouterr().err


def _sounding() -> set[str]:
    heard = {one.alarm.id for one in sounding(readings(now=NOW))}
    return heard & {"AmendsErasedReadable", "AmendsErasuresUnread"}


def test_a_line_cut_short_is_named(kept: Path) -> None:
    assert registered() == []
    kept.write_text('{"pseudonym": "sub-1"}\n{"pseudonym": "su')
    with pytest.raises(UnableToReadRegister, match="2"):
        readable_again()
