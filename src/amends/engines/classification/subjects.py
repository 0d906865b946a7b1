"""The subject of a complaint, chat or report: services, areas, tests and orders in its text.

A subject is recognised once, by the names of the catalogue and the forms of references, is picked
or removed by a person afterwards, and is then carried through every form as `kind:ref`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class SubjectKind(StrEnum):
    """Kinds of subjects; the reference of a service is its offer."""

    SERVICE = "service"
    NUMBER = "number"
    ADDRESS = "address"
    AREA = "area"
    TEST = "test"
    ORDER = "order"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, order=True)
class ComplaintSubject:
    """One thing a person means: its kind and its reference in Amends."""

    kind: SubjectKind
    ref: str

    @property
    def key(self) -> str:
        """As forms and addresses carry it.

        >>> ComplaintSubject(SubjectKind.SERVICE, "ring-star").key
        'service:ring-star'
        """
        return f"{self.kind}:{self.ref}"


def subject_of(key: str) -> ComplaintSubject | None:
    """The subject of a key; None where it is none.

    >>> subject_of("area:area-5002")
    ComplaintSubject(kind=<SubjectKind.AREA: 'area'>, ref='area-5002')
    >>> subject_of("nonsense") is None
    True
    """
    kind, _, ref = key.partition(":")
    if kind not in _KINDS or not ref or len(ref) > _LONGEST_REF:
        return None
    return ComplaintSubject(SubjectKind(kind), ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedSubject:
    """A subject that a person picked, with its name in both languages."""

    subject: ComplaintSubject
    name_zh: str
    name_en: str

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return self.name_zh

    @property
    def en(self) -> str:
        """Its name in English."""
        return self.name_en


@dataclass(frozen=True, slots=True)
class SubjectName:
    """A name by which people call a subject."""

    name: str
    subject: ComplaintSubject


@dataclass(frozen=True, slots=True)
class RecognisedSubject:
    """A subject in a text; `confidence` is 0-1."""

    subject: ComplaintSubject
    name: str
    confidence: float


_KINDS = frozenset(kind.value for kind in SubjectKind)
_LONGEST_REF = 64
_EXACT, _AMBIGUOUS = 1.0, 0.5
_SHORTEST_CHINESE, _SHORTEST_LATIN = 2, 4


def recognise(text: str, names: Sequence[SubjectName]) -> list[RecognisedSubject]:
    """The subjects in a text, in order of appearance, each once.

    The longest name wins where names overlap. Case, width and spaces do not matter. A name that
    several subjects have is recognised as all of them, with half the confidence.

    >>> ring = ComplaintSubject(SubjectKind.SERVICE, "ring-star")
    >>> names = [SubjectName("星声彩铃", ring), SubjectName("Star Ringtone", ring)]
    >>> [each.subject.ref for each in recognise("我没订过“星声 彩铃”", names)]
    ['ring-star']
    >>> recognise("starring tones", names)
    []
    """
    pattern, subjects_by_name = _compiled(tuple(names))
    recognised: dict[ComplaintSubject, RecognisedSubject] = {}
    if pattern is not None:
        for match in pattern.finditer(_plain(text)):
            subjects = subjects_by_name[_without_spaces(match[0])]
            confidence = _EXACT if len(subjects) == 1 else _AMBIGUOUS
            for subject in subjects:
                recognised.setdefault(
                    subject, RecognisedSubject(subject, match[0].strip(), confidence)
                )
    return list(recognised.values())


@lru_cache(maxsize=8)
def _compiled(
    names: tuple[SubjectName, ...],
) -> tuple[re.Pattern[str] | None, dict[str, tuple[ComplaintSubject, ...]]]:
    """One pattern of all names, the longest first, and the subjects of each name."""
    subjects_by_name: dict[str, dict[ComplaintSubject, None]] = {}
    patterns: dict[str, str] = {}
    for entry in names:
        plain_name = _plain(entry.name).strip()
        key = _without_spaces(plain_name)
        if len(key) < (_SHORTEST_LATIN if key.isascii() else _SHORTEST_CHINESE):
            continue
        subjects_by_name.setdefault(key, {})[entry.subject] = None
        patterns[key] = _pattern(plain_name)
    if not patterns:
        return None, {}
    longest_first = [patterns[key] for key in sorted(patterns, key=lambda key: (-len(key), key))]
    subjects = {key: tuple(entries) for key, entries in subjects_by_name.items()}
    return re.compile("|".join(longest_first)), subjects


def _pattern(name: str) -> str:
    """A name with any white space between its parts, and not inside a longer word."""
    if name.isascii():
        body = r"\s*".join(re.escape(part) for part in name.split())
    else:
        body = r"\s*".join(re.escape(character) for character in name if not character.isspace())
    before = r"(?<![0-9a-z])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![0-9a-z])" if name[-1].isascii() and name[-1].isalnum() else ""
    return f"{before}{body}{after}"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _without_spaces(text: str) -> str:
    return "".join(text.split())
