"""What an audit computes of whom: each duty of the people under whose rules it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from amends.cases.audits.rules.recompute import AUDITED_TRIGGERS, Inputs, recompute
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.overlays import overlays
from amends.people.subscribers.queries import living_in
from amends.platform.kit.periods import to_ms


def owed_by_place(given: Inputs, own: DutyBook, period: tuple[datetime, datetime]) -> pl.DataFrame:
    """What was owed to each subscriber, by the rules of their place and of the day."""
    packs = overlays(own.jurisdiction)
    people = living_in(packs)
    places = [own.jurisdiction, *sorted({packs[province] for province in people.values()})]
    tasks: dict[tuple[str, ...], list[Any]] = {}
    for books, first, last in _rules_of(places, own.zone, period):
        for some, rules, triggers in _shared_out(books):
            tasks.setdefault(tuple(some), []).append((rules, triggers, to_ms(first), to_ms(last)))
    # What happened to some is chosen once for all the times they come under other rules.
    found = pl.concat(
        recompute(mine, rules, start_ms=first_ms, end_ms=last_ms, triggers=triggers)
        for some, theirs in tasks.items()
        for mine in (_among(given, some, people, packs),)
        for rules, triggers, first_ms, last_ms in theirs
    )
    # What is due again after a cut under the same key was due first before it.
    ordered = found.sort("due_at_ms", "key", maintain_order=True)
    return ordered.unique("key", keep="first", maintain_order=True)


def _shared_out(books: Sequence[DutyBook]) -> Iterator[tuple[list[str], DutyBook, frozenset[str]]]:
    """Which duties are computed of whom: of everybody (no place) what all places have in the same
    words, the others of the people of places that have these in the same words."""
    national = books[0]
    alike = AUDITED_TRIGGERS
    for one in books[1:]:
        same = (one.zone, one.currency, one.like_home) == (
            national.zone,
            national.currency,
            national.like_home,
        )
        alike = frozenset(
            trigger
            for trigger in alike
            if same and one.on_trigger([trigger]) == national.on_trigger([trigger])
        )
    if alike:
        yield [], national, alike
    rest = AUDITED_TRIGGERS - alike
    by_rules: dict[Any, list[DutyBook]] = {}
    for one in books if rest else ():
        terms = (one.on_trigger(rest), one.zone, one.currency, one.like_home)
        by_rules.setdefault(terms, []).append(one)
    yield from (([one.jurisdiction for one in some], some[0], rest) for some in by_rules.values())


def _among(
    given: Inputs, places: Sequence[str], people: Mapping[str, str], packs: Mapping[str, str]
) -> Inputs:
    """What happened to those under the rules of places; to everybody where none is named."""
    if not places or not people:
        return given
    overlaid = all(place in packs.values() for place in places)
    # Whoever lives in no province with rules of its own comes under the national ones.
    listed = [one for one, of in people.items() if (packs[of] in places) == overlaid]
    return given.among(pl.Series(listed, dtype=pl.String), inside=overlaid)


def _rules_of(
    places: Sequence[str], zone: str, period: tuple[datetime, datetime]
) -> Iterator[tuple[list[DutyBook], datetime, datetime]]:
    """The books of places, the period cut where other rules came into force in any of them:
    nothing is owed under a later rule."""
    here, (begin, end) = ZoneInfo(zone), period

    def on(day: date) -> list[DutyBook]:
        return [book(place, day) for place in places]

    rules, first = on(begin.astimezone(here).date()), begin
    day = begin
    while (day := day + timedelta(days=1)) < end:
        there = day.astimezone(here)
        known = on(there.date())
        if [one.versions for one in known] != [rule.versions for rule in rules]:
            cut = datetime.combine(there.date(), time(), tzinfo=here).astimezone(UTC)
            yield rules, first, cut
            rules, first = known, cut
    yield rules, first, end
