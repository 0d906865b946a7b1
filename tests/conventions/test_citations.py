"""Every source a rule file names reads in Chinese and in English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from tests.source_tree import source_files, source_path

from amends.platform.kit.citations import cited, untranslated_names

pytestmark = pytest.mark.no_database


ENGINES = ("classification", "decisions", "metering")
FILES = [
    *(path for path in source_files("*.toml") if "rules/data" in path.as_posix()),
    *sorted(path for app in ENGINES for path in source_path(f"{app}/data").glob("*.toml")),
    *(path for path in source_files("*.toml") if path.parent.name == "packs"),
]


def sources(value: Any) -> Iterator[str]:
    """Every `source` of a rule file, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "source" and isinstance(inner, str):
                yield inner
            else:
                yield from sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sources(inner)


EVERY = sorted({one for file in FILES for one in sources(tomllib.loads(file.read_text("utf-8")))})


def test_there_are_sources_to_read():
    assert len(EVERY) > 300


def test_a_source_reads_in_both_languages():
    for source in EVERY:
        left = re.findall(r"[A-Za-z]{2,}[A-Za-z.'/-]*", cited(source, "zh-hans"))
        missing = set(left) - untranslated_names()
        assert not missing, f"English in the Chinese reading, see kit/data/citations: {source}"
        assert not re.search("[\u4e00-\u9fff（）；，、]", cited(source, "en")), source


def test_what_the_table_does_not_know_stays_as_written():
    assert (
        cited("Law of the Moon", "en") == cited("Law of the Moon", "zh-hans") == "Law of the Moon"
    )
