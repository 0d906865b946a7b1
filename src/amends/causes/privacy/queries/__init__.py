"""What other apps and pages may ask of privacy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import get_language

from amends.causes.privacy.models import (
    AuthorityClock,
    Incident,
    MisuseCase,
    RightsRequest,
    ServiceReview,
)
from amends.causes.privacy.queries.clocks import incident_clocks
from amends.causes.privacy.rules.review import Flow, parse, review
from amends.platform.kit.formats import is_chinese


@dataclass(frozen=True, slots=True)
class FlowView:
    """A flow with what the review says of it, in the reader's language."""

    flow: Flow
    verdict: str
    threat: str
    why: str
    redesign: str


def reviews(*, brand: str = "") -> list[ServiceReview]:
    """The newest review of each service (of a brand), what blocks first."""
    newest: dict[tuple[str, str], ServiceReview] = {}
    for row in reviews_of_brand(brand).order_by("-reviewed_at", "-ref"):
        newest.setdefault((row.service, row.brand), row)
    ranks = {"block": 0, "conditions": 1, "pass": 2}
    return sorted(newest.values(), key=lambda row: (not row.waits, ranks[row.verdict]))


def reviews_of_brand(brand: str) -> QuerySet[ServiceReview]:
    """The reviews of a brand; all of them for ""."""
    rows = ServiceReview.objects.all()
    return rows.filter(brand=brand) if brand else rows


def review_in_force(service: str, *, brand: str = "") -> ServiceReview | None:
    """The newest review that counts for a service of a brand: its own or the operator's.

    brand  "": of the whole operator, for which every review counts
    """
    rows = ServiceReview.objects.filter(service=service).exclude(
        replaces__isnull=False, confirmed_at__isnull=True
    )
    return (rows.filter(brand__in=("", brand)) if brand else rows).first()


@dataclass(frozen=True, slots=True)
class FlowChange:
    """A flow that is declared otherwise than before; `before` or `after` None where it is new or
    gone; `fields` those that differ."""

    id: str
    before: Flow | None
    after: Flow | None
    fields: tuple[str, ...]


def changes(before: ServiceReview, after: ServiceReview) -> list[FlowChange]:
    """What a review declares otherwise than the one it replaces."""
    old = {flow.id: flow for flow in parse(before.description).flows}
    new = {flow.id: flow for flow in parse(after.description).flows}
    flow_changes = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was != now:
            differ = [
                field
                for field in Flow.__slots__
                if was and now and getattr(was, field) != getattr(now, field)
            ]
            flow_changes.append(FlowChange(id=name, before=was, after=now, fields=tuple(differ)))
    return flow_changes


def findings(row: ServiceReview) -> list[FlowView]:
    """Each flow of a review by the rules it was judged by, what blocks first."""
    service = parse(row.description)
    review_result = review(service, on=date.fromisoformat(row.rules.rpartition("@")[2]))
    chinese = is_chinese(get_language() or "")
    rows = [
        FlowView(
            flow=flow,
            verdict=flow_result.verdict,
            threat=flow_result.threat,
            why=flow_result.why_zh if chinese else flow_result.why_en,
            redesign=flow_result.redesign_zh if chinese else flow_result.redesign_en,
        )
        for flow, flow_result in zip(service.flows, review_result.flows, strict=True)
    ]
    ranks = {"block": 0, "conditions": 1, "pass": 2}
    return sorted(rows, key=lambda finding_row: ranks[finding_row.verdict])


@dataclass(frozen=True, slots=True)
class RightsView:
    """A request with what its rule says; `late` while it is open past its day."""

    it: RightsRequest
    rule: str
    late: bool
    has_copy: bool


def requests_of(subscriber: str, *, now: datetime) -> list[RightsView]:
    """A person's own requests, the newest first."""
    rows = RightsRequest.objects.filter(subscriber=subscriber).order_by("-received_at", "ref")
    return [_rights_view(row, now) for row in rows]


def rights_queue(
    *, now: datetime, brand: str = "", only_answered: bool = False
) -> list[RightsView]:
    """Open requests by their clocks, or the newest answered ones."""
    rows = RightsRequest.objects.filter(brand=brand) if brand else RightsRequest.objects.all()
    if only_answered:
        rows = rows.exclude(state="open").order_by("-answered_at", "ref")
    else:
        rows = rows.filter(state="open").order_by("due_at", "ref")
    return [_rights_view(row, now) for row in rows[:200]]


def rights_request(ref: str, *, brand: str = "") -> RightsRequest | None:
    """One request (of a brand)."""
    rows = RightsRequest.objects.filter(brand=brand) if brand else RightsRequest.objects.all()
    return rows.filter(ref=ref).first()


def _rights_view(row: RightsRequest, now: datetime) -> RightsView:
    is_open = row.state == RightsRequest.State.OPEN
    has_document = row.document_until is not None and row.document_until > now
    return RightsView(
        it=row,
        rule=row.rule,
        late=is_open and row.due_at < now,
        has_copy=has_document,
    )


def incidents(*, brand: str = "", closed: bool = False) -> list[Incident]:
    """Incidents (of a brand), open or closed, the newest first."""
    rows = Incident.objects.filter(brand=brand) if brand else Incident.objects.all()
    return list(rows.filter(closed_at__isnull=not closed).prefetch_related("clocks")[:200])


def due_reports(row: Incident, *, untold: int) -> list[AuthorityClock]:
    """The reports an incident still owes, soonest first.

    untold  people concerned who are not told yet: a duty to tell them is met when there are none
    """
    about_people = {
        incident_clock.rule
        for incident_clock in incident_clocks(row.found_at)
        if incident_clock.persons
    }
    return [
        clock
        for clock in row.clocks.all()
        if clock.told_at is None and (untold or clock.rule not in about_people)
    ]


def next_report(row: Incident) -> datetime | None:
    """When the next report of an incident is due; None where it owes none."""
    untold = row.affected.filter(message="").count()
    return min((report.due_at for report in due_reports(row, untold=untold)), default=None)


def incident(ref: str, *, brand: str = "") -> Incident | None:
    """One incident (of a brand)."""
    rows = Incident.objects.filter(brand=brand) if brand else Incident.objects.all()
    return rows.prefetch_related("clocks", "steps").filter(ref=ref).first()


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
