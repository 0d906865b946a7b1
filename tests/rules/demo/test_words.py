"""People's words are their own: no phrase of length is shared with what the classifier knows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from amends_demo.rules.words.writing import CHINESE, ENGLISH, PERSONAS, Author, write_message

_LONG_CHINESE = 8
_LONG_ENGLISH_WORDS = 5


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)


def _known_phrases() -> list[str]:
    folder = files("amends.engines.classification") / "data"
    listed = [each for each in folder.iterdir() if each.name.startswith("seed-phrases")]
    assert listed
    return [
        phrase for each in listed for phrase in _strings(tomllib.loads(each.read_text("utf-8")))
    ]


def _is_long(phrase: str) -> bool:
    if re.search(r"[\u4e00-\u9fff]", phrase):
        return len(re.findall(r"[\u4e00-\u9fff]", phrase)) >= _LONG_CHINESE
    return len(phrase.split()) >= _LONG_ENGLISH_WORDS


def test_no_long_phrase_is_shared_with_the_classifier() -> None:
    phrases = [phrase.lower() for phrase in _known_phrases() if _is_long(phrase)]
    said = [
        way.lower()
        for grammars in (CHINESE, ENGLISH)
        for grammar in grammars.values()
        for way in (*grammar.what, *grammar.more, *grammar.ask)
    ]
    shared = [(phrase, way) for phrase in phrases for way in said if phrase in way]
    assert not shared


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_persona_can_say_every_matter(language: str, persona: str) -> None:
    rng = np.random.default_rng(9)
    slots = dict.fromkeys(("svc", "fee", "total", "plan", "old", "claim", "mbps", "when", "land"))
    filled = {name: f"<{name}>" for name in slots}
    for channel in ("sms", "mail", "web"):
        author = Author(
            language, persona, channel, "某某", "15400000000", "419901198803050279", "m@example.com"
        )
        for matter in CHINESE:
            text = write_message(rng, matter=matter, author=author, slots=filled)
            assert text.strip()
            assert "{" not in text
