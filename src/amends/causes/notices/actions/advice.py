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
    line_requests: Sequence[tuple[str, str, str]], *, now: datetime
) -> Iterator[dict[str, str | int]]:
    """The figures of the element `best_offer`; empty where the user's use is not known well enough.

    asked  subscriber, service, offer of each

    The data used in a month is what the highest `UsageCrossed` of the month shows, or the allowance
    and what was charged beyond it, whichever is more. Months that show nothing are not guessed.
    """
    if not line_requests:
        return
    offers_by_ref = {offer_view.ref: offer_view for offer_view in offers(now)}
    first_of_this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for part in slices(line_requests, _AT_ONCE):
        shown_notices = _shown(
            {subscriber for subscriber, _, offer in part if offer in offers_by_ref},
            first_of_this - _BACK,
            first_of_this,
        )
        for subscriber, service, offer in part:
            yield _advice(
                shown_notices.get((subscriber, service), ()),
                offers_by_ref.get(offer),
                offers_by_ref,
            )


def _shown(
    people: Collection[str], start: datetime, end: datetime
) -> Mapping[tuple[str, str], Sequence[Shown]]:
    """What the facts of these people show of each service: (subscriber, service) → what."""
    shown_by_line: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    if len(people) <= _FEW:
        for subscriber, facts in facts_about_many(
            people, kinds=_SHOWS, start=start, end=end
        ).items():
            for fact in facts:
                shown_fact = fact.kind, fact.happened_at_ms, fact.payload
                shown_by_line[subscriber, fact.subject].append(shown_fact)
        return shown_by_line
    for kind, fields in _SHOWS.items():
        table = columns_of(
            kind,
            start=start,
            end=end,
            fields=("subscriber", "subject", *fields),
            among=sorted(people),
        )
        for row in table.filter(pc.is_valid(table["unit"])).to_pylist():
            shown_by_line[row["subscriber"], row["subject"]].append(
                (kind, row["happened_at_ms"], row)
            )
    return shown_by_line


def _advice(
    showns: Iterable[Shown], present: OfferView | None, offers_by_ref: Mapping[str, OfferView]
) -> dict[str, str | int]:
    if present is None:
        return {}
    months = _months(showns, present)
    if len(months) < _MONTHS:
        return {}
    rivals = [
        _terms(offer_view)
        for offer_view in offers_by_ref.values()
        if offer_view.kind == present.kind and offer_view.currency == present.currency
    ]
    advice = best_offer(months, _terms(present), rivals)
    if advice is None:
        return {}
    if not advice.saving_minor:
        return {"best_offer": "present"}
    best = offers_by_ref[advice.best]
    return {
        "best_name_zh": best.name_zh,
        "best_name_en": best.name_en,
        "best_price_minor": best.price_minor,
        "saving_minor": advice.saving_minor,
    }


def _months(showns: Iterable[Shown], present: OfferView) -> list[MonthUse]:
    """The last full months whose use is known, newest first, at most three."""
    used: dict[str, int] = {}
    for kind, at_ms, payload in showns:
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
