"""Duties of the life cycle: outcomes of orders, changes and stops announced, contracts about to
end."""

from __future__ import annotations

import polars as pl

from amends.cases.audits.rules.frames import as_owed, local_day, owed_frame, term_ms
from amends.engines.duties.duty import Duty

LIFE_TRIGGERS = ("order_done", "change_planned", "stop_planned", "arrears", "contract_ends")
# The person was at a counter and got the answer there.
_IN_PERSON = ("counter", "store", "shop")
_BY_USER = ("subscriber", "user")
_ARREARS = "arrears"


def owed_by_events(
    orders: pl.DataFrame,
    activations: pl.DataFrame,
    refusals: pl.DataFrame,
    changes: pl.DataFrame,
    stops: pl.DataFrame,
    offers: pl.DataFrame,
    duties: tuple[Duty, ...],
    *,
    zone: str,
) -> pl.DataFrame:
    """The notices that orders, changes, stops and contracts made due.

    Each frame holds facts of one kind: `ServiceOrdered`, `ServiceActivated`, `ConfirmationRefused`,
    `ServiceChanged`, `ServiceStopped`, `OfferPublished`.
    """
    if all(events.is_empty() for events in (orders, activations, refusals, changes, stops)):
        return owed_frame()
    frames = [owed_frame()]
    for duty in duties:
        if duty.trigger == "order_done":
            frames.append(_orders_notified(orders, (activations, changes, refusals), duty))
        elif duty.trigger == "change_planned":
            frames.append(_announced(changes.filter(_not_by_user()), duty, zone))
        elif duty.trigger in ("stop_planned", "arrears"):
            owes = pl.col("reason").fill_null("") == _ARREARS
            mine = owes if duty.trigger == "arrears" else ~owes
            frames.append(_announced(stops.filter(_not_by_user() & mine), duty, zone))
        elif duty.trigger == "contract_ends":
            ends = contract_ends(activations, changes, stops, offers, zone=zone)
            frames.append(_announced(ends, duty, zone))
    return pl.concat(frames)


def contract_ends(
    activations: pl.DataFrame,
    changes: pl.DataFrame,
    stops: pl.DataFrame,
    offers: pl.DataFrame,
    *,
    zone: str,
) -> pl.DataFrame:
    """When each minimum term ran out, of those not left or changed before: rows of the events.

    The term is that of the offer's version named at the activation, or of its newest by then.
    """
    terms = offers.filter(pl.col("contract_months").fill_null(0) > 0).select(
        "offer", "offer_version", "contract_months", published_ms=pl.col("happened_at_ms")
    )
    begun = activations.join(terms, on="offer", how="inner", suffix="_published").filter(
        pl.when(pl.col("offer_version").is_not_null())
        .then(pl.col("offer_version") == pl.col("offer_version_published"))
        .otherwise(pl.col("published_ms") <= pl.col("happened_at_ms"))
    )
    begun = begun.sort("published_ms").unique("id", keep="last")
    local = pl.from_epoch("happened_at_ms", time_unit="ms").dt.replace_time_zone("UTC")
    months = pl.format("{}mo", "contract_months")
    ended = begun.with_columns(
        began_ms=pl.col("happened_at_ms"),
        happened_at_ms=local.dt.convert_time_zone(zone)
        .dt.offset_by(months)
        .dt.convert_time_zone("UTC")
        .dt.epoch("ms"),
    )
    left = pl.concat(
        [
            endings.select("subject", left_ms=pl.col("happened_at_ms"))
            for endings in (changes, stops)
        ]
    )
    gone = ended.join(left, on="subject").filter(
        (pl.col("left_ms") > pl.col("began_ms")) & (pl.col("left_ms") <= pl.col("happened_at_ms"))
    )
    return ended.join(gone.select("id").unique(), on="id", how="anti")


def _not_by_user() -> pl.Expr:
    return ~pl.col("initiator").is_in(_BY_USER)


def _orders_notified(
    orders: pl.DataFrame, outcomes: tuple[pl.DataFrame, ...], duty: Duty
) -> pl.DataFrame:
    """Every order by a remote channel, from the moment its outcome is known.

    The notice says whether it succeeded: an order that still waits for the user's word owes
    nothing yet.
    """
    electronic = orders.filter(~pl.col("channel").is_in(_IN_PERSON))
    ended = pl.concat(
        [outcome.select("order", stood_ms=pl.col("happened_at_ms")) for outcome in outcomes]
    ).drop_nulls("order")
    notified_orders = electronic.join(
        ended.group_by("order").agg(pl.col("stood_ms").min()), on="order", how="inner"
    ).with_columns(happened_at_ms=pl.max_horizontal("happened_at_ms", "stood_ms"))
    within = 0 if duty.within is None else term_ms(duty.within.latest)
    return _owed(notified_orders, duty, pl.col("happened_at_ms") + within, pl.col("order"))


def _announced(events: pl.DataFrame, duty: Duty, zone: str) -> pl.DataFrame:
    """What must be announced ahead, with its lead time."""
    ahead = 0 if duty.lead is None else term_ms(duty.lead.latest)
    return _owed(events, duty, pl.col("happened_at_ms") - ahead, local_day("happened_at_ms", zone))


def _owed(events: pl.DataFrame, duty: Duty, due_at: pl.Expr, period: pl.Expr) -> pl.DataFrame:
    return as_owed(
        events.with_columns(
            service=pl.col("subject"),
            event_at_ms=pl.col("happened_at_ms"),
            due_at_ms=due_at,
            period=period,
        ),
        duty=duty.id,
        version=duty.version,
        step=duty.steps[0].id,
    )
