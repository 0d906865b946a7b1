"""What pages and other apps may ask of launches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from amends.catalogue.queries import OfferView, offer, offers
from amends.kit.translatable import Translatable
from amends.launches.models import Comparison, Launch
from amends.launches.rules.lessons import LaunchOutcome, Lessons, lessons
from amends.launches.rules.replacement import worse_in
from amends.subscribers.queries.counts import services_by


def launches() -> list[Launch]:
    """Every launch with its approvals and limits, newest assessment first."""
    return list(Launch.objects.prefetch_related("approvals", "limits"))


def launch(ref: str) -> Launch | None:
    """One launch with its approvals and limits."""
    rows = Launch.objects.select_related("withdrawal")
    return rows.prefetch_related("approvals", "limits", "comparisons").filter(id=ref).first()


def users_on(offer: str, at: datetime) -> int:
    """Services that run on an offer at a moment."""
    return services_by("offer", at=at).get(offer, 0)


def replacements(launch: Launch, at: datetime) -> list[OfferView]:
    """Offers in force that are equal to the launch's or better, cheapest first."""
    old = offer(launch.offer, at)
    found = [
        one for one in offers(at)
        if old and one.ref != launch.offer and not worse_in(old, one)
        and not Launch.objects.filter(offer=one.ref).exclude(state=Launch.State.LIVE).exists()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.price_minor, one.ref))


def within_forecast() -> tuple[int, int]:
    """Comparisons of users that lie between P10 and P90, and how many there are."""
    rows = Comparison.objects.filter(metric=Comparison.Metric.USERS)
    return sum(one.is_within for one in rows), len(rows)


def lessons_learned() -> Lessons:
    """What the launches compared so far teach the next case."""
    compared = Launch.objects.filter(comparisons__isnull=False).distinct().order_by("live_at", "id")
    return lessons([_outcome(one) for one in compared.prefetch_related("comparisons")])


def _outcome(launch: Launch) -> LaunchOutcome:
    users = [one for one in launch.comparisons.all() if one.metric == Comparison.Metric.USERS]
    complaints = [
        one for one in launch.comparisons.all() if one.metric == Comparison.Metric.COMPLAINTS
    ]
    last = users[-1]
    return LaunchOutcome(
        launch.name, [(one.days // 30, one.adopted) for one in users],
        last.user_months if complaints else 0.0,
        int(complaints[-1].actual) if complaints else 0,
        last.actual / last.forecast if last.forecast else 0.0,
    )  # fmt: skip


def sentences(stored: list[dict[str, Any]]) -> list[Translatable]:
    """Sentences of a stored assessment, to be told in the reader's language."""
    return [_said(one) for one in stored]


def _said(stored: dict[str, Any]) -> Translatable:
    values = {
        name: _said(one) if isinstance(one, dict) else one for name, one in stored["values"].items()
    }
    return Translatable(stored["words"], **values)
