"""Everything that was owed in a period, computed again from what happened: one entrance."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from amends.notices.rules.audit.counters import PLAN_TRIGGERS, owed_by_levels
from amends.notices.rules.audit.frames import keyed, owed_frame
from amends.notices.rules.audit.levels import from_crossings, from_overage, from_usage, unexplained
from amends.notices.rules.audit.life import LIFE_TRIGGERS, owed_by_events
from amends.notices.rules.audit.spending import CHOICES, MONEY_TRIGGERS, owed_by_charges
from amends.notices.rules.audit.watched import WATCHED_TRIGGERS, owed_by_watching
from amends.notices.rules.duties import Book, Duty

AUDITED_TRIGGERS = frozenset((*PLAN_TRIGGERS, *MONEY_TRIGGERS, *LIFE_TRIGGERS, *WATCHED_TRIGGERS))
"""What pulls the duties that can be recomputed; the rest leaves no trace outside the engine."""
LOOKBACK_MONTHS = 4
"""How far before the period charges must be read: three months of mean, and the month itself."""
KINDS = (
    "UsageCrossed", "ChargeMade", "ServiceOrdered", "ServiceActivated", "ConfirmationRefused",
    "ServiceChanged", "ServiceStopped", "OfferPublished",
)  # fmt: skip
"""The kinds of facts that `Inputs` takes, each as a frame of `ledger.queries.columns_of`."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What happened. Facts by kind, and usage records where a file of them was given.

    choices  the caps and marks users have chosen, a frame of `spending.CHOICES`
    """

    facts: dict[str, pl.DataFrame]
    usage: pl.DataFrame = field(default_factory=pl.DataFrame)
    choices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHOICES))


def audited(book: Book) -> tuple[Duty, ...]:
    """The duties of a place that are met by a notice and leave a trace to recompute them from."""
    return tuple(
        duty for duty in book.duties if duty.met_by == "notice" and duty.trigger in AUDITED_TRIGGERS
    )


def not_audited(book: Book) -> tuple[Duty, ...]:
    """The other duties, to be said aloud: nothing about them is known from here."""
    known = {duty.id for duty in audited(book)}
    return tuple(duty for duty in book.duties if duty.id not in known)


def recompute(inputs: Inputs, book: Book, *, start_ms: int, end_ms: int) -> pl.DataFrame:
    """The notices owed whose due time lies in `[start_ms, end_ms)`, with their key, each once."""
    duties = audited(book)
    facts = inputs.facts
    seen = pl.concat(
        [from_usage(inputs.usage, book.zone), from_crossings(facts["UsageCrossed"], book.zone)]
    )
    levels = pl.concat([seen, unexplained(from_overage(facts["ChargeMade"], book.zone), seen)])
    found = pl.concat(
        [
            owed_frame(),
            owed_by_levels(levels, duties),
            owed_by_charges(
                facts["ChargeMade"],
                inputs.usage,
                duties,
                zone=book.zone,
                currency=book.currency,
                choices=inputs.choices,
            ),
            owed_by_watching(facts["ChargeMade"], inputs.usage, duties, book),
            owed_by_events(
                facts["ServiceOrdered"],
                facts["ServiceActivated"],
                facts["ConfirmationRefused"],
                facts["ServiceChanged"],
                facts["ServiceStopped"],
                facts["OfferPublished"],
                duties,
                zone=book.zone,
            ),
        ]
    )
    within = (pl.col("due_at_ms") >= start_ms) & (pl.col("due_at_ms") < end_ms)
    return keyed(found.filter(within))
