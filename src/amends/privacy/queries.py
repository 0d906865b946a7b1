"""What other apps and pages may ask of privacy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import get_language

from amends.kit.formats import is_chinese
from amends.privacy.models import MisuseCase, ServiceReview
from amends.privacy.rules.review import Flow, parse, review


@dataclass(frozen=True, slots=True)
class FlowView:
    """A flow with what the review says of it, in the reader's language."""

    flow: Flow
    verdict: str
    threat: str
    why: str
    redesign: str


def reviews() -> list[ServiceReview]:
    """The newest review of each service, what blocks first."""
    newest: dict[str, ServiceReview] = {}
    for row in ServiceReview.objects.order_by("-reviewed_at", "-ref"):
        newest.setdefault(row.service, row)
    place = {"block": 0, "conditions": 1, "pass": 2}
    return sorted(newest.values(), key=lambda row: place[row.verdict])


def findings(row: ServiceReview) -> list[FlowView]:
    """Each flow of a review by the rules it was judged by, what blocks first."""
    service = parse(row.description)
    found = review(service, on=date.fromisoformat(row.rules.rpartition("@")[2]))
    chinese = is_chinese(get_language() or "")
    rows = [
        FlowView(
            flow,
            one.verdict,
            one.threat,
            one.why_zh if chinese else one.why_en,
            one.redesign_zh if chinese else one.redesign_en,
        )
        for flow, one in zip(service.flows, found.flows, strict=True)
    ]
    place = {"block": 0, "conditions": 1, "pass": 2}
    return sorted(rows, key=lambda one: place[one.verdict])


def misuse_cases(*, decided: bool = False, brand: str = "") -> list[MisuseCase]:
    """Case files (of a brand), newest first, with their alerts."""
    rows = of_brand(brand).filter(decided_at__isnull=not decided)
    return list(rows.prefetch_related("alerts")[:200])


def misuse_case(ref: str, *, brand: str = "") -> MisuseCase | None:
    """One case file (of a brand)."""
    return of_brand(brand).prefetch_related("alerts").filter(ref=ref).first()


def of_brand(brand: str) -> QuerySet[MisuseCase]:
    """The case files of users of a brand; all of them for ""."""
    return MisuseCase.objects.filter(brand=brand) if brand else MisuseCase.objects.all()
