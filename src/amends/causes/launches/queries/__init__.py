"""What pages and other apps may ask of launches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from amends.causes.launches.models import Comparison, Launch, LaunchAssessment
from amends.causes.launches.queries.authority import cause_of
from amends.causes.launches.queries.gates import gates_of, missing_approvals
from amends.causes.launches.rules.lessons import LaunchOutcome, Lessons, lessons
from amends.causes.launches.rules.replacement import worse_in
from amends.people.subscribers.queries.counts import services_by
from amends.platform.kit.translatable import Translatable
from amends.record.catalogue.queries import OfferView, freezes, offer, offers


def launches(*, brand: str = "") -> list[Launch]:
    """Every launch (of a brand) with its approvals and limits, newest assessment first."""
    return list(_of_brand(brand).prefetch_related("approvals", "limits"))


def launches_in_state(state: str, *, brand: str = "") -> list[Launch]:
    """The launches (of a brand) in one state, newest assessment first."""
    return list(_of_brand(brand).filter(state=state))


def launches_stopped(since: datetime, *, brand: str = "") -> list[Launch]:
    """The launches (of a brand) stopped after a point in time, the newest first."""
    return list(_of_brand(brand).filter(stopped_at__gt=since).order_by("-stopped_at"))


def names_of_launches(*, brand: str = "") -> dict[str, str]:
    """Offer → name of its launch (of a brand), newest assessment first."""
    return dict(_of_brand(brand).values_list("offer", "name"))


def launch(ref: str, *, brand: str = "") -> Launch | None:
    """One launch (of a brand) with its approvals and limits."""
    rows = _of_brand(brand).select_related("withdrawal")
    return rows.prefetch_related("approvals", "limits", "comparisons").filter(id=ref).first()


def _of_brand(brand: str) -> QuerySet[Launch]:
    return Launch.objects.filter(brand=brand) if brand else Launch.objects.all()


def assessment(ref: str, *, brand: str = "") -> LaunchAssessment | None:
    """One case that was handed in (of a brand)."""
    rows = LaunchAssessment.objects.filter(brand=brand) if brand else LaunchAssessment.objects.all()
    return rows.select_related("launch").filter(id=ref).first()


def assessments(*, brand: str = "") -> list[LaunchAssessment]:
    """Cases (of a brand) that are not calculated yet, the oldest first."""
    rows = LaunchAssessment.objects.filter(state__in=("waiting", "running"))
    return list(rows.filter(brand=brand) if brand else rows)


def waiting_before(row: LaunchAssessment) -> int:
    """How many cases are calculated before this one."""
    earlier = LaunchAssessment.objects.filter(state__in=("waiting", "running"))
    return earlier.filter(asked_at__lt=row.asked_at).count()


def users_on(offer: str, at: datetime) -> int:
    """Services that run on an offer at a moment."""
    return services_by("offer", at=at).get(offer, 0)


def replacements(launch: Launch, at: datetime) -> list[OfferView]:
    """Offers in force that are equal to the launch's or better, cheapest first."""
    old = offer(launch.offer, at)
    offers_found = [
        offer_view
        for offer_view in offers(at)
        if old
        and offer_view.ref != launch.offer
        and not worse_in(old, offer_view)
        and not Launch.objects.filter(offer=offer_view.ref)
        .exclude(state=Launch.State.LIVE)
        .exists()
    ]
    return sorted(offers_found, key=lambda offer_view: (offer_view.price_minor, offer_view.ref))


def within_forecast(*, brand: str = "") -> tuple[int, int]:
    """Comparisons of users that lie between P10 and P90, and how many there are."""
    rows = Comparison.objects.filter(
        metric=Comparison.Metric.USERS, launch__in=_of_brand(brand).values("pk")
    )
    return sum(row.is_within for row in rows), len(rows)


def lessons_learned(*, brand: str = "") -> Lessons:
    """What the launches (of a brand) compared so far teach the next case."""
    compared = (
        _of_brand(brand).filter(comparisons__isnull=False).distinct().order_by("live_at", "id")
    )
    return lessons(
        [_outcome(compared_launch) for compared_launch in compared.prefetch_related("comparisons")]
    )


def _outcome(launch: Launch) -> LaunchOutcome:
    users = [
        comparison
        for comparison in launch.comparisons.all()
        if comparison.metric == Comparison.Metric.USERS
    ]
    complaints = [
        comparison
        for comparison in launch.comparisons.all()
        if comparison.metric == Comparison.Metric.COMPLAINTS
    ]
    last = users[-1]
    return LaunchOutcome(
        name=launch.name,
        shares=[(user.days // 30, user.adopted) for user in users],
        user_months=last.user_months if complaints else 0.0,
        complaints=int(complaints[-1].actual) if complaints else 0,
        ratio=last.actual / last.forecast if last.forecast else 0.0,
    )


@dataclass(frozen=True, slots=True)
class StartPreview:
    """What putting a launch on sale starts.

    terms      of the offer as the catalogue has it now; None: it cannot be ordered yet
    users      services that run on the offer already
    barred     gates that are red or unchecked
    missing    how many people must still approve
    holds      other sale freezes, which go on
    """

    terms: OfferView | None
    users: int
    barred: list[str]
    missing: int
    holds: list[str]
    digest: str


def start_preview(launch: Launch, at: datetime) -> StartPreview:
    """What starts if the launch is put on sale now; `digest` is another one once that changes."""
    gates = gates_of(launch.offer, launch.brand)
    barred = [gate for gate, (state, _why) in gates.items() if state != "green"]
    terms, missing = offer(launch.offer, at), missing_approvals(launch)
    holds = [
        freeze.reason
        for freeze in freezes()
        if freeze.ref == launch.offer and freeze.cause != cause_of(launch)
    ]
    preview_state = [
        launch.inputs_sha256,
        launch.state,
        gates,
        missing,
        holds,
        terms and terms.version,
    ]
    digest = hashlib.sha256(repr(preview_state).encode()).hexdigest()
    return StartPreview(
        terms=terms,
        users=users_on(launch.offer, at),
        barred=barred,
        missing=missing,
        holds=holds,
        digest=digest,
    )


def sentences(stored: list[dict[str, Any]]) -> list[Translatable]:
    """Sentences of a stored assessment, to be told in the reader's language."""
    return [_said(sentence) for sentence in stored]


def _said(stored: dict[str, Any]) -> Translatable:
    values = {
        name: _said(member) if isinstance(member, dict) else member
        for name, member in stored["values"].items()
    }
    return Translatable(stored["words"], **values)
