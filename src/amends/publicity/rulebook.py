"""The rulebook in force on a day, out of the dated files of the app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

from amends.kit.packs import UnableToFindRules, load_rules, load_version, names, versions
from amends.publicity.rules.reader.grammar import Grammar, grammar_of
from amends.publicity.rules.rulebook import Rulebook, rulebook_of

_ROOM = "amends.publicity"
_GRAMMAR = ("grammar-en", "grammar-zh", "units")


@cache
def grammar() -> Grammar:
    """The newest grammar: how a text is read does not depend on the day it is held against."""
    newest = {name: load_version(_ROOM, name, versions(_ROOM, name)[-1]) for name in _GRAMMAR}
    return grammar_of({name: file.data for name, file in newest.items()})


@lru_cache(maxsize=64)
def _rulebook(on: date, advice: frozenset[str]) -> Rulebook:
    files = []
    for name in names(_ROOM):
        if name in _GRAMMAR:
            continue
        try:
            rules = load_rules(_ROOM, name, on)
        except UnableToFindRules:
            continue
        files.append((rules.version, rules.data))
    return rulebook_of(files, grammar(), advice)


def rulebook_on(on: date, advice: Iterable[str] = ()) -> Rulebook:
    """The rules that hold on a day. `advice`: codes that only advise."""
    return _rulebook(on, frozenset(advice))
