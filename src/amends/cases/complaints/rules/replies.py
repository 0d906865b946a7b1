"""Templates of letters to the complainant: findings, decision, money and dates, next steps.

The words are dated data in both languages. A template is a row of parts; a part with `when` is
written only if that field is given, one with `unless` only if it is not. No letter leaves with an
empty field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import Any

from amends.engines.decisions.evidence import Matter
from amends.engines.decisions.rulings.book import book
from amends.engines.decisions.rulings.model import PERSON, ProposedDecision
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.formats import format_date, format_money, is_chinese, local
from amends.platform.kit.packs import load_rules

_TEMPLATES_OF = date(2016, 7, 30)
# A line to write on, a name in braces, brackets with nothing between them.
_GAP = re.compile(r"_{3,}|＿{2,}|\{\s*[A-Za-z_]*\s*\}|【\s*】|（\s*）")


class UnableToWriteReply(BadInput):
    """A field the letter needs is missing or empty, or there is no such letter."""

    code = "reply_incomplete"


@dataclass(frozen=True, slots=True)
class Reply:
    """A letter ready to be read over and sent; `version` names the words it was written from."""

    kind: str
    language: str
    subject: str
    body: str
    version: str

    def as_dict(self) -> dict[str, str]:
        """The letter as JSON takes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> Reply:
        """Read what `as_dict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    when: str
    unless: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    subject: _Part
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Templates:
    version: str
    letters: Mapping[tuple[str, str], _Letter]
    phrases: Mapping[tuple[str, str], str]
    openings: Mapping[tuple[str, str, str], str]


def kinds(on: date = _TEMPLATES_OF) -> tuple[str, ...]:
    """The kinds of letters there are.

    >>> "deadlock" in kinds()
    True
    """
    return tuple(sorted({kind for kind, _ in _templates(on).letters}))


def reply(
    kind: str, language: str, fields: Mapping[str, str], *, on: date = _TEMPLATES_OF
) -> Reply:
    """Write a letter.

    kind      `acknowledgement`, `ask_for_words`, `upheld`, … (see `kinds`); a verdict may name the
              group of the complaint after a point, `upheld.billing`, for its opening words
    language  of the reader; what is not Chinese is written in English
    fields    what fills the letter, in the reader's form (`decision_fields` makes them)
    on        the day whose words are used

    Raises UnableToWriteReply naming the field that is missing or empty.

    >>> fields = {"tracking": "ABCD-EFGH-JKMN", "matter": "your complaint of 4 May 2026"}
    >>> letter = reply("withdrawn", "en", fields | {"follow": "https://example.org/follow/"})
    >>> letter.subject
    'Your complaint ABCD-EFGH-JKMN is closed as you asked'
    """
    language_key = "zh" if is_chinese(language) else "en"
    templates = _templates(on)
    head, _, group = kind.partition(".")
    letter = templates.letters.get((head, language_key))
    if letter is None:
        raise UnableToWriteReply(
            gettext_noop("There is no letter called %(kind)s."),
            next_step=gettext_noop("Choose one of %(known)s."),
            values={"kind": kind, "known": ", ".join(kinds(on))},
        )
    values = dict(fields)
    opening = templates.openings.get((head, group or "other", language_key))
    if opening is not None:
        values.setdefault("opening", opening)
    parts = [part for part in letter.parts if _is_written(part, values)]
    body = "\n\n".join(_filled(part, values, kind) for part in parts)
    return Reply(
        kind=kind,
        language=language_key,
        subject=_filled(letter.subject, values, kind),
        body=body,
        version=templates.version,
    )


def name_complaint(language: str, *, received: str, topic: str, on: date = _TEMPLATES_OF) -> str:
    """The complaint as a letter names it: by its day and, where it is known, its subject.

    >>> name_complaint("en", received="5 Jun 2026", topic="Slow network")
    'your complaint of 5 Jun 2026 about “Slow network”'
    """
    name = "matter.about" if topic else "matter.plain"
    return _phrase(name, language, on).format(received=received, topic=topic)


def name_hotline(language: str, *, hotline: str, hours: str, on: date = _TEMPLATES_OF) -> str:
    """Where a person answers questions, as a letter says it.

    >>> name_hotline("en", hotline="+86 10 5555 0100", hours="every day, 8:00-22:00")
    '+86 10 5555 0100 (every day, 8:00-22:00)'
    """
    name = "contact.hotline_hours" if hours else "contact.hotline"
    return _phrase(name, language, on).format(hotline=hotline, hours=hours)


def _phrase(name: str, language: str, on: date) -> str:
    return _templates(on).phrases[name, "zh" if is_chinese(language) else "en"]


def _is_written(part: _Part, values: Mapping[str, str]) -> bool:
    return (not part.when or part.when in values) and part.unless not in values


def _filled(part: _Part, values: Mapping[str, str], kind: str) -> str:
    for name in part.fields:
        if not str(values.get(name, "")).strip():
            raise UnableToWriteReply(
                gettext_noop("The letter %(letter)s lacks %(field)s."),
                meaning=gettext_noop("It was not written, so nothing was sent."),
                next_step=gettext_noop("Give %(field)s, or choose another letter."),
                where=name,
                values={"letter": kind, "field": name},
            )
    filled_text = part.text.format_map(values)
    return filled_text[:1].upper() + filled_text[1:]


def gap_in(text: str) -> str:
    """The first place in a letter somebody wrote that is still to be filled in; "" for none.

    >>> gap_in("退还____元，{paid_by}之前到账")
    '____'
    >>> gap_in("退还30.00元，2026年12月13日之前到账")
    ''
    """
    gap_match = _GAP.search(text)
    return gap_match[0] if gap_match else ""


def reply_kind(decision: ProposedDecision, matter: Matter) -> str:
    """The letter of this decision: verdict and group, e.g. `not_upheld.value_added`."""
    day = local(matter.received_at, matter.zone).date()
    group = book(matter.place, day).class_of(decision.answers or matter.code).group
    if decision.verdict == PERSON:
        asks_for_words = decision.why_person == "ask_for_words"
        return "ask_for_words" if asks_for_words else f"{PERSON}.{group}"
    # Another cause than the one complained of: words about the complaint would not fit.
    return f"{decision.verdict}.{'other' if decision.followed else group}"


def decision_fields(
    decision: ProposedDecision,
    matter: Matter,
    *,
    language: str,
    tracking: str,
    paid_by: date | None = None,
    accept_by: date | None = None,
) -> dict[str, str]:
    """The fields of a letter about a decision; what is not given leaves its part out.

    paid_by    the day by which money is back, needed where there is money
    accept_by  the day until which a proposal is open
    """
    fields = {
        "tracking": tracking,
        "received": format_date(matter.received_at, language, matter.zone),
    }
    if decision.reasons:
        fields["found"] = _as_lines([reason.text(language) for reason in decision.reasons])
    rules = {r.rule: r.rule_text(language) for r in decision.reasons if r.rule}
    if rules:
        fields["rules"] = _as_lines(list(rules.values()))
    if decision.remedies:
        fields["remedies"] = _as_lines([each.text(language) for each in decision.remedies])
    if decision.amount_minor:
        fields["amount"] = format_money(decision.amount_minor, decision.currency)
        fields["paid_by"] = "" if paid_by is None else format_date(paid_by, language)
    if decision.also:
        also = [zh if is_chinese(language) else en for zh, en in decision.also]
        fields["also"] = _as_lines(also)
    if accept_by is not None:
        fields["accept_by"] = format_date(accept_by, language)
    return fields


def _as_lines(texts: list[str]) -> str:
    return "\n".join(f"· {text[:1].upper()}{text[1:]}" for text in dict.fromkeys(texts))


@lru_cache(maxsize=16)
def _templates(on: date) -> _Templates:
    file = load_rules("amends.cases.complaints", "replies", on)
    letters: dict[tuple[str, str], _Letter] = {}
    for kind, row in file.data["letters"].items():
        rows = list(row["parts"])
        for shared in ("appeal", "closing"):
            rows += file.data[shared]["parts"] if row.get(shared, True) else []
        for language_key in ("zh", "en"):
            subject = _part(row["subject"], language_key)
            parts = tuple(_part(part, language_key) for part in rows)
            letters[kind, language_key] = _Letter(subject, parts)
    phrases = {
        (f"{table}.{name}", language_key): row[language_key]
        for table in ("matter", "contact")
        for name, row in file.data[table].items()
        for language_key in ("zh", "en")
    }
    openings = {
        (verdict, group, language_key): row[language_key]
        for verdict, groups in file.data["openings"].items()
        for group, row in groups.items()
        for language_key in ("zh", "en")
    }
    return _Templates(version=file.version, letters=letters, phrases=phrases, openings=openings)


def _part(row: Mapping[str, Any], language_key: str) -> _Part:
    text = str(row[language_key])
    fields = tuple(name for _, name, _, _ in Formatter().parse(text) if name)
    return _Part(
        text=text, when=str(row.get("when", "")), unless=str(row.get("unless", "")), fields=fields
    )
