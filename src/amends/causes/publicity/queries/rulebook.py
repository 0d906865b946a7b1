"""The rulebook in force on a day, out of the dated files of the app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from amends.causes.publicity.rules.reader.grammar import Grammar, grammar_of
from amends.causes.publicity.rules.rulebook import Rulebook, rulebook_of
from amends.platform.kit.packs import UnableToFindRules, load_rules, load_version, names, versions

_PACKAGE = "amends.causes.publicity"
_GRAMMAR = ("grammar-en", "grammar-zh", "units")
_READING = (*_GRAMMAR, "wording")
"""How a text is read does not depend on the day it is held against: the newest version holds."""


def _newest(name: str) -> Mapping[str, Any]:
    return load_version(_PACKAGE, name, versions(_PACKAGE, name)[-1]).data


@cache
def grammar() -> Grammar:
    """The words and units that the reader knows."""
    return grammar_of({name: _newest(name) for name in _GRAMMAR})


@lru_cache(maxsize=64)
def _rulebook(on: date, advice: frozenset[str]) -> Rulebook:
    files = []
    for name in names(_PACKAGE):
        if name in _READING:
            continue
        try:
            rules = load_rules(_PACKAGE, name, on)
        except UnableToFindRules:
            continue
        files.append((rules.version, rules.data))
    return rulebook_of(files, grammar(), _newest("wording"), advice)


def rulebook_on(on: date, advice: Iterable[str] = ()) -> Rulebook:
    """The rules that hold on a day. `advice`: codes that only advise."""
    return _rulebook(on, frozenset(advice))
