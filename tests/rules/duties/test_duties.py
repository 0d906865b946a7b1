"""Duties as data: what holds on a day, and rule files that are refused."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

import pytest

from amends.engines.duties.book import UnableToReadDuties, book, read_duties
from amends.platform.kit.packs import RuleFile, jurisdictions, load_version, names, pack, versions

ROOM = "amends.engines.duties"
TODAY = date(2026, 11, 24)
OURS = [name for name in names(ROOM) if name.startswith("duties-")]
FILES = [(name, version) for name in OURS for version in versions(ROOM, name)]
GOOD = """
[[duties]]
id = "cn.near"
phase = "during"
trigger = "allowance"
counters = ["data"]
period = "billing"
channels = ["sms"]
text = "near"
must_say = ["used"]
title_zh = "即将用完"
title_en = "Nearly used"
zh = "接近"
en = "Near"
source = "item 5"
verified = true
[[duties.steps]]
id = "80%"
kind = "percent"
value = 80
"""


def file_of(text: str) -> RuleFile:
    data: dict[str, Any] = tomllib.loads(text)
    for row in data.get("duties", []):
        row["since"] = date(2026, 1, 1)
    return RuleFile("duties-cn", date(2026, 1, 1), None, "规则", "Rules", "x", True, "0" * 64, data)


def test_a_duty_is_read() -> None:
    (duty,) = read_duties(file_of(GOOD))
    (step,) = duty.steps
    assert (step.kind, step.value, step.must_say, step.text) == ("percent", 80, ("used",), "near")
    assert (duty.version, duty.rules) == ("2026-01-01", "duties-cn@2026-01-01")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('phase = "during"', 'phase = "while"', "phase is “while”, which is not known"),
        ('trigger = "allowance"', 'trigger = "alowance"', "trigger is “alowance”"),
        ('counters = ["data"]', 'counters = ["dta"]', "counters is “dta”"),
        ('counters = ["data"]', "counters = []", "counts nothing"),
        ('channels = ["sms"]', "channels = []", "names no channel"),
        ('text = "near"', "", "names no text"),
        ('must_say = ["used"]', "", "does not list what a notice must say"),
        ('must_say = ["used"]', 'must_say = "used"', "must_say is not a list of words"),
        ('period = "billing"', 'perriod = "billing"', "unknown keys: perriod"),
        ("value = 80", "value = 0", "needs a value above zero"),
        ("value = 80", "value = 80.5", "value is not a whole number"),
        ("value = 80", "value = true", "value is not a whole number"),
        ('kind = "percent"', 'kind = "every"', "needs a unit"),
        ('kind = "percent"', 'kind = "times_mean"', "over how many months"),
        ('id = "80%"', 'id = "own:80"', "holds ':' or '|'"),
        ("value = 80", 'value = 80\naction = "hold"', "does not say how to consent"),
        ("value = 80", 'value = 80\n[[duties.steps]]\nid = "80%"\nkind = "negative"', "same id"),
        ("value = 80", 'value = 80\n[duties.lead]\namount = 3\nunit = "calendar_days"', "ahead"),
        ("verified = true", "verified = 1", "verified is not true"),
        ('source = "item 5"', 'source = " "', "source is not a text"),
        ('title_en = "Nearly used"', "", "title_en is not a text"),
    ],
)
def test_a_bad_rule_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(UnableToReadDuties, match=re.escape(said)) as refused:
        read_duties(file_of(GOOD.replace(old, new)))
    assert str(refused.value).startswith("duties-cn@2026-01-01: duty cn.near")


@pytest.mark.parametrize("place", jurisdictions())
def test_every_pack_has_a_readable_book(place: str) -> None:
    found = book(place, TODAY)
    assert len({duty.id for duty in found.duties}) == len(found.duties)
    assert all(duty.id.startswith(place[:2]) for duty in found.duties)


def test_every_file_is_listed_in_a_pack() -> None:
    listed = {
        (one["name"], version)
        for place in jurisdictions()
        for one in pack(place, TODAY).data.get("apps", {}).get("duties", {}).values()
        for version in one["versions"]
    }
    assert set(FILES) <= listed


@pytest.mark.parametrize(("name", "version"), FILES)
def test_every_entry_is_written_in_both_languages(name: str, version: date) -> None:
    for row in load_version(ROOM, name, version).data["duties"]:
        for key in (key for key in row if key in {"title_zh", "zh", "note_zh"}):
            assert re.search(r"[一-鿿]", row[key]), row["id"]
            assert not re.search(r"[,;:?!()]", row[key]), f"{row['id']}: half-width punctuation"
        assert ("note_zh" in row) is ("note_en" in row)
