"""The best tariff for a user, from what the ledger knows of that user's last months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from amends.facts.stored import StoredFact
from amends.kit.periods import from_ms
from amends.kit.slices import slices
from amends.ledger.queries import facts_about_many
from amends.notices.rules.best_offer import MonthUse, Terms, best_offer
from amends.subscribers.queries import OfferView, offers

_BACK = timedelta(days=100)
_MONTHS = 3
_AT_ONCE = 500
_MB = {"mb": 1, "gb": 1024}


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
        facts = facts_about_many(
            {subscriber for subscriber, _, offer in some if offer in known},
            kinds={"UsageCrossed", "ChargeMade"}, start=first_of_this - _BACK, end=first_of_this,
        )  # fmt: skip
        for subscriber, service, offer in some:
            yield _advice(facts.get(subscriber, []), service, known.get(offer), known)


def _advice(
    facts: Iterable[StoredFact], service: str, present: OfferView | None,
    known: Mapping[str, OfferView],
) -> dict[str, str | int]:  # fmt: skip
    if present is None:
        return {}
    months = _months(facts, service, present)
    if len(months) < _MONTHS:
        return {}
    rivals = [_terms(one) for one in known.values()
              if one.kind == present.kind and one.currency == present.currency]  # fmt: skip
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


def _months(facts: Iterable[StoredFact], service: str, present: OfferView) -> list[MonthUse]:
    """The last full months whose use is known, newest first, at most three."""
    used: dict[str, int] = {}
    for fact in facts:
        if fact.subject != service:
            continue
        month = f"{from_ms(fact.happened_at_ms):%Y-%m}"
        amount = _shown_mb(fact.kind, fact.payload, present)
        if amount is not None:
            used[month] = max(used.get(month, 0), amount)
    return [MonthUse(data_mb=used[month]) for month in sorted(used, reverse=True)[:_MONTHS]]


def _shown_mb(kind: str, payload: Mapping[str, str | int], present: OfferView) -> int | None:
    scale = _MB.get(str(payload.get("unit", "")).lower())
    if scale is None:
        return None
    if kind == "UsageCrossed":
        return int(payload["used"]) * scale if payload["counter"] == "data" else None
    beyond = int(payload.get("units", 0)) * scale
    return (present.allowance_mb or 0) + beyond


def _terms(offer: OfferView) -> Terms:
    return Terms(
        offer.ref, offer.price_minor, offer.allowance_mb, offer.allowance_minutes,
        offer.allowance_messages, offer.out_of_plan_minor_per_mb,
    )  # fmt: skip
