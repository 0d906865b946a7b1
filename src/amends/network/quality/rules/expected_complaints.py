"""How many complaints an incident brings: what such incidents brought before, and what that says.

Complaints of an incident come at a rate per affected user that depends on the hours since its
start. The rate of each span of hours is estimated from earlier incidents of its kind; a prior
stands in while there are few. Gamma prior and Poisson counts give a negative binomial for what is
still to come (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan

from scipy import special

SPANS_H = ((0, 2), (2, 6), (6, 24), (24, 72), (72, 24 * 28))
"""Hours since the start within which the rate counts as one."""
_PRIOR_PER_1000_H = {
    "outage": (1.0, 0.6, 0.25, 0.1, 0.02),
    "degraded": (0.1, 0.1, 0.06, 0.04, 0.03),
    "congestion": (0.1, 0.1, 0.06, 0.04, 0.03),
    "work": (0.2, 0.1, 0.05, 0.02, 0.01),
}
_PRIOR_WEIGHT = 0.5
"""Complaints that the prior counts as: one incident of its own outweighs it."""
_LIKE_ANOTHER = 4.0
"""Complaints that all earlier incidents together count as for the next: they differ."""


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An earlier incident: kind, affected users, hours from its start to its end or to now, and the
    hours after the start at which its complaints came."""

    kind: str
    users: float
    hours: float
    complaints_h: Sequence[float]


@dataclass(frozen=True, slots=True)
class ExpectedComplaints:
    """Complaints expected within some hours: mean, and the interval of four cases in five.

    rests_on  earlier incidents of the kind that the figure rests on; 0 where it is the prior alone
    """

    mean: float
    low: int
    high: int
    rests_on: int


def expected(
    kind: str,
    *,
    users: float,
    from_h: float,
    to_h: float,
    past: Sequence[PastIncident],
    own: PastIncident | None = None,
) -> ExpectedComplaints:
    """Complaints that an incident of a kind brings between two hours after its start.

    users  affected users
    own    the incident itself so far: what it has brought says more than any other
    """
    similar = [
        past_incident
        for past_incident in past
        if past_incident.kind == kind and past_incident.users > 0
    ]
    mean = variance = 0.0
    scale = _own_scale(kind, similar, own)
    for number, (low_h, high_h) in enumerate(SPANS_H):
        hours = min(to_h, high_h) - max(from_h, low_h)
        if hours <= 0:
            continue
        shape, rate = _rate(kind, number, similar)
        exposure = users * hours / 1000
        mean += scale * exposure * shape / rate
        variance += (scale * exposure) ** 2 * shape / rate**2
    return ExpectedComplaints(round(mean, 2), *_interval(mean, variance), len(similar))


def _rate(kind: str, number: int, past: Sequence[PastIncident]) -> tuple[float, float]:
    """Gamma shape and rate of complaints per 1,000 users and hour in one span."""
    low_h, high_h = SPANS_H[number]
    prior = _PRIOR_PER_1000_H[kind][number]
    seen = sum(
        sum(low_h <= at < high_h for at in past_incident.complaints_h) for past_incident in past
    )
    exposure = sum(
        past_incident.users * max(min(past_incident.hours, high_h) - low_h, 0.0) / 1000
        for past_incident in past
    )
    shape, rate = _PRIOR_WEIGHT + seen, _PRIOR_WEIGHT / prior + exposure
    # Incidents differ from each other more than chance alone: many do not make the next certain.
    narrowed = min(1.0, _LIKE_ANOTHER / shape) if shape > _LIKE_ANOTHER else 1.0
    return shape * narrowed, rate * narrowed


def _own_scale(kind: str, past: Sequence[PastIncident], own: PastIncident | None) -> float:
    """How much stronger than others this incident is, judged by what it has brought so far."""
    if own is None or own.users <= 0 or own.hours <= 0:
        return 1.0
    expected_count = 0.0
    for number, (low_h, high_h) in enumerate(SPANS_H):
        hours = max(min(own.hours, high_h) - low_h, 0.0)
        shape, rate = _rate(kind, number, past)
        expected_count += own.users * hours / 1000 * shape / rate
    return (len(own.complaints_h) + 1.0) / (expected_count + 1.0)


def _interval(mean: float, variance: float) -> tuple[int, int]:
    """10 % and 90 % of a negative binomial with this mean, its rate of this variance."""
    if mean <= 0:
        return 0, 0
    if variance <= 1e-9:
        return _whole(special.pdtrik(0.1, mean)), _whole(special.pdtrik(0.9, mean))
    size = mean**2 / variance
    chance = size / (size + mean)
    low, high = (special.nbdtrik(share, size, chance) for share in (0.1, 0.9))
    return _whole(low), _whole(high)


def _whole(value: float) -> int:
    """The least whole number that is no less; 0 where even that is more than the share."""
    return 0 if isnan(value) else max(ceil(value), 0)
