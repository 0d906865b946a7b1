"""A number that two have at one time: nothing that came from it then is handed out as the one's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from amends.access.actions.add_user import add_user
from amends.access.actors import Actor
from amends.access.queries import actor_called
from amends.channels.actions.post import Outgoing, post_many
from amends.feeds.imports.subscribers import import_subscribers
from amends.operations.erasure import erase_person
from amends.operations.subject_access_export import export_person
from amends.subscribers.queries import identify, times_theirs

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
DAYS = [NOW + timedelta(days=100 * number) for number in range(5)]
BETWEEN = [day + timedelta(days=50) for day in DAYS[:4]]
HEADER = "key,phone,name,id_card,left\n"
NUMBER, OTHER = "13900010001", "13900010002"
ANN, BO = f"k-1,{NUMBER},Ann Example,,", f"k-2,{NUMBER},Bo Other,,"


@pytest.fixture
def officer(db: None, settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    for at in BETWEEN:
        text = Outgoing(
            key=f"{at}", channel="sms", recipient=NUMBER, subject="s", body=f"Text {at:%j}",
            language="en", reference="",
        )  # fmt: skip
        with transaction.atomic():
            post_many([text], now=at)
    return actor_called("wei")


def register(tmp_path: Path, rows: str, *, now: datetime) -> dict[str, str]:
    path, out = tmp_path / "people.csv", tmp_path / "keys.csv"
    path.write_text(f"{HEADER}{rows}\n", encoding="utf-8")
    with translation.override("en"):
        import_subscribers(
            path, rejects=tmp_path / "rejects.csv", out=out, now=now, progress=lambda *_: None
        )
    return dict(row.split(",") for row in out.read_text(encoding="utf-8").splitlines()[1:])


def handed_out(officer: Actor, who: str) -> list[bool]:
    """Whether what went to the number in each of four times is handed out to somebody."""
    found = str(export_person(who, officer, DAYS[4], reason="asked for by mail")["messages"])
    return [f"Text {at:%j}" in found for at in BETWEEN]


def holders(ann: str, bo: str) -> list[str]:
    """Whose the number was in each of the four times: "a", "b" or nobody's alone."""
    called = {ann: "a", bo: "b"}
    found = [identify(phone=NUMBER, at=at) for at in BETWEEN]
    return [called[one.pseudonym] if one else "" for one in found]


def test_a_number_two_have_from_the_beginning_is_neithers(officer: Actor, tmp_path: Path) -> None:
    keys = register(tmp_path, f"{ANN}\n{BO}", now=DAYS[0])
    ann, bo = keys["k-1"], keys["k-2"]
    assert holders(ann, bo) == ["", "", "", ""]
    assert handed_out(officer, ann) == handed_out(officer, bo) == [False] * 4


def test_a_number_another_has_too_for_a_while(officer: Actor, tmp_path: Path) -> None:
    """Before it is the one's, after it the other's; in between nobody can tell."""
    ann = register(tmp_path, ANN, now=DAYS[0])["k-1"]
    bo = register(tmp_path, f"{ANN}\n{BO}", now=DAYS[1])["k-2"]
    register(tmp_path, f"{ANN}{DAYS[2]:%Y-%m-%d}\n{BO}", now=DAYS[3])
    assert holders(ann, bo) == ["a", "", "b", "b"]
    assert handed_out(officer, ann) == [True, False, False, False]
    assert handed_out(officer, bo) == [False, False, True, True]


def test_one_after_the_other_each_has_their_time(officer: Actor, tmp_path: Path) -> None:
    """The register tells late who has a number: from its holder's leaving on it is the next one's."""
    ann = register(tmp_path, ANN, now=DAYS[0])["k-1"]
    bo = register(tmp_path, f"{ANN}{DAYS[1]:%Y-%m-%d}\n{BO}", now=DAYS[2])["k-2"]
    assert holders(ann, bo) == ["a", "b", "b", "b"]
    assert handed_out(officer, ann) == [True, False, False, False]
    assert handed_out(officer, bo) == [False, True, True, True]


def test_erased_with_whom_a_number_was_shared_nobody_is_handed_what_was_theirs(
    officer: Actor, tmp_path: Path
) -> None:
    ann = register(tmp_path, ANN, now=DAYS[0])["k-1"]
    bo = register(tmp_path, f"{ANN}\n{BO}", now=DAYS[1])["k-2"]
    erase_person(ann, officer, DAYS[3])
    assert handed_out(officer, bo) == [False, False, False, True]
    assert holders(ann, bo)[1:] == ["", "", "b"]
    now = identify(phone=NUMBER)
    assert now is not None
    assert now.pseudonym == bo
    erase_person(bo, officer, DAYS[4])
    assert times_theirs(bo) == {}


def test_erasing_one_leaves_what_may_be_the_others(officer: Actor, tmp_path: Path) -> None:
    keys = register(tmp_path, f"{ANN}\n{BO}", now=DAYS[0])
    erase_person(keys["k-1"], officer, DAYS[2])
    register(tmp_path, f"k-2,{OTHER},Bo Other,,\n", now=DAYS[3])
    assert identify(phone=NUMBER, at=BETWEEN[0]) is None
    assert handed_out(officer, keys["k-2"]) == [False, False, True, True]
