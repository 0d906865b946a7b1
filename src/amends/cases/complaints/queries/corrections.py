"""What people set right: rules overruled and by how many, classes corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.cases.complaints.models import Contact, Correction, Decision
from amends.engines.decisions.rulings.book import book
from amends.people.access.web.signs import in_words
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import jurisdictions


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


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Short title and sentence of a decision's rule; `title` is never empty."""

    title: str
    text: str


def rule_words(rule: str) -> RuleWords:
    """What a decision's rule is called and says; its id where it is of no pack in force.

    A rule of a province is named after its overlay, which the pack of the country does not hold.
    """
    rule_book = book(settings.JURISDICTION, timezone.localdate())
    overlay = rule.partition(".")[0]
    books = [rule_book]
    if overlay != settings.JURISDICTION and overlay in jurisdictions():
        books.append(book(overlay, timezone.localdate()))
    for searched_book in books:
        rules_by_id = {each.id: each for rules in searched_book.rules.values() for each in rules}
        if rule in rules_by_id:
            rule_entry = rules_by_id[rule]
            title = rule_entry.title_zh if is_chinese(get_language() or "") else rule_entry.title_en
            return RuleWords(title, in_words(rule_entry))
    verb, _dot, ground = rule.partition(".")
    verbs = {"refuted": _("refuted: %(ground)s"), "settled": _("already refunded: %(ground)s")}
    if verb in verbs and ground in rule_book.grounds:
        return RuleWords(verbs[verb] % {"ground": in_words(rule_book.grounds[ground])}, "")
    return RuleWords(rule, "")
