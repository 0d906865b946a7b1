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


def owed_by_place(inputs: Inputs, own: DutyBook, period: tuple[datetime, datetime]) -> pl.DataFrame:
    """What was owed to each subscriber, by the rules of their place and of the day."""
    packs = overlays(own.jurisdiction)
    people = living_in(packs)
    jurisdictions = [own.jurisdiction, *sorted({packs[province] for province in people.values()})]
    tasks: dict[tuple[str, ...], list[Any]] = {}
    for books, first, last in _rules_of(jurisdictions, own.zone, period):
        for provinces, rules, triggers in _shared_out(books):
            tasks.setdefault(tuple(provinces), []).append(
                (rules, triggers, to_ms(first), to_ms(last))
            )
    # What happened to some is chosen once for all the times they come under other rules.
    owed_rows = pl.concat(
        recompute(mine, rules, start_ms=first_ms, end_ms=last_ms, triggers=triggers)
        for provinces, theirs in tasks.items()
        for mine in (_among(inputs, provinces, people, packs),)
        for rules, triggers, first_ms, last_ms in theirs
    )
    # What is due again after a cut under the same key was due first before it.
    ordered = owed_rows.sort("due_at_ms", "key", maintain_order=True)
    return ordered.unique("key", keep="first", maintain_order=True)


def _shared_out(books: Sequence[DutyBook]) -> Iterator[tuple[list[str], DutyBook, frozenset[str]]]:
    """Which duties are computed of whom: of everybody (no place) what all places have in the same
    words, the others of the people of places that have these in the same words."""
    national = books[0]
    shared_triggers = AUDITED_TRIGGERS
    for other_book in books[1:]:
        same = (other_book.zone, other_book.currency, other_book.like_home) == (
            national.zone,
            national.currency,
            national.like_home,
        )
        shared_triggers = frozenset(
            trigger
            for trigger in shared_triggers
            if same and other_book.on_trigger([trigger]) == national.on_trigger([trigger])
        )
    if shared_triggers:
        yield [], national, shared_triggers
    own_triggers = AUDITED_TRIGGERS - shared_triggers
    by_rules: dict[Any, list[DutyBook]] = {}
    for other_book in books if own_triggers else ():
        terms = (
            other_book.on_trigger(own_triggers),
            other_book.zone,
            other_book.currency,
            other_book.like_home,
        )
        by_rules.setdefault(terms, []).append(other_book)
    yield from (
        ([rule_book.jurisdiction for rule_book in rule_books], rule_books[0], own_triggers)
        for rule_books in by_rules.values()
    )


def _among(
    inputs: Inputs,
    jurisdictions: Sequence[str],
    people: Mapping[str, str],
    packs: Mapping[str, str],
) -> Inputs:
    """What happened to those under the rules of places; to everybody where none is named."""
    if not jurisdictions or not people:
        return inputs
    overlaid = all(jurisdiction in packs.values() for jurisdiction in jurisdictions)
    # Whoever lives in no province with rules of its own comes under the national ones.
    listed = [
        subscriber for subscriber, of in people.items() if (packs[of] in jurisdictions) == overlaid
    ]
    return inputs.among(pl.Series(listed, dtype=pl.String), inside=overlaid)


def _rules_of(
    jurisdictions: Sequence[str], zone: str, period: tuple[datetime, datetime]
) -> Iterator[tuple[list[DutyBook], datetime, datetime]]:
    """The books of places, the period cut where other rules came into force in any of them:
    nothing is owed under a later rule."""
    here, (begin, end) = ZoneInfo(zone), period

    def on(day: date) -> list[DutyBook]:
        return [book(jurisdiction, day) for jurisdiction in jurisdictions]

    rules, first = on(begin.astimezone(here).date()), begin
    day = begin
    while (day := day + timedelta(days=1)) < end:
        local_moment = day.astimezone(here)
        books_then = on(local_moment.date())
        if [rule_book.versions for rule_book in books_then] != [rule.versions for rule in rules]:
            cut = datetime.combine(local_moment.date(), time(), tzinfo=here).astimezone(UTC)
            yield rules, first, cut
            rules, first = books_then, cut
    yield rules, first, end
