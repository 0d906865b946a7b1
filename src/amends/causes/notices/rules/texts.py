"""Templates of notices: a text per duty and step, its figures filled in, Chinese or English.

A text is a row of sentences; one with `when` is written only if that figure is given. What a duty
must say are elements: figures, or fixed phrases in `rules/data/elements@….toml`. A text
whose sentences do not name every mandatory element does not pass `check`, and one whose figure is
missing is not written at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import Any

from amends.engines.duties.duty import Duty, DutyStep
from amends.engines.duties.reading import RuleEntry
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.formats import format_date, format_moment, format_money, is_chinese, local
from amends.platform.kit.packs import load_rules

_PACKAGE = "amends.causes.notices"
Figures = Mapping[str, str | int]


class UnableToWriteNotice(BadInput):
    """A text lacks what it must say, or there is no such text."""

    code = "notice_incomplete"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in both languages, and the figures it needs."""

    zh: str
    en: str
    when: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its subject, its sentences, what it says whatever the figures are."""

    id: str
    zh: str
    en: str
    sentences: tuple[Sentence, ...]

    @property
    def required_fields(self) -> frozenset[str]:
        """The elements of the sentences that are always written."""
        return frozenset().union(
            *(sentence.fields for sentence in self.sentences if not sentence.when)
        )


@dataclass(frozen=True, slots=True)
class NoticeElement:
    """Something a notice says: its name, its phrase, words for its values.

    values  a figure that is a code → what it reads as
    sample  what the preview shows
    """

    id: str
    zh: str
    en: str
    phrase: tuple[str, str] | None
    values: Mapping[str, tuple[str, str]]
    sample: Figures


@dataclass(frozen=True, slots=True)
class NoticeText:
    """All texts and elements of a day."""

    version: str
    texts: Mapping[str, Text]
    elements: Mapping[str, NoticeElement]


@dataclass(frozen=True, slots=True)
class WrittenNotice:
    """A notice ready to be sent; `version` names the words it was written from."""

    subject: str
    body: str
    language: str
    version: str


@lru_cache(maxsize=64)
def words(on: date) -> NoticeText:
    """The texts and elements in force on a day."""
    file, named = load_rules(_PACKAGE, "texts", on), load_rules(_PACKAGE, "elements", on)
    texts = [_text(row, file.version) for row in file.data["texts"]]
    elements = [_element(row, named.version) for row in named.data["elements"]]
    return NoticeText(
        file.version,
        {text.id: text for text in texts},
        {element.id: element for element in elements},
    )


def check(duty: Duty, notice_text: NoticeText) -> None:
    """Refuse a duty whose text does not exist, or does not say all it must, in both languages."""
    for step in duty.steps if duty.met_by == "notice" else ():
        text = notice_text.texts.get(step.text)
        if text is None:
            raise _refused(
                gettext_noop("%(duty)s, step %(step)s: there is no text %(text)s."),
                step.text,
                duty=duty.id,
                step=step.id,
                text=step.text,
            )
        if unknown := sorted(set(step.must_say) - notice_text.elements.keys()):
            raise _refused(
                gettext_noop("%(duty)s: there is no wording for %(where)s."),
                unknown[0],
                duty=duty.id,
            )
        if missing := sorted(set(step.must_say) - text.required_fields):
            raise _refused(
                gettext_noop("The text %(text)s of %(duty)s does not say %(missing)s."),
                missing[0],
                text=text.id,
                duty=duty.id,
                missing=", ".join(missing),
            )


def write(
    duty: Duty,
    step: DutyStep,
    figures: Figures,
    *,
    language: str,
    zone: str,
    currency: str,
    notice_text: NoticeText,
) -> WrittenNotice:
    """Write the notice of a step; UnableToWriteNotice names what is missing.

    figures   see `filled`; language is that of the reader, what is not Chinese reads English
    zone      of the reader, for days and times
    currency  of amounts whose figures name none
    """
    check(duty, notice_text)
    language_key = "zh" if is_chinese(language) else "en"
    text = notice_text.texts[step.text]
    values = filled(
        figures, language=language_key, zone=zone, currency=currency, notice_text=notice_text
    )
    sentences = [
        sentence for sentence in text.sentences if not sentence.when or values.get(sentence.when)
    ]
    needed = frozenset(step.must_say).union(*(sentence.fields for sentence in sentences))
    if missing := sorted(name for name in needed if not values.get(name, "").strip()):
        raise _refused(
            gettext_noop("The notice %(duty)s lacks %(missing)s."),
            missing[0],
            duty=duty.id,
            missing=", ".join(missing),
        )
    joined = ("" if language_key == "zh" else " ").join(
        getattr(sentence, language_key).format_map(values) for sentence in sentences
    )
    return WrittenNotice(
        subject=getattr(text, language_key),
        body=joined,
        language=language_key,
        version=notice_text.version,
    )


def filled(
    figures: Figures, *, language: str, zone: str, currency: str, notice_text: NoticeText
) -> dict[str, str]:
    """Every element that can be said, in the reader's words.

    A figure's name ends in its unit: `_minor` money, `_mb`, `_min` and `_count` an amount, `day_ms`
    a day, `_ms` a moment; `offer_zh` and `offer_en` are texts in one language; anything else is a
    text, or a code that its element has words for.

    >>> known = words(date(2026, 11, 24))
    >>> said = filled({"used_mb": 8192, "counter": "data"}, language="en", zone="Asia/Shanghai",
    ...               currency="CNY", notice_text=known)
    >>> said["used"], said["counter"]
    ('8 GB', 'data')
    """
    at = 0 if language == "zh" else 1
    values = {
        element.id: element.phrase[at]
        for element in notice_text.elements.values()
        if element.phrase
    }
    money = str(figures.get("currency", currency))
    texts_by_stem: dict[str, str] = {}
    for name, value in figures.items():
        stem, formatted = _formatted(name, value, language, zone, money)
        element = notice_text.elements.get(stem)
        if element is not None and formatted in element.values:
            formatted = element.values[formatted][at]
        if stem:
            texts_by_stem[stem] = formatted
    return _completed(values, texts_by_stem)


def _completed(phrases: dict[str, str], texts_by_stem: dict[str, str]) -> dict[str, str]:
    """What is given, and the phrases with their own figures filled in, "" where one is missing.

    Only the phrases are read as patterns: a figure that holds a brace is a text like any other.
    """
    filled_in = {
        name: phrase.format_map(texts_by_stem) if _fields(phrase) <= texts_by_stem.keys() else ""
        for name, phrase in phrases.items()
    }
    return filled_in | texts_by_stem


def _fields(phrase: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(phrase) if name is not None)


def _formatted(
    name: str, value: str | int, language: str, zone: str, money: str
) -> tuple[str, str]:
    """The element a figure belongs to, and its words; ("", "") for the other language's text."""
    stem, _, unit = name.rpartition("_")
    if unit in {"zh", "en"} and stem:
        return (stem, str(value)) if unit == language else ("", "")
    if isinstance(value, str) or not stem:
        return name, str(value)
    if unit == "minor":
        return stem, format_money(value, money)
    if unit == "ms" and stem.endswith("_day"):
        return stem.removesuffix("_day"), format_date(local(value, zone), language, zone)
    if unit == "ms":
        return stem, format_moment(value, language, zone)
    if unit in _AMOUNTS:
        return stem, _AMOUNTS[unit](value, language)
    return name, str(value)


def _mb(amount: int, _language: str) -> str:
    if amount >= 1024:
        return f"{amount / 1024:.1f}".removesuffix(".0") + " GB"
    return f"{amount} MB"


def _minutes(amount: int, language: str) -> str:
    return f"{amount}分钟" if language == "zh" else f"{amount} min"


def _pieces(amount: int, language: str) -> str:
    return f"{amount}条" if language == "zh" else str(amount)


_AMOUNTS: Mapping[str, Callable[[int, str], str]] = {"mb": _mb, "min": _minutes, "count": _pieces}


def _refused(what: str, where: str, **values: str) -> UnableToWriteNotice:
    return UnableToWriteNotice(
        what,
        meaning=gettext_noop("It was not written, so nothing was sent."),
        next_step=gettext_noop("Say %(where)s in the text, or give its figure."),
        where=where,
        values={"where": where, **values},
    )


def _text(row: Mapping[str, Any], where: str) -> Text:
    entry = RuleEntry(row, f"text {row['id']}", where)
    entry.only({"id", "since", "zh", "en", "source", "verified", "sentences"})
    sentences = tuple(_sentence(sentence, entry) for sentence in row.get("sentences", []))
    if not sentences:
        raise entry.refused(
            gettext_noop("it has no sentences."), gettext_noop("Write at least one.")
        )
    return Text(id=entry.text("id"), zh=entry.text("zh"), en=entry.text("en"), sentences=sentences)


def _sentence(row: Mapping[str, Any], text: RuleEntry) -> Sentence:
    entry = RuleEntry(row, text.title, text.where)
    entry.only({"zh", "en", "when"})
    zh, en = entry.text("zh"), entry.text("en")
    fields = [_fields(phrase) for phrase in (zh, en)]
    if fields[0] != fields[1]:
        odd = ", ".join(sorted(fields[0] ^ fields[1]))
        raise entry.refused(
            gettext_noop("only one language says %(odd)s."),
            gettext_noop("Say it in both."),
            odd=odd,
        )
    return Sentence(zh=zh, en=en, when=entry.text("when", default=""), fields=fields[0])


def _element(row: Mapping[str, Any], where: str) -> NoticeElement:
    entry = RuleEntry(row, f"element {row['id']}", where)
    entry.only(
        {
            "id",
            "since",
            "zh",
            "en",
            "source",
            "verified",
            "phrase_zh",
            "phrase_en",
            "values",
            "sample",
        }
    )
    phrase = None
    if "phrase_zh" in row or "phrase_en" in row:
        phrase = (entry.text("phrase_zh"), entry.text("phrase_en"))
    values = {code: (zh, en) for code, (zh, en) in row.get("values", {}).items()}
    if phrase is None and not row.get("sample"):
        raise entry.refused(
            gettext_noop("it has no sample for the preview."), gettext_noop("Give sample figures.")
        )
    return NoticeElement(
        id=entry.text("id"),
        zh=entry.text("zh"),
        en=entry.text("en"),
        phrase=phrase,
        values=values,
        sample=row.get("sample", {}),
    )


def sample_figures(step: DutyStep, notice_text: NoticeText) -> dict[str, str | int]:
    """Invented figures for the preview of a step: those of everything its text may say."""
    text = notice_text.texts[step.text]
    names = frozenset(step.must_say).union(*(sentence.fields for sentence in text.sentences))
    samples: dict[str, str | int] = {}
    for name in sorted(names & notice_text.elements.keys()):
        samples |= notice_text.elements[name].sample
    return samples
