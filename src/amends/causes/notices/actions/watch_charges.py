"""Tell of a kind of charge that the account has not known for months."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from amends.causes.notices.actions.write_due import write_due_of
from amends.causes.notices.rules.life_cycle import LifeCycleEvent
from amends.causes.notices.rules.watching import (
    Marks,
    back_to,
    first_charges,
    marks_of,
    may_have_first,
    recent_ms,
)
from amends.platform.kit.formats import local
from amends.platform.kit.packs import load_rules, zone_of
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import columns_of

_FIELDS = ("subscriber", "subject", "charge_kind", "amount_minor", "currency")
_LATE_FEED = timedelta(days=7)
"""Billing may state a charge days after it was made; what is older is for the auditor to find."""


def watch_charges(*, now: datetime) -> int:
    """Write what the charges of the last days make due; how many notices are new.

    It has no state of its own: what is new follows from the ledger, and the key of a notice is
    its month and kind, so asked again it finds nothing.
    """
    zone = zone_of(settings.JURISDICTION)
    marks = marks_of(load_rules("amends.causes.notices", "watching", local(now, zone).date()))
    since = now - _LATE_FEED
    recently = since - timedelta(milliseconds=recent_ms(marks, late_ms=to_ms(now) - to_ms(since)))
    charges = _made(recently, now)
    # Nearly every account had all of these kinds a month before: only the others' past is read.
    candidates = may_have_first(charges, since_ms=to_ms(since))
    if candidates.is_empty():
        return 0
    day = back_to(local(since, zone).date(), marks)
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    before = _made(start, recently, among=candidates.to_list())
    all_charges = pl.concat(
        [before, charges.filter(pl.col("subscriber").is_in(candidates.implode()))]
    )
    first = first_charges(all_charges, marks, since_ms=to_ms(since), zone=zone)
    return write_due_of(_events(first, marks, now), now=now)


def _made(start: datetime, end: datetime, among: list[str] | None = None) -> pl.DataFrame:
    charge_columns = columns_of("ChargeMade", start=start, end=end, fields=_FIELDS, among=among)
    return cast(pl.DataFrame, pl.from_arrow(charge_columns))


def _events(first_charge_rows: pl.DataFrame, marks: Marks, now: datetime) -> list[LifeCycleEvent]:
    events = []
    for row in first_charge_rows.iter_rows(named=True):
        kind = row["charge_kind"]
        figures: dict[str, str | int] = {
            "charge_kind": kind,
            "amount_minor": row["amount_minor"],
            "currency": row["currency"],
        }
        if kind in marks.kinds:
            # Without words for its kind the notice waits for a person: no code goes to a user.
            figures["charge_kind_zh"], figures["charge_kind_en"] = marks.kinds[kind]
        events.append(
            LifeCycleEvent(
                ref=row["id"],
                kind="new_charge_kind",
                subscriber=row["subscriber"],
                service=row["service"],
                happens_at_ms=row["at_ms"],
                known_at_ms=to_ms(now),
                zone="UTC",
                offer_kind="",
                figures=figures,
            )
        )
    return events
