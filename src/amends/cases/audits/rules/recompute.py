"""Everything that was owed in a period, computed again from what happened: one entrance."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from amends.cases.audits.rules.counters import PLAN_TRIGGERS, owed_by_levels
from amends.cases.audits.rules.frames import keyed, owed_frame, term_ms
from amends.cases.audits.rules.levels import (
    BILLED_WITHIN_MS,
    OVERAGE,
    after_top_ups,
    from_crossings,
    from_overage,
    from_usage,
    unexplained,
)
from amends.cases.audits.rules.life_cycle import LIFE_TRIGGERS, owed_by_events
from amends.cases.audits.rules.months import TERMS, Months
from amends.cases.audits.rules.rearm import CHANGES
from amends.cases.audits.rules.spending import (
    CHOICES,
    LONGEST_MONTH_MS,
    MONEY_TRIGGERS,
    owed_by_charges,
)
from amends.cases.audits.rules.watched import WATCHED_TRIGGERS, owed_by_watching
from amends.engines.duties.book import DutyBook
from amends.engines.duties.duty import Duty

AUDITED_TRIGGERS = frozenset((*PLAN_TRIGGERS, *MONEY_TRIGGERS, *LIFE_TRIGGERS, *WATCHED_TRIGGERS))
"""What pulls the duties that can be recomputed; the rest leaves no trace outside the engine."""
RECORDS_AT_ONCE = 500_000
KINDS = (
    "UsageCrossed",
    "ChargeMade",
    "ServiceOrdered",
    "ServiceActivated",
    "ConfirmationRefused",
    "ServiceChanged",
    "ServiceStopped",
    "OfferPublished",
)
"""The kinds of facts that `Inputs` takes, each as a frame of `ledger.queries.columns_of`."""


USERS: dict[str, Any] = {"service": pl.String, "user": pl.String}
"""What a service is for, where a duty leaves that out: `m2m`, `b2b`."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What happened. Facts by kind, and usage records, each `levels.once`, where files were given.

    choices  the caps and marks users have chosen, a frame of `spending.CHOICES`
    terms    what the operator's register says of lines, a frame of `months.TERMS`
    changes  top-ups, balances and changes of plan as they were stated, a frame of `again.CHANGES`
    users    services that some duty leaves out, a frame of `USERS`
    """

    facts: dict[str, pl.DataFrame]
    usage: pl.DataFrame = field(default_factory=pl.DataFrame)
    choices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHOICES))
    terms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TERMS))
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))
    users: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=USERS))

    def among(self, subscribers: pl.Series, *, inside: bool) -> Inputs:
        """What happened to some subscribers, or to everybody else; offers concern all."""

        def mine(frame: pl.DataFrame) -> pl.DataFrame:
            if "subscriber" not in frame.columns:
                return frame
            listed = pl.col("subscriber").is_in(subscribers.implode())
            return frame.filter(listed if inside else ~listed)

        facts = {
            kind: frame if kind == "OfferPublished" else mine(frame)
            for kind, frame in self.facts.items()
        }
        return replace(self, facts=facts, usage=mine(self.usage))


def audited(book: DutyBook) -> tuple[Duty, ...]:
    """The duties of a place that are met by a notice and leave a trace to recompute them from."""
    return tuple(
        duty
        for duty in book.duties
        if duty.met_by == "notice" and duty.trigger in AUDITED_TRIGGERS and duty.over == "each"
    )


def not_audited(book: DutyBook) -> tuple[Duty, ...]:
    """The other duties, to be said aloud: nothing about them is known from here."""
    audited_ids = {duty.id for duty in audited(book)}
    return tuple(duty for duty in book.duties if duty.id not in audited_ids)


def recompute(
    inputs: Inputs,
    book: DutyBook,
    *,
    start_ms: int,
    end_ms: int,
    triggers: Collection[str] = AUDITED_TRIGGERS,
) -> pl.DataFrame:
    """The notices owed whose due time lies in `[start_ms, end_ms)`, with their key, each once.

    triggers  of the duties in question, where others are computed elsewhere
    """
    duties = tuple(duty for duty in audited(book) if duty.trigger in triggers)
    facts = inputs.facts
    months = Months(book.zone, inputs.terms)
    usage = _near(inputs.usage, duties, start_ms, end_ms)
    # What happens after the period makes nothing due in it.
    charges = facts["ChargeMade"].filter(pl.col("happened_at_ms") < end_ms)
    pulled = {duty.trigger for duty in duties}
    parts = [owed_frame()]
    if not pulled.isdisjoint(PLAN_TRIGGERS):
        parts += _by_levels(replace(inputs, usage=usage), charges, duties, months, book)
    if not pulled.isdisjoint(MONEY_TRIGGERS):
        parts.append(
            owed_by_charges(
                charges,
                usage,
                duties,
                months=months,
                currency=book.currency,
                choices=inputs.choices,
                changes=inputs.changes,
                since_ms=start_ms,
            )
        )
    if not pulled.isdisjoint(WATCHED_TRIGGERS):
        parts.append(owed_by_watching(charges, usage, duties, book, since_ms=start_ms))
    if not pulled.isdisjoint(LIFE_TRIGGERS):
        parts.append(
            owed_by_events(
                facts["ServiceOrdered"],
                facts["ServiceActivated"],
                facts["ConfirmationRefused"],
                facts["ServiceChanged"],
                facts["ServiceStopped"],
                facts["OfferPublished"],
                duties,
                zone=book.zone,
            )
        )
    owed_rows = pl.concat(parts)
    within = (pl.col("due_at_ms") >= start_ms) & (pl.col("due_at_ms") < end_ms)
    return keyed(_concerned(owed_rows.filter(within), duties, inputs.users))


def _by_levels(
    inputs: Inputs, charges: pl.DataFrame, duties: tuple[Duty, ...], months: Months, book: DutyBook
) -> Iterator[pl.DataFrame]:
    """What counters made due, some lines after the others: a record takes some hundred bytes while
    its level is worked out, and what is due for a line depends on no other line."""
    crossed = inputs.facts["UsageCrossed"]
    overage = charges.filter(pl.col("charge_kind") == OVERAGE)
    parts = 1 + len(inputs.usage) // RECORDS_AT_ONCE

    used = _shared_out(inputs.usage, "service", parts)
    crossing = _shared_out(crossed, "subject", parts)
    charged = _shared_out(overage, "subject", parts)
    for part in range(parts):
        seen = after_top_ups(
            pl.concat(
                [
                    from_usage(used(part), months, book.like_home),
                    from_crossings(crossing(part), months),
                ]
            ),
            inputs.changes,
            months,
        )
        beyond = unexplained(from_overage(charged(part), months), seen)
        levels = pl.concat([seen, beyond]).sort("at_ms", maintain_order=True)
        yield owed_by_levels(levels, duties)


def _shared_out(frame: pl.DataFrame, service: str, parts: int) -> Callable[[int], pl.DataFrame]:
    """What gives each of so many parts of a frame; every line is in one of them."""
    if parts == 1:
        return lambda part: frame
    of = (frame[service].hash(seed=0) % parts).cast(pl.UInt32)
    return lambda part: frame.filter(of == part)


def _near(
    usage: pl.DataFrame, duties: tuple[Duty, ...], start_ms: int, end_ms: int
) -> pl.DataFrame:
    """The records that may make something due in a period.

    A charge beyond the plan is explained by a crossing weeks before it, that by the months both lie
    in; and a notice may be due some time after what pulled it.
    """
    if usage.is_empty():
        return usage
    within = max((term_ms(duty.within.latest) for duty in duties if duty.within), default=0)
    first_ms = start_ms - within - BILLED_WITHIN_MS - 2 * LONGEST_MONTH_MS
    return usage.filter((pl.col("at_ms") >= first_ms) & (pl.col("at_ms") < end_ms))


def _concerned(owed: pl.DataFrame, duties: tuple[Duty, ...], users: pl.DataFrame) -> pl.DataFrame:
    """Without users whom the duty exempts."""
    pairs = [(duty.id, user) for duty in duties for user in duty.exempt]
    if users.is_empty() or not pairs:
        return owed
    exempt = pl.DataFrame(pairs, schema=["duty", "user"], orient="row").join(users, on="user")
    return owed.join(exempt, on=["duty", "service"], how="anti", maintain_order="left")
