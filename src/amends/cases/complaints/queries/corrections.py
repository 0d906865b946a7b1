"""What people set right: rules overruled and by how many, classes corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from amends.cases.complaints.models import Contact, Correction, Decision


@dataclass(frozen=True, slots=True)
class OverruleRate:
    """How often people overruled one rule, each complaint counted once; `share` is 0–1."""

    rule: str
    decided: int
    overruled: int

    @property
    def share(self) -> float:
        """Overruled per decided."""
        return self.overruled / self.decided if self.decided else 0.0


def overrules(
    *, since: datetime, until: datetime | None = None, brand: str = ""
) -> list[OverruleRate]:
    """Per rule, how many of its decisions people overruled, the most overruled first.

    A decision that investigating again has replaced counts no more, nor does its overruling.

    since, until  decisions made in `[since, until)`, overruled then or later
    brand         of complaints of this brand alone
    """
    rows = _ruled(since, until, brand).order_by("rule").values_list("rule")
    rates = [OverruleRate(*row) for row in rows.annotate(**_COUNTED)]
    return sorted(rates, key=lambda item: (-item.share, item.rule))


OVERRULED_BY = ("area", "product", "channel", "code", "brand")


def overrules_by(
    dimension: str, *, since: datetime, until: datetime, brand: str = ""
) -> dict[str, dict[str, OverruleRate]]:
    """Rule → value of `dimension` (see `OVERRULED_BY`) of its complaints → as `overrules`."""
    dimension_field = f"complaint__{dimension}"
    rows = (
        _ruled(since, until, brand)
        .order_by("rule", dimension_field)
        .values_list("rule", dimension_field)
    )
    rates_by_unit: dict[str, dict[str, OverruleRate]] = {}
    for rule, unit, decided, overruled in rows.annotate(**_COUNTED):
        rates_by_unit.setdefault(rule, {})[unit] = OverruleRate(rule, decided, overruled)
    return rates_by_unit


_COUNTED = {
    "decided": Count("id", distinct=True),
    "overruled": Count("id", distinct=True, filter=Q(overruled_by__isnull=False)),
}


def _ruled(since: datetime, until: datetime | None, brand: str) -> QuerySet[Decision]:
    """What rules decided in `[since, until)`: of each complaint the last, which none replaced."""
    anew = Decision.objects.filter(complaint=OuterRef("complaint"), overrules__isnull=True)
    after = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id"))
    decisions = Decision.objects.filter(at__gte=since, overrules__isnull=True).exclude(rule="")
    if until is not None:
        decisions = decisions.filter(at__lt=until)
    if brand:
        decisions = decisions.filter(complaint__brand=brand)
    return decisions.filter(~Exists(anew.filter(after)))


def corrections(
    *, limit: int = 500, brand: str = ""
) -> list[tuple[datetime, str, str, str, str, str]]:
    """Classes set right by people: when, by whom, complaint, from, to, its first words."""
    every = Correction.objects.select_related("complaint").order_by("-at", "-id")
    rows = (every.filter(complaint__brand=brand) if brand else every)[:limit]
    return [
        (
            row.at,
            row.by,
            row.complaint_id,
            row.from_code,
            row.to_code,
            row.complaint.first_words,
        )
        for row in rows
    ]


def corrected_texts() -> list[tuple[str, str]]:
    """The masked words of each complaint whose class a person set right, and the class it got.

    The last correction counts; a complaint whose words were erased is left out.
    """
    last = dict(Correction.objects.order_by("at", "id").values_list("complaint_id", "to_code"))
    texts_by_ref: dict[str, str] = {}
    for ref, text in (
        Contact.objects.filter(complaint_id__in=last)
        .order_by("complaint_id", "-received_at", "-id")
        .values_list("complaint_id", "text")
    ):
        texts_by_ref[ref] = text or texts_by_ref.get(ref, "")
    return [
        (texts_by_ref[ref], code) for ref, code in last.items() if texts_by_ref.get(ref, "").strip()
    ]
