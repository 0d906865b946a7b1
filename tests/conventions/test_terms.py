"""Texts that people read use the terms of `docs/terms.tsv`.

Earlier texts that do not are listed, by text, in `terms_left.txt`: the list only shrinks.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.conventions.test_translations import CATALOGUES, entries
from tests.source_tree import source_files

pytestmark = pytest.mark.no_database

TERMS = Path(__file__).parents[2] / "docs" / "terms.tsv"
LEFT = Path(__file__).parent / "terms_left.txt"


class Text(NamedTuple):
    where: str
    """`pages` (a catalogue: pages, commands, templates) or `data` (a TOML file)."""
    chinese: bool
    text: str


def _of_toml(node: object, key: str = "") -> Iterator[Text]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _of_toml(value, name)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, dict):
                yield from _of_toml(value)
    elif isinstance(node, str) and re.search(r"(?:^|_)(?:en|zh)$", key):
        yield Text("data", key.endswith("zh"), node)


def _texts() -> Iterator[Text]:
    for path in CATALOGUES:
        for fields, _ in entries(path):
            for name, text in fields.items():
                if name != "msgctxt" and fields.get("msgid"):
                    yield Text("pages", name.startswith("msgstr"), text)
    for path in source_files("*.toml"):
        yield from _of_toml(tomllib.loads(path.read_text(encoding="utf-8")))


def _refused() -> tuple[dict[bool, re.Pattern[str]], dict[bool, re.Pattern[str]]]:
    """What no text may use, and what no text of a page may use, by whether it is Chinese."""
    parts: dict[tuple[str, bool], list[str]] = {}
    with TERMS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            english = [rf"\b(?:{one})\b" for one in row["not_english"].split(";") if one]
            chinese = [one for one in row["not_chinese"].split(";") if one]
            parts.setdefault((row["where"], False), []).extend(english)
            parts.setdefault((row["where"], True), []).extend(chinese)
    everywhere, pages = (
        {
            is_chinese: re.compile("|".join(parts[where, is_chinese]), re.IGNORECASE)
            for is_chinese in (False, True)
        }
        for where in ("all", "pages")
    )
    return everywhere, pages


def _outside_the_table() -> set[str]:
    everywhere, pages = _refused()
    return {
        text.text
        for text in _texts()
        if everywhere[text.chinese].search(text.text)
        or (text.where == "pages" and pages[text.chinese].search(text.text))
    }


def test_texts_use_the_terms_of_the_table() -> None:
    left = {json.loads(line) for line in LEFT.read_text(encoding="utf-8").splitlines()}
    found = _outside_the_table()
    assert not found - left, "use the term of docs/terms.tsv"
    assert not left - found, "take what was corrected off terms_left.txt"


def test_the_check_finds_what_it_refuses() -> None:
    everywhere, pages = _refused()
    assert everywhere[False].search("Send it by E-mail.")
    assert everywhere[True].search("显示掩码的号码")
    assert pages[False].search("No clock runs.")
    assert not everywhere[False].search("Send it by email.")
    assert not pages[True].search("客户编号")
