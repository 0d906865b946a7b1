"""Figures of misuse cases, requests and incidents of a period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from amends.causes.privacy.models import Incident, MisuseCase, RightsRequest
from amends.causes.privacy.queries import of_brand

Decision, State = MisuseCase.Decision, RightsRequest.State


@dataclass(frozen=True, slots=True)
class PrivacyStatistics:
    """Cases of misuse, requests and incidents of a period.

    decisions   outcome → cases
    precision   signal → (cases decided as misuse, cases decided) of the cases with that signal
    requests    kind → requests
    """

    cases: int
    open: int
    decisions: dict[str, int]
    median_days_to_decide: float | None
    appeals: int
    overturned: int
    precision: dict[str, tuple[int, int]]
    requests: dict[str, int]
    requests_answered: int
    requests_late: int
    incidents: int
    drills: int


def statistics(since: datetime, until: datetime, *, brand: str = "") -> PrivacyStatistics:
    """Counts of what was opened in `[since, until)`, by kind and outcome.

    brand  only of this brand
    """
    cases = list(
        of_brand(brand).filter(opened_at__gte=since, opened_at__lt=until).prefetch_related("alerts")
    )
    decided = [case for case in cases if case.decided_at]
    precision: dict[str, list[int]] = {}
    for case in decided:
        for signal in {alert.signal for alert in case.alerts.all()}:
            row = precision.setdefault(signal, [0, 0])
            row[0] += case.decision != Decision.UNFOUNDED
            row[1] += 1
    days = [(case.decided_at - case.opened_at).days for case in decided if case.decided_at]
    requests = RightsRequest.objects.filter(received_at__gte=since, received_at__lt=until)
    incidents = Incident.objects.filter(found_at__gte=since, found_at__lt=until)
    if brand:
        requests, incidents = requests.filter(brand=brand), incidents.filter(brand=brand)
    request_rows = list(requests)
    answered = [row for row in request_rows if row.answered_at]
    return PrivacyStatistics(
        cases=len(cases),
        open=len(cases) - len(decided),
        decisions=dict(Counter(case.decision for case in decided)),
        median_days_to_decide=median(days) if days else None,
        appeals=sum(case.appealed_at is not None for case in cases),
        overturned=sum(case.appeal_outcome == MisuseCase.Outcome.OVERTURNED for case in cases),
        precision={name: (hit, of) for name, (hit, of) in sorted(precision.items())},
        requests=dict(Counter(row.kind for row in request_rows)),
        requests_answered=len(answered),
        requests_late=sum(row.answered_at > row.due_at for row in answered if row.answered_at),
        incidents=incidents.filter(drill=False).count(),
        drills=incidents.filter(drill=True).count(),
    )
