"""The rulebook in force on a day, out of the dated files of the app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from amends.kit.packs import UnableToFindRules, load_rules, names
from amends.publicity.rules.rulebook import Rulebook, rulebook_of

_ROOM = "amends.publicity"


@lru_cache(maxsize=64)
def _rulebook(on: date, advice: frozenset[str]) -> Rulebook:
    files = []
    for name in names(_ROOM):
        try:
            rules = load_rules(_ROOM, name, on)
        except UnableToFindRules:
            continue
        files.append((rules.version, rules.data))
    return rulebook_of(files, advice)


def rulebook_on(on: date, advice: Iterable[str] = ()) -> Rulebook:
    """The rules that hold on a day. `advice`: codes that only advise."""
    return _rulebook(on, frozenset(advice))
