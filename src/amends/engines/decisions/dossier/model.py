"""The dossier: what the facts say to each question, and what they do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import orjson

from amends.platform.kit.formats import is_chinese

Answer = Literal["yes", "no", "nothing_found", "not_covered", "not_applicable"]
Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer.

    question       id of the question; `asked_zh`, `asked_en` its words
    about          what this row answers for: a service, an area, a notice, a case; or ""
    answer         `nothing_found`: records are complete and hold nothing; `not_covered`: they are
                   not known to be complete, so their silence says nothing
    zh, en         the fact in a sentence, with its time or amount
    source         the system that stated it, or that was silent
    facts          ids of the facts behind the answer, for *prove*
    start_ms, end_ms   the time the answer speaks for, milliseconds UTC
    gap_zh, gap_en     for `not_covered`: what is missing
    coverage       ids of the statements of coverage the answer rests on
    conflicting    facts contradict each other; a person must weigh them
    unruled        the facts are plain, and no rule says what they mean; a person must judge
    technology     the access technology of the lines the row speaks of; "" where it is not on file
    open_why       why a person must judge it whatever the answer, as decisions name it, or ""
    service        the service of a notice; "" where `about` says it, and in dossiers of before
    """

    question: str
    about: str
    answer: Answer
    zh: str
    en: str
    source: str
    facts: tuple[str, ...] = ()
    start_ms: int = 0
    end_ms: int = 0
    gap_zh: str = ""
    gap_en: str = ""
    conflicting: bool = False
    asked_zh: str = ""
    asked_en: str = ""
    coverage: tuple[str, ...] = ()
    unruled: bool = False
    technology: str = ""
    open_why: str = ""
    service: str = ""

    def text(self, language: str) -> str:
        """The sentence in the reader's language."""
        return self.zh if is_chinese(language) else self.en

    def asked(self, language: str) -> str:
        """The question in the reader's language."""
        return self.asked_zh if is_chinese(language) else self.asked_en

    def gap(self, language: str) -> str:
        """What is missing, in the reader's language; "" where nothing is."""
        return self.gap_zh if is_chinese(language) else self.gap_en


@dataclass(frozen=True, slots=True)
class ChargeGround:
    """How much of one charge the facts do not support, and why.

    ground          id of the ground, e.g. `unconfirmed`
    about           as in the row the ground rests on
    event_at_ms     what the rule of the day looks at: the activation, the notice due, …
    excess_minor    the part of the charge not supported; `refunded_minor` was paid back already
    zh, en          what was charged for, in words
    offer           the offer it was charged for; "" in dossiers of earlier versions
    """

    ground: str
    question: str
    about: str
    service: str
    charge: str
    charged_at_ms: int
    event_at_ms: int
    amount_minor: int
    excess_minor: int
    refunded_minor: int
    currency: str
    facts: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class StripMark:
    """Something at a moment, or from a moment to another, on a lane of the strip."""

    at_ms: int
    end_ms: int
    kind: str
    zh: str
    en: str
    fact: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the strip; `gaps` are the stretches its source does not cover."""

    lane: str
    zh: str
    en: str
    marks: tuple[StripMark, ...] = ()
    gaps: Stretches = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """The period in question on one axis of time."""

    start_ms: int
    end_ms: int
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A service of the complainant in words.

    earlier  the offers it had before a change of offer
    """

    service: str
    offer: str
    kind: str
    zh: str
    en: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a decision rests on; `version` names the set of questions.

    record  what else was read before a rule rejects alone: the other questions (`rejections.py`)
    """

    code: str
    code2: str
    version: str
    rows: tuple[Row, ...]
    grounds: tuple[ChargeGround, ...] = ()
    services: tuple[ServiceName, ...] = ()
    strip: Strip | None = None
    record: Dossier | None = None

    def of(self, question: str) -> tuple[Row, ...]:
        """The rows that answer one question."""
        return tuple(row for row in self.rows if row.question == question)

    def as_dict(self) -> dict[str, Any]:
        """The dossier as JSON takes it."""
        document: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Dossier:
        """Read what `as_dict` wrote."""
        strip, record = data.get("strip"), data.get("record")
        return cls(
            code=data["code"],
            code2=data["code2"],
            version=data["version"],
            rows=tuple(Row(**_tuples(Row, row)) for row in data["rows"]),
            grounds=tuple(ChargeGround(**_tuples(ChargeGround, row)) for row in data["grounds"]),
            services=tuple(ServiceName(**_tuples(ServiceName, row)) for row in data["services"]),
            strip=None if strip is None else _strip(strip),
            record=None if record is None else cls.from_dict(record),
        )


def _tuples(shape: type, data: Mapping[str, Any]) -> dict[str, Any]:
    values = {each.name: data[each.name] for each in fields(shape) if each.name in data}
    return values | {name: tuple(values[name]) for name in _TUPLES if name in values}


_TUPLES = ("facts", "coverage", "earlier")


def _strip(data: Mapping[str, Any]) -> Strip:
    lanes = tuple(
        Lane(
            lane=lane["lane"],
            zh=lane["zh"],
            en=lane["en"],
            marks=tuple(StripMark(**mark) for mark in lane["marks"]),
            gaps=tuple((int(start), int(end)) for start, end in lane["gaps"]),
        )
        for lane in data["lanes"]
    )
    return Strip(data["start_ms"], data["end_ms"], lanes)
