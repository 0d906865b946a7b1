"""What the shipped model was trained on: titles the shared data hold cannot be read off it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from training.__main__ import HERE, TEXTS_PER_CODE, write_texts
from training.grammar import Grammar, _parse, read_grammar
from training.overlaps import FEWEST_WORDS, bare_words, read_off, written

from amends.engines.classification.classify import shipped_phrases

PHRASES = HERE.parent / "src/amends/engines/classification/data/seed-phrases@2026-11-29.toml"


def titles(shared: Path) -> list[str]:
    """Every title of the shared data, labelled or not."""
    folder = shared / "data/comcast_titles"
    found = set()
    for name, column in (
        ("comcast_dev.csv", "title"),
        ("labels_dev.csv", "text"),
        ("labels_dev_enriched.csv", "text"),
    ):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            found |= {row[column] for row in csv.DictReader(file)}
    return sorted(found)


def grammar(*lines: str, **slots: list[str]) -> Grammar:
    """A grammar of one section."""
    made = Grammar(language="en")
    made.sections["a.code"] = [_parse(line) for line in lines]
    made.slots = {name: [_parse(option) for option in options] for name, options in slots.items()}
    return made


def how(title: str, *lines: str, **slots: list[str]) -> list[str]:
    """How a title overlaps with templates."""
    return [found.how for found in read_off([title], grammar(*lines, **slots))]


def test_a_title_a_template_can_say_is_found() -> None:
    template = "{op} [lost|broke] my [cap|plug][s|] {when}"
    slots = {"op": ["Acme"], "when": ["in May", "today"]}
    assert how("Comcast lost my caps, today!", template, **slots) == ["whole"]
    assert how("Comcast lost my capes today", template, **slots) == []
    assert how("they lost my old caps in May", "they " + template, **slots) == ["but a word"]
    assert how("why have they lost my caps in May again", "now they " + template, **slots) == [
        "five words"
    ]
    assert how("lost caps", "lost caps") == []


def test_what_was_written_is_found_with_its_near_copies() -> None:
    texts = ["The lost caps of May are gone"]
    assert [found.how for found in written(["the lost caps of may are gone!"], texts)] == [
        "written"
    ]
    assert [found.how for found in written(["The lost cap of May are gone"], texts)] == [
        "written nearly"
    ]
    assert not list(written(["The caps were found in June"], texts))


@pytest.mark.shared
def test_no_shared_title_can_be_read_off_a_template(shared: Path) -> None:
    found = list(read_off(titles(shared), read_grammar(HERE / "texts" / "en")))
    assert found == []


@pytest.mark.shared
def test_no_text_written_for_training_is_a_shared_title(shared: Path) -> None:
    texts = [text.text for text in write_texts(per_code=TEXTS_PER_CODE, languages=("en",))]
    assert len(texts) > 40_000
    assert list(written(titles(shared), texts)) == []


@pytest.mark.shared
def test_no_phrase_of_three_words_is_a_shared_title(shared: Path) -> None:
    import tomllib

    whole = {tuple(bare_words(title)) for title in titles(shared)}
    phrases = [
        tuple(bare_words(phrase.removesuffix("*")))
        for concept in tomllib.loads(PHRASES.read_text(encoding="utf-8"))["concept"]
        for phrase in concept.get("en", ())
    ]
    assert shipped_phrases()
    assert [words for words in phrases if len(words) >= FEWEST_WORDS and words in whole] == []
