"""How the links of a service do: scores of their probes, faults that were located."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from amends.causes.vetting.models import LinkKind, LinkProbe, ProbeKind, ProbeResult, ServiceFault
from amends.causes.vetting.rules.chain_events import FaultEvidence
from amends.causes.vetting.rules.probe_scores import apdex_of
from amends.engines.stats.rates import share

SCORE_HOURS = 24
_TARGET_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class ProbeScore:
    """A probe over the last `SCORE_HOURS` hours.

    passed  share of runs that passed, with its exact interval (0–1); None without runs
    apdex   against a quarter of the longest answer allowed; None without runs
    """

    link: str
    link_kind: LinkKind
    name: str
    kind: ProbeKind
    runs: int
    passed: float | None
    low: float | None
    high: float | None
    apdex: float | None
    error: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault of a link, what points to it, and whether it lasts until the last results."""

    link: str
    link_kind: LinkKind
    partner: str
    from_at: datetime
    to_at: datetime
    evidence: FaultEvidence
    is_open: bool


def probe_scores(service: str, *, now: datetime) -> list[ProbeScore]:
    """The active probes of a service, by link."""
    probes = LinkProbe.objects.filter(link__service=service, is_active=True).select_related("link")
    since = now - timedelta(hours=SCORE_HOURS)
    by_probe: dict[int, list[ProbeResult]] = defaultdict(list)
    for probe_result in ProbeResult.objects.filter(probe__in=probes, at__gte=since, at__lte=now):
        by_probe[probe_result.probe_id].append(probe_result)
    return [_score(probe, by_probe.get(probe.pk, [])) for probe in probes]


def _score(probe: LinkProbe, results: list[ProbeResult]) -> ProbeScore:
    times = [
        probe_result.ms
        for probe_result in results
        if probe_result.passed and probe_result.ms is not None
    ]
    passed = sum(1 for probe_result in results if probe_result.passed)
    passed_share = share(passed, len(results))
    last = results[-1] if results else None
    return ProbeScore(
        link=probe.link.name,
        link_kind=LinkKind(probe.link.kind),
        name=probe.name,
        kind=ProbeKind(probe.kind),
        runs=len(results),
        passed=passed_share.share if passed_share else None,
        low=passed_share.low if passed_share else None,
        high=passed_share.high if passed_share else None,
        apdex=apdex_of(times, len(results) - passed, target_ms=_TARGET_SHARE * probe.most_ms),
        error=last.error if last else "",
        last_at=last.at if last else None,
    )


def service_faults(service: str, *, now: datetime, days: int = 60) -> list[FaultView]:
    """The faults of a service, the newest first."""
    rows = ServiceFault.objects.filter(
        link__service=service, to_at__gte=now - timedelta(days=days)
    ).select_related("link")
    faults = []
    for row in rows:
        evidence = {**row.evidence, "incidents": tuple(row.evidence.get("incidents", ()))}
        faults.append(
            FaultView(
                link=row.link.name,
                link_kind=LinkKind(row.link.kind),
                partner=row.link.partner,
                from_at=row.from_at,
                to_at=row.to_at,
                evidence=FaultEvidence(**evidence),
                is_open=_is_open(row),
            )
        )
    return faults


@dataclass(frozen=True, slots=True)
class OfferFault:
    """A fault of a service that is sold as an offer; `to_at` None while it lasts."""

    service: str
    offer: str
    link: str
    from_at: datetime
    to_at: datetime | None


def faults_of_offers(*, start: datetime, end: datetime) -> list[OfferFault]:
    """The faults in `[start, end)` of services that are sold as offers, the earliest first."""
    rows = ServiceFault.objects.filter(to_at__gte=start, from_at__lt=end)
    rows = rows.exclude(link__service__offer="").select_related("link__service")
    return [
        OfferFault(
            service=row.link.service.ref,
            offer=row.link.service.offer,
            link=row.link.name,
            from_at=row.from_at,
            to_at=None if _is_open(row) else row.to_at,
        )
        for row in rows.order_by("from_at", "id")
    ]


def _is_open(row: ServiceFault) -> bool:
    return row.found_at - row.to_at < timedelta(hours=1)


def probe_counters(*, start: datetime, end: datetime) -> pl.DataFrame:
    """Results of probes as counters that `amends quality degraded` takes.

    Columns `at` (the hour), `area` (service), `cell` (link and probe), `kpi` (`probe_ms`: median
    of those that passed; `probe_failed_share`), `value`, `users` (runs).
    """
    rows = ProbeResult.objects.filter(at__gte=start, at__lt=end).values_list(
        "at", "probe__link__service", "probe__link__name", "probe__name", "passed", "ms"
    )
    frame = pl.DataFrame(
        list(rows),
        schema={
            "at": pl.Datetime("us", "UTC"),
            "area": pl.String,
            "link": pl.String,
            "probe": pl.String,
            "passed": pl.Boolean,
            "ms": pl.Float64,
        },
        orient="row",
    )
    by_hour = (
        frame.with_columns(
            pl.col("at").dt.truncate("1h"), cell=pl.col("link") + "/" + pl.col("probe")
        )
        .group_by("at", "area", "cell")
        .agg(
            probe_ms=pl.col("ms").filter(pl.col("passed")).median(),
            probe_failed_share=1 - pl.col("passed").mean(),
            users=pl.len(),
        )
    )
    return (
        by_hour.unpivot(
            index=["at", "area", "cell", "users"], variable_name="kpi", value_name="value"
        )
        .drop_nulls("value")
        .select("at", "area", "cell", "kpi", "value", "users")
        .sort("at", "cell", "kpi")
    )
