"""Rule files: dated, sourced, never rewritten; and what a file without a source gets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from amends.platform.kit import packs
from amends.platform.kit.packs import (
    UnableToFindPack,
    UnableToFindRules,
    UnableToReadRules,
    jurisdictions,
    load_rules,
    load_version,
    pack,
    package_of,
)

HEAD = '[file]\nzh = "规则"\nen = "Rules"\nsource = "An act"\nverified = true\n'
ROW = (
    '[[rules]]\nid = "{id}"\nzh = "甲"\nen = "A"\nsource = "§ 1"\nverified = true\ndays = {days}\n'
)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An invented app with an empty folder of rules."""
    data = tmp_path / "invented_room" / "rules" / "data"
    data.mkdir(parents=True)
    (tmp_path / "invented_room" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield data
    sys.modules.pop("invented_room", None)
    for cached in (packs.versions, packs.load_version, packs._folder, packs._listing):
        cached.cache_clear()


def put(app: Path, version: str, text: str) -> None:
    (app / f"limits@{version}.toml").write_text(text, encoding="utf-8")


def load(on: date) -> packs.RuleFile:
    return load_rules("invented_room", "limits", on)


def test_the_newest_version_in_force_is_taken_and_old_ones_stay(app: Path) -> None:
    put(app, "2020-01-01", HEAD + ROW.format(id="a", days=15))
    put(app, "2024-06-30", HEAD + ROW.format(id="a", days=10))
    assert load(date(2024, 6, 29)).rules[0]["days"] == 15
    assert load(date(2024, 6, 30)).version == "limits@2024-06-30"
    assert load(date(2099, 1, 1)).rules[0]["days"] == 10
    with pytest.raises(UnableToFindRules):
        load(date(2019, 12, 31))


def test_a_version_extends_an_older_one(app: Path) -> None:
    put(
        app,
        "2020-01-01",
        HEAD + ROW.format(id="a", days=1) + ROW.format(id="b", days=2) + ROW.format(id="d", days=4),
    )
    put(
        app,
        "2021-01-01",
        HEAD
        + 'extends = "2020-01-01"\ndrop = ["d"]\n'
        + ROW.format(id="b", days=3)
        + ROW.format(id="c", days=5),
    )
    newer = load(date(2021, 1, 1))
    assert [(row["id"], row["days"], row["since"].year) for row in newer.rules] == [
        ("a", 1, 2020),
        ("b", 3, 2021),
        ("c", 5, 2021),
    ]
    assert [row["days"] for row in load(date(2020, 5, 1)).rules] == [1, 2, 4]


def test_a_change_of_the_older_file_changes_the_hash_of_the_newer(app: Path) -> None:
    put(app, "2020-01-01", HEAD + ROW.format(id="a", days=1))
    put(app, "2021-01-01", HEAD + 'extends = "2020-01-01"\n')
    before = load(date(2021, 1, 1)).sha256
    put(app, "2020-01-01", HEAD + ROW.format(id="a", days=2))
    packs.load_version.cache_clear()
    assert load(date(2021, 1, 1)).sha256 != before


def test_a_closed_file_is_not_stretched(app: Path) -> None:
    put(app, "2020-01-01", HEAD + "effective_to = 2020-12-31\n" + ROW.format(id="a", days=1))
    assert load(date(2020, 12, 31)).version == "limits@2020-01-01"
    with pytest.raises(UnableToFindRules, match="not known"):
        load(date(2021, 1, 1))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD.replace('source = "An act"\n', ""), "source"),
        (HEAD.replace("verified = true\n", ""), "verified"),
        (HEAD.replace("verified = true", 'verified = "maybe"'), "verified"),
        (HEAD + ROW.replace('source = "§ 1"\n', "").format(id="a", days=1), "source"),
        (HEAD + ROW.replace("verified = true\n", "").format(id="a", days=1), "verified"),
        (HEAD + ROW.replace('zh = "甲"\n', "").format(id="a", days=1), "zh"),
        (HEAD + 2 * ROW.format(id="a", days=1), "same id"),
        (HEAD + '[[rules]]\nen = "no id"\n', "id"),
        ('extends = "2019-01-01"', "source"),
        ("[file", "TOML"),
    ],
)
def test_a_file_without_source_or_mark_is_refused(app: Path, text: str, complaint: str) -> None:
    put(app, "2020-01-01", text)
    with pytest.raises(UnableToReadRules, match=complaint):
        load(date(2020, 1, 1))


def test_dropping_a_stranger_is_refused(app: Path) -> None:
    put(app, "2020-01-01", HEAD + ROW.format(id="a", days=1))
    put(app, "2021-01-01", HEAD + 'extends = "2020-01-01"\ndrop = ["z"]\n')
    with pytest.raises(UnableToReadRules, match="z"):
        load(date(2021, 1, 1))


def test_an_overlay_stands_on_its_national_pack() -> None:
    henan = pack("cn-41", date(2026, 5, 1))
    assert henan.parent == "cn"
    assert henan.versions["decisions/deadlines"] == (
        "deadlines-cn@2016-07-30",
        "deadlines-cn-41@2021-01-01",
    )
    before = pack("cn-41", date(2020, 12, 31))
    assert before.versions["decisions/deadlines"] == ("deadlines-cn@2016-07-30",)


def test_all_packs_are_there_and_a_stranger_is_not() -> None:
    assert {"cn", "cn-33", "cn-41", "cn-50", "eu", "uk", "us", "au", "in"} <= set(jurisdictions())
    with pytest.raises(UnableToFindPack, match="mars"):
        pack("mars", date(2026, 1, 1))


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_listed_version_exists(jurisdiction: str) -> None:
    for app, sets in pack(jurisdiction, date(2026, 11, 24)).data.get("apps", {}).items():
        for listed in sets.values():
            for version in listed["versions"]:
                assert load_version(package_of(app), listed["name"], version)
