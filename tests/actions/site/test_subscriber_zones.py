"""Subscribers come in with the zone and language of their row, else with the installation's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from amends.people.subscribers.models import Subscriber
from shell import amends

pytestmark = pytest.mark.django_db


def brought_in(folder: Path, *rows: str) -> dict[str, object]:
    file = folder / "people.csv"
    file.write_text("\n".join(("id,phone,language,time zone", *rows)), encoding="utf-8")
    done = amends("import", "subscribers", file, "--out", folder / "keys.csv", "--force", "--json")
    assert done.code == 0, done.err
    document: dict[str, object] = done.document
    return document


def test_what_a_row_leaves_out_is_that_of_the_installation(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.TIME_ZONE, settings.LANGUAGE_CODE = "Europe/London", "en"
    brought_in(tmp_path, "A,15400000001,,", "B,15400000002,zh-hans,Asia/Urumqi")
    found = Subscriber.objects.order_by("zone").values_list("zone", "language")
    assert list(found) == [("Asia/Urumqi", "zh-hans"), ("Europe/London", "en")]


def test_a_zone_given_later_is_taken_over_and_one_that_is_none_is_set_aside(tmp_path: Path) -> None:
    brought_in(tmp_path, "A,15400000001,,", "B,15400000002,,Europe/London")
    again = brought_in(
        tmp_path, "A,15400000001,,Australia/Perth", "B,15400000002,,", "C,15400000003,,Perth"
    )
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 2, 1)
    zones = Subscriber.objects.order_by("zone").values_list("zone", flat=True)
    assert list(zones) == ["Australia/Perth", "Europe/London"]
    assert "taken over as the file has it: zone 1." in str(again["notes"])


def test_a_phone_that_is_no_number_makes_nobody(tmp_path: Path) -> None:
    """NUL bytes, a dash, a word: such rows would all be one and the same person."""
    said = brought_in(tmp_path, "A,\x00\x00,,", "B,-,,", "C,无,,", "D,,,", "E,15400000001,,")
    assert (said["accepted"], said["duplicates"], said["rejected"]) == (2, 0, 3)
    assert Subscriber.objects.count() == 2
    reasons = Path(str(said["rejects_file"])).read_text(encoding="utf-8")
    assert "phone holds bytes that are no text" in reasons
    assert reasons.count("phone holds no digit") == 2
