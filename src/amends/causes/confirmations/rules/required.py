"""Which charges of the past needed a confirmation, by the rules of the day their service began."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from amends.causes.confirmations.rules.audit import Demanded
from amends.causes.confirmations.rules.requirements import UnableToDemand, demand
from amends.platform.kit.packs import pack, versions
from amends.platform.kit.periods import to_ms

# Charges name what was charged for; a rule names the kind of service.
_SERVICE_KIND = {"value_added": "value_added", "subscription": "subscription"}


def demanded_in(jurisdiction: str, *, on: date) -> Demanded:
    """A function from kinds of charges and starts (ms) to whether a confirmation was demanded.

    >>> from datetime import UTC
    >>> needed = demanded_in("cn", on=date(2026, 11, 24))
    >>> days = (datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    >>> ms = np.array([to_ms(day) for day in days])
    >>> needed(pl.Series(["monthly_fee", "monthly_fee"]), ms).tolist()
    [False, True]
    >>> needed(pl.Series(["value_added", "value_added"]), ms).tolist()
    [True, True]
    """
    own = pack(jurisdiction, on)
    zone, name = ZoneInfo(own.zone), own.versions["confirmations/demands"][-1].partition("@")[0]
    days = [day for day in versions("amends.causes.confirmations", name) if day <= on]
    starts = np.array([to_ms(datetime(d.year, d.month, d.day, tzinfo=zone)) for d in days])

    def needed(kinds: pl.Series, first: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        edition = np.searchsorted(starts, first, side="right")
        is_needed = np.zeros(len(first), np.bool_)
        named = kinds.cast(pl.String).fill_null("")
        for kind in named.unique().to_list():
            mine = (named == kind).to_numpy()
            by_edition = np.array(
                [False, *(_requires_confirmation(jurisdiction, kind, day) for day in days)]
            )
            is_needed[mine] = by_edition[edition[mine]]
        return is_needed

    return needed


def _requires_confirmation(jurisdiction: str, kind: str, on: date) -> bool:
    try:
        order_demand = demand(
            jurisdiction,
            order="open",
            kind=_SERVICE_KIND.get(kind, kind or "any"),
            initiator="subscriber",
            on=on,
        )
    except UnableToDemand:
        return False
    return order_demand.times > 0
