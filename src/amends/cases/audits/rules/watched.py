"""Duties no counter pulls, computed again: use near a border, and a kind of charge not seen before.

Written independently of what sends them (`rules/watching.py`); both read the same dated figures.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from amends.cases.audits.rules.frames import (
    DAY_MS,
    as_owed,
    in_order,
    local_day,
    local_month,
    owed_frame,
    term_ms,
)
from amends.cases.audits.rules.prefilter import may_be_first
from amends.engines.duties.book import DutyBook
from amends.engines.duties.duty import Duty
from amends.platform.kit.packs import load_rules

WATCHED_TRIGGERS = ("border", "new_charge_kind")
_MINUTE_MS = 60_000
_MONTH_MS = 31 * DAY_MS


def owed_by_watching(
    charges: pl.DataFrame,
    usage: pl.DataFrame,
    duties: tuple[Duty, ...],
    book: DutyBook,
    *,
    since_ms: int = 0,
) -> pl.DataFrame:
    """The notices that use near a border and first charges made due.

    usage  records of files (`levels.from_usage`); without a country nothing is seen in them
    since_ms  from when on notices must be complete; of those due before, some may be missing
    """
    if charges.is_empty() and usage.is_empty():
        return owed_frame()
    figures = dict(load_rules("amends.causes.notices", "watching", book.on).data)
    frames = [owed_frame()]
    for duty in duties:
        if duty.trigger == "border" and "country" in usage.columns:
            frames.append(_near_borders(usage, duty, figures, book.zone))
        elif duty.trigger == "new_charge_kind":
            frames.append(_new_kinds(charges, duty, figures, book.zone, since_ms))
    return pl.concat(frames)


def _near_borders(
    usage: pl.DataFrame, duty: Duty, figures: dict[str, Any], zone: str
) -> pl.DataFrame:
    """Records abroad whose line was used at home so shortly before that the user cannot have
    travelled."""
    within = int(figures["border"]["minutes"]) * _MINUTE_MS
    at_home = pl.col("country").fill_null("") == ""
    # Few lines were ever abroad, and the others cross no border.
    abroad = usage.filter(~at_home & (pl.col("service").fill_null("") != ""))["service"].unique()
    ordered = usage.filter(pl.col("service").is_in(abroad.implode())).sort(
        "service", "at_ms", maintain_order=True
    )
    follows = pl.col("service") == pl.col("service").shift()
    crossed = ordered.filter(
        ~at_home
        & follows
        & at_home.shift()
        & (pl.col("at_ms").diff() <= within)
        & (pl.col("country").is_in(duty.countries) if duty.region else pl.lit(value=True))
    ).with_columns(
        event_at_ms=pl.col("at_ms"),
        period=pl.col("country") + "@" + local_day("at_ms", zone),
    )
    return _owed(crossed, duty)


def _new_kinds(
    charges: pl.DataFrame, duty: Duty, figures: dict[str, Any], zone: str, since_ms: int
) -> pl.DataFrame:
    """Charges of a kind that the person who pays has not had for so many months."""
    quiet = int(figures["new_charge"]["months"]) * _MONTH_MS
    known_ms = int(figures["new_charge"]["known_days"]) * DAY_MS
    ordered = in_order(charges.filter(pl.col("amount_minor") > 0))
    # A kind the person had shortly before the time in question, and since: it can be new no more.
    kinds = may_be_first(ordered, since_ms - _within(duty), quiet)
    kinds = kinds.with_columns(
        since=pl.col("happened_at_ms").diff().over("subscriber", "charge_kind")
    )
    first = kinds.filter(
        (pl.col("since").is_null() | (pl.col("since") > quiet))
        & (pl.col("happened_at_ms") >= pl.col("begun_ms") + known_ms)
    ).with_columns(
        service=pl.col("subject"),
        event_at_ms=pl.col("happened_at_ms"),
        period=local_month("happened_at_ms", zone) + "/" + pl.col("charge_kind"),
    )
    return _owed(first, duty)


def _within(duty: Duty) -> int:
    return duty.wait_h * 3_600_000 if duty.within is None else term_ms(duty.within.latest)


def _owed(rows: pl.DataFrame, duty: Duty) -> pl.DataFrame:
    # At once or, where the rule gives no time, within the wait for receipts.
    return as_owed(
        rows.with_columns(due_at_ms=pl.col("event_at_ms") + _within(duty)),
        duty=duty.id,
        version=duty.version,
        step=duty.steps[0].id,
    )
