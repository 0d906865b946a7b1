"""Monthly charges in advance, each with its period, and refunds made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amends_demo.rules.catalogue import CURRENCY, OFFERS
from amends_demo.rules.stage import Rows, Stage, Trouble
from amends_demo.rules.tables import CHINA_MS, HOUR_MS, MINUTE_MS, month_starts

_PRICES = {offer.ref: offer.price_minor for offer in OFFERS}
RISEN_OFFER = "plan-home-59"
RISEN_PRICE_MINOR = 6_900


@dataclass(frozen=True, slots=True)
class Charges:
    """Charges just made, as columns of equal length."""

    ref: list[str]
    service: Rows
    offer: list[str]
    at_ms: Rows
    amount_minor: Rows
    start_ms: Rows
    end_ms: Rows


def trouble_by(stage: Stage, role: str, charges: Charges, row: int) -> None:
    """One of the charges troubles whoever pays it, from the moment it is made."""
    service = int(charges.service[row])
    stage.troubles.append(
        Trouble(
            role=role,
            subscriber=stage.services.subscriber[service],
            trigger_ms=int(charges.at_ms[row]),
            service=stage.services.ref[service],
            offer=charges.offer[row],
            amount_minor=int(charges.amount_minor[row]),
        )
    )


def charge_monthly(
    stage: Stage,
    *,
    service: Rows,
    offer: list[str],
    anchor_ms: Rows,
    from_ms: Rows,
    to_ms: Rows,
    charge_kind: str,
) -> Charges:
    """Charge each service on its monthly day while `from_ms` ≤ day < `to_ms`, within the world.

    anchor_ms  the activation, whose day of the month is the day of charging
    """
    scenario = stage.scenario
    low = np.maximum(from_ms, scenario.start_ms)
    high = np.minimum(to_ms, scenario.end_ms)
    skipped = np.maximum(_months_between(anchor_ms, low) - 1, 0)
    span = int(_months_between(np.array([scenario.start_ms]), np.array([scenario.end_ms]))[0]) + 3
    picked: list[Any] = []
    for step in range(span):
        months = skipped + step
        day_ms = month_starts(anchor_ms, months)
        at_ms = np.where(months == 0, anchor_ms + MINUTE_MS, day_ms + 2 * HOUR_MS)
        due_rows = np.flatnonzero((at_ms >= low) & (at_ms < high))
        starts = np.where(months == 0, anchor_ms, day_ms)[due_rows]
        ends = month_starts(anchor_ms[due_rows], months[due_rows] + 1)
        picked.append(np.stack([due_rows, at_ms[due_rows], starts, ends]))
    index, at_ms, starts, ends = np.concatenate(picked, axis=1)
    offers = [offer[row] for row in index]
    charges = Charges(
        ref=stage.refs("chg", len(index)),
        service=service[index],
        offer=offers,
        at_ms=at_ms,
        amount_minor=prices_at(offers, at_ms, stage),
        start_ms=starts,
        end_ms=ends,
    )
    write_charges(stage, charges, charge_kind)
    return charges


def _months_between(earlier_ms: Rows, later_ms: Rows) -> Rows:
    months = [
        (np.asarray(each, dtype=np.int64) + CHINA_MS)
        .astype("datetime64[ms]")
        .astype("datetime64[M]")
        for each in (earlier_ms, later_ms)
    ]
    result: Rows = (months[1] - months[0]).astype(np.int64)
    return result


def prices_at(offers: list[str], at_ms: Rows, stage: Stage) -> Rows:
    """The price in force of each offer at each moment, in fen."""
    prices = np.array([_PRICES[ref] for ref in offers], dtype=np.int64)
    risen = np.array([ref == RISEN_OFFER for ref in offers], dtype=bool)
    return np.where(risen & (at_ms >= stage.scenario.rise_at_ms), RISEN_PRICE_MINOR, prices)


def write_charges(stage: Stage, charges: Charges, charge_kind: str) -> None:
    """Write charges as facts of billing."""
    stage.book.add(
        "ChargeMade",
        subscriber=stage.subscribers_of(charges.service),
        subject=stage.service_refs(charges.service),
        at_ms=charges.at_ms,
        source="billing",
        charge=charges.ref,
        charge_kind=charge_kind,
        offer=charges.offer,
        amount_minor=charges.amount_minor,
        currency=CURRENCY,
        period_start_ms=charges.start_ms,
        period_end_ms=charges.end_ms,
    )


def charge_once(
    stage: Stage,
    *,
    service: Rows,
    offer: list[str],
    at_ms: Rows,
    amount_minor: Rows,
    charge_kind: str,
    **payload: Any,
) -> list[str]:
    """Make one charge a row, without a period, and return the charges' references."""
    refs = stage.refs("chg", len(service))
    stage.book.add(
        "ChargeMade",
        subscriber=stage.subscribers_of(service),
        subject=stage.service_refs(service),
        at_ms=at_ms,
        source="billing",
        charge=refs,
        charge_kind=charge_kind,
        offer=offer,
        amount_minor=amount_minor,
        currency=CURRENCY,
        **payload,
    )
    return refs


def refund(stage: Stage, *, charges: Charges, rows: Rows, at_ms: Rows) -> None:
    """Refund the given rows of `charges` whole, by hand, before anybody complains."""
    service = charges.service[rows]
    stage.book.add(
        "RefundMade",
        subscriber=stage.subscribers_of(service),
        subject=stage.service_refs(service),
        at_ms=at_ms,
        source="billing",
        charge=[charges.ref[row] for row in rows],
        remedy=stage.refs("goodwill", len(rows)),
        amount_minor=charges.amount_minor[rows],
        currency=CURRENCY,
    )
