"""The best tariff for a user, from what the ledger knows of that user's last months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow.compute as pc

from amends.causes.notices.rules.best_offer import MonthUse, OfferTerms, best_offer
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import from_ms
from amends.record.catalogue.queries import OfferView, offers
from amends.record.ledger.queries import columns_of, facts_about_many

_BACK = timedelta(days=100)
_MONTHS = 3
_FEW = 50
"""Of more people than this the whole period is read once: their facts are in most of its parts."""
_AT_ONCE = 5_000
_MB = {"mb": 1, "gb": 1024}
_SHOWS = {"UsageCrossed": ("unit", "counter", "used"), "ChargeMade": ("unit", "units")}
"""What shows how much data was used, by kind of fact."""
Shown = tuple[str, int, Mapping[str, Any]]
"""Kind of fact, moment in milliseconds, and what it says."""


def advise(
    asked: Sequence[tuple[str, str, str]], *, now: datetime
) -> Iterator[dict[str, str | int]]:
    """The figures of the element `best_offer`; empty where the user's use is not known well enough.

    asked  subscriber, service, offer of each

    The data used in a month is what the highest `UsageCrossed` of the month shows, or the allowance
    and what was charged beyond it, whichever is more. Months that show nothing are not guessed.
    """
    if not asked:
        return
    known = {one.ref: one for one in offers(now)}
    first_of_this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for some in slices(asked, _AT_ONCE):
        shown = _shown(
            {subscriber for subscriber, _, offer in some if offer in known},
            first_of_this - _BACK,
            first_of_this,
        )
        for subscriber, service, offer in some:
            yield _advice(shown.get((subscriber, service), ()), known.get(offer), known)


def _shown(
    people: Collection[str], start: datetime, end: datetime
) -> Mapping[tuple[str, str], Sequence[Shown]]:
    """What the facts of these people show of each service: (subscriber, service) → what."""
    found: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    if len(people) <= _FEW:
        for subscriber, facts in facts_about_many(
            people, kinds=_SHOWS, start=start, end=end
        ).items():
            for fact in facts:
                shown = fact.kind, fact.happened_at_ms, fact.payload
                found[subscriber, fact.subject].append(shown)
        return found
    for kind, fields in _SHOWS.items():
        table = columns_of(
            kind,
            start=start,
            end=end,
            fields=("subscriber", "subject", *fields),
            among=sorted(people),
        )
        for row in table.filter(pc.is_valid(table["unit"])).to_pylist():
            found[row["subscriber"], row["subject"]].append((kind, row["happened_at_ms"], row))
    return found


def _advice(
    shown: Iterable[Shown], present: OfferView | None, known: Mapping[str, OfferView]
) -> dict[str, str | int]:
    if present is None:
        return {}
    months = _months(shown, present)
    if len(months) < _MONTHS:
        return {}
    rivals = [
        _terms(one)
        for one in known.values()
        if one.kind == present.kind and one.currency == present.currency
    ]
    advice = best_offer(months, _terms(present), rivals)
    if advice is None:
        return {}
    if not advice.saving_minor:
        return {"best_offer": "present"}
    best = known[advice.best]
    return {
        "best_name_zh": best.name_zh,
        "best_name_en": best.name_en,
        "best_price_minor": best.price_minor,
        "saving_minor": advice.saving_minor,
    }


def _months(shown: Iterable[Shown], present: OfferView) -> list[MonthUse]:
    """The last full months whose use is known, newest first, at most three."""
    used: dict[str, int] = {}
    for kind, at_ms, payload in shown:
        month = f"{from_ms(at_ms):%Y-%m}"
        amount = _shown_mb(kind, payload, present)
        if amount is not None:
            used[month] = max(used.get(month, 0), amount)
    return [MonthUse(data_mb=used[month]) for month in sorted(used, reverse=True)[:_MONTHS]]


def _shown_mb(kind: str, payload: Mapping[str, Any], present: OfferView) -> int | None:
    scale = _MB.get(str(payload.get("unit", "")).lower())
    if scale is None:
        return None
    if kind == "UsageCrossed":
        return int(payload["used"]) * scale if payload["counter"] == "data" else None
    beyond = int(payload.get("units") or 0) * scale
    return (present.allowance_mb or 0) + beyond


def _terms(offer: OfferView) -> OfferTerms:
    return OfferTerms(
        ref=offer.ref,
        price_minor=offer.price_minor,
        allowance_mb=offer.allowance_mb,
        allowance_min=offer.allowance_minutes,
        allowance_messages=offer.allowance_messages,
        beyond_minor_per_mb=offer.out_of_plan_minor_per_mb,
    )
