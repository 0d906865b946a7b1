"""What people set right: rules overruled and by how many, classes corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from amends.complaints.models import Contact, Correction, Decision


@dataclass(frozen=True, slots=True)
class OverruleRate:
    """How often people overruled one rule; `share` is 0–1."""

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

    since, until  decisions made in `[since, until)`, overruled then or later
    brand         of complaints of this brand alone
    """
    made = Decision.objects.filter(at__gte=since, overrules__isnull=True)
    if until is not None:
        made = made.filter(at__lt=until)
    if brand:
        made = made.filter(complaint__brand=brand)
    rows = (
        made.exclude(rule="")
        .order_by("rule")
        .values_list("rule")
        .annotate(decided=Count("id", distinct=True), overruled=Count("overruled_by"))
    )
    found = [OverruleRate(*row) for row in rows]
    return sorted(found, key=lambda item: (-item.share, item.rule))


OVERRULED_BY = ("area", "product", "channel", "code", "brand")


def overrules_by(
    dimension: str, *, since: datetime, until: datetime, brand: str = ""
) -> dict[str, dict[str, OverruleRate]]:
    """Rule → value of `dimension` (see `OVERRULED_BY`) of its complaints → as `overrules`."""
    made = Decision.objects.filter(at__gte=since, at__lt=until, overrules__isnull=True)
    if brand:
        made = made.filter(complaint__brand=brand)
    place = f"complaint__{dimension}"
    rows = (
        made.exclude(rule="")
        .order_by("rule", place)
        .values_list("rule", place)
        .annotate(decided=Count("id", distinct=True), overruled=Count("overruled_by"))
    )
    found: dict[str, dict[str, OverruleRate]] = {}
    for rule, unit, decided, overruled in rows:
        found.setdefault(rule, {})[unit] = OverruleRate(rule, decided, overruled)
    return found


def corrections(
    *, limit: int = 500, brand: str = ""
) -> list[tuple[datetime, str, str, str, str, str]]:
    """Classes set right by people: when, by whom, complaint, from, to, its first words."""
    every = Correction.objects.select_related("complaint").order_by("-at", "-id")
    rows = (every.filter(complaint__brand=brand) if brand else every)[:limit]
    return [
        (
            row.at, row.by, row.complaint_id, row.from_code, row.to_code,
            row.complaint.first_words,
        )
        for row in rows
    ]  # fmt: skip


def corrected_texts() -> list[tuple[str, str]]:
    """The masked words of each complaint whose class a person set right, and the class it got.

    The last correction counts; a complaint whose words were erased is left out.
    """
    last = dict(Correction.objects.order_by("at", "id").values_list("complaint_id", "to_code"))
    words: dict[str, str] = {}
    for ref, text in (
        Contact.objects.filter(complaint_id__in=last)
        .order_by("complaint_id", "-received_at", "-id")
        .values_list("complaint_id", "text")
    ):
        words[ref] = text or words.get(ref, "")
    return [(words[ref], code) for ref, code in last.items() if words.get(ref, "").strip()]
