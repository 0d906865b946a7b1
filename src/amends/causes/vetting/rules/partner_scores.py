"""Scores of partners: each component with its interval; none is ranked worse by chance.

A component is a share (of judged services, of due take-downs) or a rate (per users, apps, days).
Intervals are exact (Clopper and Pearson 1934; Garwood 1936), at a level divided by the number of
partners and components (Bonferroni), so that all of them are valid at once. Weekly counts of a rate
that vary more than a Poisson process does widen its interval (quasi-Poisson, McCullagh and Nelder,
Generalized Linear Models, 1989, 6.2): complaints come in bursts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy import special

from amends.engines.stats.rates import rate, share

LEVEL = 0.95
UNCONFIRMED = "unconfirmed"
COMPLAINTS = "complaints"
FAULTS = "faults"
FINDINGS = "findings"
TAKE_DOWNS = "take_downs"
NIGHT = "night"
REFUNDS = "refunds"
SANCTIONS = "sanctions"
SHARES = frozenset({UNCONFIRMED, TAKE_DOWNS, NIGHT, REFUNDS})
PER: Mapping[str, float] = {COMPLAINTS: 1e6, FAULTS: 30.0, FINDINGS: 1.0, SANCTIONS: 1.0}
COMPONENTS = (
    UNCONFIRMED,
    COMPLAINTS,
    FAULTS,
    FINDINGS,
    TAKE_DOWNS,
    NIGHT,
    REFUNDS,
    SANCTIONS,
)


@dataclass(frozen=True, slots=True)
class ComponentCount:
    """Counts of one component of one partner.

    bad       what counts against it: unconfirmed services, complaints, faults, findings …
    exposure  of what: judged services (share), users, link days, apps (rate)
    weekly    `bad` week by week, of a rate whose events come in bursts; empty where not known
    """

    partner: str
    component: str
    bad: int
    exposure: float
    weekly: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """One component of a partner with its interval, and what it is compared with.

    value     share (0–1), or rate per `PER` units
    low, high at the joint level
    others    the same figure of all others together; None where there are none
    is_worse  its interval is above that of all others together
    """

    component: str
    bad: int
    exposure: float
    value: float
    low: float
    high: float
    others: float | None
    is_worse: bool


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """All components of a partner; `worse` counts those in which it is surely worse.

    rank  1 + partners with fewer such components; equal partners share a rank
    """

    partner: str
    components: tuple[ComponentScore, ...]
    worse: int
    rank: int


def partner_standings(
    counts: Iterable[ComponentCount], *, level: float = LEVEL
) -> list[PartnerStanding]:
    """Partners by how many components they are surely worse in, then by name."""
    by_component: dict[str, list[ComponentCount]] = defaultdict(list)
    for count in counts:
        if count.exposure > 0:
            by_component[count.component].append(count)
    intervals = sum(len(group) for group in by_component.values())
    if not intervals:
        return []
    # Each comparison needs two intervals: of the partner, and of the others.
    each = 1 - (1 - level) / (2 * intervals)
    scores: dict[str, list[ComponentScore]] = defaultdict(list)
    for component in COMPONENTS:
        group = by_component.get(component, [])
        spread = _dispersion(group)
        for component_count in group:
            scores[component_count.partner].append(_score(component_count, group, spread, each))
    worse = {
        name: sum(component_score.is_worse for component_score in component_scores)
        for name, component_scores in scores.items()
    }
    standings = [
        PartnerStanding(
            partner=name,
            components=tuple(component_scores),
            worse=worse[name],
            rank=1 + sum(other_worse < worse[name] for other_worse in worse.values()),
        )
        for name, component_scores in scores.items()
    ]
    return sorted(
        standings, key=lambda partner_standing: (-partner_standing.worse, partner_standing.partner)
    )


def _score(
    component_count: ComponentCount, group: Sequence[ComponentCount], spread: float, level: float
) -> ComponentScore:
    value, low, high = _interval(
        component_count.component, component_count.bad, component_count.exposure, spread, level
    )
    bad = sum(other_count.bad for other_count in group) - component_count.bad
    exposure = sum(other_count.exposure for other_count in group) - component_count.exposure
    others_value, is_worse = None, False
    if exposure > 0:
        others_value, _others_low, others_high = _interval(
            component_count.component, bad, exposure, spread, level
        )
        is_worse = low > others_high
    return ComponentScore(
        component=component_count.component,
        bad=component_count.bad,
        exposure=component_count.exposure,
        value=value,
        low=low,
        high=high,
        others=others_value,
        is_worse=is_worse,
    )


def _interval(
    component: str, bad: int, exposure: float, spread: float, level: float
) -> tuple[float, float, float]:
    if component in SHARES:
        bad_share = share(bad, int(exposure), level=level)
        return (bad_share.share, bad_share.low, bad_share.high) if bad_share else (0.0, 0.0, 1.0)
    per = PER[component]
    if spread == 1.0:
        exact = rate(bad, exposure, per=per, level=level)
        return exact.rate, exact.low, exact.high
    # Counts divided by their dispersion behave as those of a Poisson process.
    tail, events, factor = (1 - level) / 2, bad / spread, per * spread / exposure
    low = float(special.gammaincinv(events, tail)) if events else 0.0
    high = float(special.gammainccinv(events + 1, tail))
    return bad * per / exposure, low * factor, high * factor


def _dispersion(group: Sequence[ComponentCount]) -> float:
    """Pearson's chi-square of weekly counts around each partner's mean, per degree of freedom.

    At least 1; the upper end of what chance makes of a Poisson process is not taken for more.
    """
    chi, freedom = 0.0, 0
    for component_count in group:
        if len(component_count.weekly) < 2 or not sum(component_count.weekly):
            continue
        mean = sum(component_count.weekly) / len(component_count.weekly)
        chi += sum((count - mean) ** 2 for count in component_count.weekly) / mean
        freedom += len(component_count.weekly) - 1
    return max(1.0, chi / freedom) if freedom else 1.0
