"""What a badge or a dot shows: a word, its tone, its icon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext

from amends.people.access.web.words import chinese
from amends.record.facts.titles import TITLES

Words: TypeAlias = str | Promise


@dataclass(frozen=True, slots=True)
class Sign:
    """A word with its tone and sign: what a badge or a dot shows."""

    word: Words
    tone: str = "plain"
    icon: str = ""


def sign(signs: Mapping[str, Sign], code: str) -> Sign:
    """The sign of a code; a code nobody has named yet is shown as it is."""
    return signs.get(code) or Sign(code)


def in_words(thing: Any) -> str:
    """The `zh` or `en` of rule data, for the reader."""
    first, second = (thing.zh, thing.en) if chinese() else (thing.en, thing.zh)
    return str(first or second)


def fact_title(kind: str) -> str:
    """A kind of fact by its short title."""
    return gettext(TITLES[kind]) if kind in TITLES else kind
