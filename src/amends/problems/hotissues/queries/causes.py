"""Whom the likeliest cause or the place of an issue says it hits."""

from __future__ import annotations

from amends.engines.detection.cube import values_of
from amends.platform.database.once_per_request import once_per_request
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries.membership import main_place
from amends.record.catalogue.queries import offer_kinds

SURE = 0.3
"""A cause that fits so well says whom the issue hits."""
FAULTS = frozenset({"unrecorded", "incident", "degraded"})


@once_per_request
def causes_of(issue: HotIssue) -> list[Cause]:
    """The candidate causes of an issue, ruled out or not, the best first."""
    return list(issue.causes.order_by("rank", "id"))


def likeliest(issue: HotIssue) -> Cause | None:
    """The candidate cause that says whom the issue hits: the confirmed one, or the best that fits;
    None where none does."""
    causes = [cause for cause in causes_of(issue) if cause.judged != "ruled_out"]
    confirmed = (cause for cause in causes if cause.judged == "confirmed")
    best = next(confirmed, None) or next(iter(causes), None)
    return best if best and (best.judged or best.fit >= SURE) else None


def hit_place(issue: HotIssue) -> tuple[list[str], list[str]]:
    """Offers and areas that say whom an issue hits by its place; both empty where it says nothing.

    An area alone hits everybody there where the network fails, and nobody for a wrong bill.
    """
    values = values_of(main_place(issue))
    best = likeliest(issue)
    product, area = values.get("product", ""), values.get("area", "")
    if best and best.kind == "unrecorded":
        area = best.reference
    fault = values.get("code", "").startswith("network") or (best and best.kind in FAULTS)
    offers = offers_meant(product) if product else []
    return offers, [area] if area and (offers or fault) else []


def offers_meant(product: str) -> list[str]:
    """The offers of a product: itself, or all of a kind where it is written `kind:…`."""
    if not product.startswith("kind:"):
        return [product]
    offer_refs = [ref for ref, (kind, _by) in offer_kinds().items() if f"kind:{kind}" == product]
    return offer_refs or [product]
