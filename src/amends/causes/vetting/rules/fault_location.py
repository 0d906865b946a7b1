"""Locate faults of a service to the link of its chain that causes them.

Probes, charges and incidents are evidence of a link; complaints only corroborate. Which probes meet
which links is in `chains`; the most likely explanation of the probe results in `probe_states`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from amends.causes.vetting.rules.chain_events import (
    CHARGE,
    COMPLAINT,
    INCIDENT,
    PROBE,
    ChainEvent,
    FaultEvidence,
    LocatedFault,
)
from amends.causes.vetting.rules.chains import APP, BILLING, ServiceChain
from amends.causes.vetting.rules.probe_states import ProbeSteps, explain_steps

STEP_S = (120.0, 3600.0)
_PADDING = 4
_NEAR_STEPS = 2
_FEWEST_NEAR = 3
_JOIN_S = 3 * 3600.0
_FEWEST_BAD = 3
_SHORTEST_S = 15 * 60.0
_FEWEST_OF_OUTAGE = 3
_LONGEST_OUTAGE_S = 45 * 60.0
_LEAST_BAD_SHARE = 0.65
_HOURS_KNOWN_FROM_DAYS = 4

# A slow result: 2.8 times the usual time, give or take a factor of two.
_SLOW_LOG, _SLOW_SPREAD = math.log(2.8), 0.6
_LEAST_SPREAD = 0.08
_RATIO_CAP = (-1.5, 3.0)

# Shares of charges without confirmation (or repeated) that a fault of billing may have.
_CHARGE_SHARES = (0.12, 0.35, 0.8)
_CHARGE_STARTS, _CHARGE_ENDS = -9.0, -4.0
_FEWEST_CHARGES = 4

_STALE_INCIDENT_S = 24 * 3600.0
_LATE_CLOSING_S = 12 * 3600.0
_UNPROVEN_INCIDENTS = (
    "planned",
    "maintenance",
    "drill",
    "exercise",
    "test",
    "information",
    "计划",
    "演练",
    "割接",
)


@dataclass(slots=True)
class _Span:
    """A suspected fault, in seconds since the epoch."""

    link: str
    start: float
    end: float
    incidents: tuple[str, ...] = ()
    by_probes: bool = False
    by_charges: bool = False


@dataclass(frozen=True, slots=True)
class _ProbeTable:
    """Probe results as columns, sorted by time.

    ratio  log-likelihood "slow against usual" of a passed result, 0 where not measured
    """

    probes: list[tuple[str, str]]
    at: NDArray[np.float64]
    probe: NDArray[np.int64]
    failed: NDArray[np.bool_]
    ratio: NDArray[np.float64]

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Failed, or clearly slow."""
        return self.failed | (self.ratio > 1.0)


def locate_faults(events: Iterable[ChainEvent], chain: ServiceChain) -> list[LocatedFault]:
    """The faults of a service, each at the link that causes it, oldest first."""
    by_source: dict[str, list[ChainEvent]] = defaultdict(list)
    for event in events:
        by_source[event.source].append(event)
    own = {link.id for link in chain.links}
    table = _probe_table(
        [probe_event for probe_event in by_source[PROBE] if probe_event.link in own]
    )
    table = _without_outages_of_the_prober(table, chain)
    charges = [
        charge_event
        for charge_event in by_source[CHARGE]
        if charge_event.link in own or not charge_event.link
    ]
    incidents = _open_incidents(
        [incident_event for incident_event in by_source[INCIDENT] if incident_event.link in own]
    )
    complaints = np.sort(
        np.array(
            [
                _s(complaint_event.at)
                for complaint_event in by_source[COMPLAINT]
                if not complaint_event.link
            ]
        )
    )

    spans = list(_probe_spans(table, chain, incidents, complaints))
    spans += _charge_spans(charges, chain)
    spans = _join(_with_incidents(_join(spans), incidents, chain))
    return [
        LocatedFault(
            link=span.link,
            from_at=datetime.fromtimestamp(span.start, UTC),
            to_at=datetime.fromtimestamp(span.end, UTC),
            evidence=_evidence(span, table, charges, complaints, chain),
        )
        for span in sorted(spans, key=lambda span: (span.start, span.link))
    ]


def _s(moment: datetime) -> float:
    return moment.timestamp()


# Probes


def _probe_table(events: Sequence[ChainEvent]) -> _ProbeTable:
    ordered = sorted(events, key=lambda event: event.at)
    names = sorted({(probe_event.link, probe_event.what) for probe_event in ordered})
    probe_index = {name: number for number, name in enumerate(names)}
    at = np.array([_s(probe_event.at) for probe_event in ordered])
    probe = np.array(
        [probe_index[probe_event.link, probe_event.what] for probe_event in ordered], dtype=np.int64
    )
    failed = np.array([probe_event.ok is False for probe_event in ordered], dtype=bool)
    ms = np.array(
        [math.nan if probe_event.ms is None else probe_event.ms for probe_event in ordered]
    )
    ratio = np.zeros(len(ordered))
    for number in range(len(names)):
        mine = np.flatnonzero((probe == number) & ~failed & (ms > 0))
        if len(mine) >= 20:
            ratio[mine] = _slow_ratios(at[mine], np.log(ms[mine]))
    return _ProbeTable(probes=names, at=at, probe=probe, failed=failed, ratio=ratio)


def _slow_ratios(at: NDArray[np.float64], log_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-likelihood of "slow" against "usual", from what this probe takes at this hour."""
    day = (at // 86400).astype(int)
    days = np.unique(day)
    daily = np.array([np.median(log_ms[day == day_number]) for day_number in days])
    base = np.full(len(at), np.median(daily))
    if len(days) >= _HOURS_KNOWN_FROM_DAYS:
        hour = ((at % 86400) // 3600).astype(int)
        by_hour = np.full(24, math.nan)
        for hour_number in range(24):
            near = np.isin(hour, [(hour_number - 1) % 24, hour_number, (hour_number + 1) % 24])
            if near.sum() >= 2 * len(days):
                by_hour[hour_number] = np.median(log_ms[near])
        typical = by_hour[hour]
        base = np.where(np.isnan(typical), base, typical)
    residual = log_ms - base
    spread = max(_LEAST_SPREAD, 1.4826 * float(np.median(np.abs(residual - np.median(residual)))))
    scaled = residual / spread
    # Student's t with three degrees of freedom: single outliers are usual.
    usual = math.log(0.3676 / spread) - 2.0 * np.log1p(scaled**2 / 3.0)
    slow = -0.5 * ((residual - _SLOW_LOG) / _SLOW_SPREAD) ** 2 - math.log(_SLOW_SPREAD * 2.5066)
    ratio: NDArray[np.float64] = np.clip(slow - usual, *_RATIO_CAP)
    return ratio


def _without_outages_of_the_prober(table: _ProbeTable, chain: ServiceChain) -> _ProbeTable:
    """Leave out short times in which every result failed though no single link explains it."""
    drop = np.zeros(len(table.at), dtype=bool)
    for begin, end in _runs(table.failed.tolist()):
        if end - begin + 1 < _FEWEST_OF_OUTAGE:
            continue
        if table.at[end] - table.at[begin] > _LONGEST_OUTAGE_S:
            continue
        drop[begin : end + 1] = not _one_link_explains(begin, end, table, chain)
    return replace(
        table,
        at=table.at[~drop],
        probe=table.probe[~drop],
        failed=table.failed[~drop],
        ratio=table.ratio[~drop],
    )


def _one_link_explains(begin: int, end: int, table: _ProbeTable, chain: ServiceChain) -> bool:
    """Whether all probes with results from `begin` to `end` meet one link."""
    owners = {table.probes[number][0] for number in table.probe[begin : end + 1]}
    return any(
        all(owner == link.id or link.id in _used_by(owner, chain) for owner in owners)
        for link in chain.links
    )


def _long_failures(table: _ProbeTable, chain: ServiceChain) -> NDArray[np.bool_]:
    """Results of long times in which every result failed and one link explains it."""
    is_explained = np.zeros(len(table.at), dtype=bool)
    for begin, end in _runs(table.failed.tolist()):
        if table.at[end] - table.at[begin] > _LONGEST_OUTAGE_S:
            is_explained[begin : end + 1] = _one_link_explains(begin, end, table, chain)
    return is_explained


def _used_by(link_id: str, chain: ServiceChain) -> frozenset[str]:
    link = chain.link(link_id)
    return chain.uses(link) if link else frozenset()


def _only_the_prober(span: _Span, table: _ProbeTable) -> bool:
    """Whether every result of every probe failed, and not for long."""
    inside = (table.at >= span.start) & (table.at <= span.end)
    return bool(table.failed[inside].all()) and span.end - span.start < _LONGEST_OUTAGE_S


def _is_patchy(span: _Span, table: _ProbeTable, chain: ServiceChain) -> bool:
    """Whether a short time has many good results among the bad: the edge of an outage."""
    met = _meeting(span.link, table, chain) & (table.at >= span.start) & (table.at <= span.end)
    is_short = span.end - span.start < _LONGEST_OUTAGE_S
    return is_short and float(table.bad[met].mean()) < _LEAST_BAD_SHARE


def _step_length(table: _ProbeTable) -> float:
    gaps = [
        float(np.median(np.diff(table.at[table.probe == number])))
        for number in range(len(table.probes))
        if (table.probe == number).sum() > 2
    ]
    usual = float(np.median(gaps)) if gaps else STEP_S[0]
    return min(max(usual, STEP_S[0]), STEP_S[1])


def _probe_spans(
    table: _ProbeTable,
    chain: ServiceChain,
    incidents: Sequence[_Span],
    complaints: NDArray[np.float64],
) -> Iterator[_Span]:
    if not len(table.at):
        return
    width = _step_length(table)
    start = float(table.at[0])
    step = ((table.at - start) // width).astype(int)
    not_prober = _long_failures(table, chain)
    for first, last in _episodes(np.unique(step[table.bad], return_counts=True)):
        steps = _steps(table, step, first, last, not_prober)
        edges: NDArray[np.float64] = start + width * np.arange(first, last + 1, dtype=np.float64)
        opened = {incident.link: np.zeros(last - first + 1, dtype=bool) for incident in incidents}
        for incident in incidents:
            opened[incident.link] |= (edges + width > incident.start) & (edges < incident.end)
        path = explain_steps(chain, steps, opened=opened)
        for link in {name for state in path for name in state}:
            for begin, end in _runs([link in state for state in path]):
                span = _Span(link, edges[begin] - width, edges[end] + 2 * width, by_probes=True)
                bad = _bad_of(span, table, chain)
                if len(bad) < _FEWEST_BAD or bad[-1] - bad[0] < _SHORTEST_S:
                    continue
                span = replace(span, start=float(bad[0]), end=float(bad[-1]))
                if not _only_the_prober(span, table) and not _is_patchy(span, table, chain):
                    yield span
        yield from _journey_only(table, path, edges, width, chain, complaints)


def _episodes(bad: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Iterator[tuple[int, int]]:
    """Stretches of steps around which several results were bad."""
    bad_by_step = dict(zip(bad[0].tolist(), bad[1].tolist(), strict=True))
    near = [
        bad_step
        for bad_step in bad_by_step
        if sum(bad_by_step.get(bad_step + by, 0) for by in range(-_NEAR_STEPS, _NEAR_STEPS + 1))
        >= _FEWEST_NEAR
    ]
    first = last = None
    for near_step in near:
        if first is None or last is None:
            first = last = near_step
        elif near_step - last > 2 * _PADDING:
            yield max(0, first - _PADDING), last + _PADDING
            first = last = near_step
        else:
            last = near_step
    if first is not None and last is not None:
        yield max(0, first - _PADDING), last + _PADDING


def _steps(
    table: _ProbeTable,
    step: NDArray[np.int64],
    first: int,
    last: int,
    not_prober: NDArray[np.bool_],
) -> ProbeSteps:
    inside = (step >= first) & (step <= last)
    shape = (last - first + 1, len(table.probes))
    failed, passed, slow, behind = (np.zeros(shape) for _ in range(4))
    where = (step[inside] - first, table.probe[inside])
    ratio = table.ratio[inside]
    np.add.at(failed, where, table.failed[inside])
    np.add.at(passed, where, ~table.failed[inside])
    np.add.at(slow, where, ratio)
    # Behind a slow link the delay may be small against the probe's own time.
    np.add.at(behind, where, np.maximum(ratio, 0.0))
    # A step counts at most two results of a probe: repeats within it are not independent.
    total = np.maximum(failed + passed, 1.0)
    scale = np.minimum(1.0, 2.0 / total)
    working = np.zeros(shape[0], dtype=bool)
    working[step[inside & not_prober] - first] = True
    return ProbeSteps(
        probes=table.probes,
        failed=failed * scale,
        passed=passed * scale,
        slow=slow * scale,
        behind=behind * scale,
        not_prober=working,
    )


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begin = None
    for number, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = number
        elif not flag and begin is not None:
            yield begin, number - 1
            begin = None


def _meeting(link: str, table: _ProbeTable, chain: ServiceChain) -> NDArray[np.bool_]:
    """Which results are of probes that meet a link."""
    users = {
        chain_link.id
        for chain_link in chain.links
        if chain_link.id == link or link in chain.uses(chain_link)
    }
    mine = [number for number, (owner, _) in enumerate(table.probes) if owner in users]
    return np.isin(table.probe, mine)


def _bad_of(span: _Span, table: _ProbeTable, chain: ServiceChain) -> NDArray[np.float64]:
    inside = (table.at >= span.start) & (table.at <= span.end)
    return table.at[inside & table.bad & _meeting(span.link, table, chain)]


def _journey_only(
    table: _ProbeTable,
    path: Sequence[Mapping[str, str]],
    edges: NDArray[np.float64],
    width: float,
    chain: ServiceChain,
    complaints: NDArray[np.float64],
) -> Iterator[_Span]:
    """The journey through the app fails alone: a fault of the app, if complaints rise with it."""
    for number, (owner, probe) in enumerate(table.probes):
        link = chain.link(owner)
        if link is None or link.kind != APP or "journey" not in probe.lower():
            continue
        mine = table.probe == number
        inside = mine & (table.at >= edges[0]) & (table.at < edges[-1] + width)
        at, bad = table.at[inside], table.bad[inside]
        smooth = np.convolve(bad, np.ones(3), "same") >= 2 if len(bad) > 2 else bad
        for begin, end in _runs(list(map(bool, smooth))):
            start, stop = float(at[begin]), float(at[end])
            if end - begin < 3 or any(
                path[_step(moment, edges, width)] for moment in at[begin : end + 1]
            ):
                continue
            if _complaints_rise(complaints, start, stop):
                yield _Span(owner, start, stop, by_probes=True)


def _step(moment: float, edges: NDArray[np.float64], width: float) -> int:
    return min(len(edges) - 1, max(0, int((moment - edges[0]) // width)))


def _usual_complaints(complaints: NDArray[np.float64], start: float, end: float) -> float:
    """Complaints to be expected in a time, from the median day."""
    if len(complaints) < 2:
        return 0.0
    days = np.bincount(((complaints - complaints[0]) // 86400).astype(int))
    return float(np.median(days)) * (end - start) / 86400.0


def _complaints_rise(complaints: NDArray[np.float64], start: float, end: float) -> bool:
    end = end + 2 * 3600.0
    complaint_count = int(((complaints >= start) & (complaints <= end)).sum())
    usual = _usual_complaints(complaints, start, end) + 0.5
    return (
        complaint_count >= 4
        and complaint_count > 2 * usual
        and complaint_count > usual + 3.5 * math.sqrt(usual)
    )


# Charges


def _charge_spans(charges: Sequence[ChainEvent], chain: ServiceChain) -> Iterator[_Span]:
    billing = next((chain_link.id for chain_link in chain.links if chain_link.kind == BILLING), "")
    by_link: dict[str, list[ChainEvent]] = defaultdict(list)
    for charge in charges:
        by_link[charge.link or billing].append(charge)
    for link, own in by_link.items():
        if not link:
            continue
        own.sort(key=lambda charge_event: charge_event.at)
        at = np.array([_s(charge_event.at) for charge_event in own])
        bad = np.array([charge_event.ok is False for charge_event in own])
        for begin, end in _bad_charges(at, bad):
            yield _Span(link, float(at[begin]), float(at[end]), by_charges=True)


def _bad_charges(at: NDArray[np.float64], bad: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Stretches of charges with far more unconfirmed or repeated ones than usual."""
    if bad.sum() < _FEWEST_CHARGES:
        return
    usual = _usual_bad_share(at, bad)
    faulty = [share for share in _CHARGE_SHARES if share > 2.5 * usual]
    levels = np.array([usual, *(faulty or [0.95])])
    gain = np.where(bad[:, None], np.log(levels), np.log1p(-levels))
    change = np.full((len(levels), len(levels)), -3.0)
    np.fill_diagonal(change, 0.0)
    change[0, 1:], change[1:, 0] = _CHARGE_STARTS, _CHARGE_ENDS
    score = np.full(len(levels), -np.inf)
    score[0] = 0.0
    back = np.zeros((len(bad), len(levels)), dtype=np.int8)
    for charge_index in range(len(bad)):
        by = score[:, None] + change
        back[charge_index] = by.argmax(axis=0)
        score = by.max(axis=0) + gain[charge_index]
    state = int(score.argmax())
    path = []
    for charge_index in range(len(bad) - 1, -1, -1):
        path.append(state > 0)
        state = int(back[charge_index, state])
    for begin, end in _runs(path[::-1]):
        hits = np.flatnonzero(bad[begin : end + 1]) + begin
        if len(hits) >= _FEWEST_CHARGES:
            yield int(hits[0]), int(hits[-1])


def _usual_bad_share(at: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """The share of bad charges without the worst quarter of the days."""
    day = ((at - at[0]) // 86400).astype(int)
    charges, wrong = np.bincount(day), np.bincount(day, weights=bad)
    days = np.flatnonzero(charges)
    order = days[np.argsort(wrong[days] / charges[days], kind="stable")]
    calm = order[: max(1, len(order) - math.ceil(len(order) / 4))]
    share = (float(wrong[calm].sum()) + 0.5) / (float(charges[calm].sum()) + 25.0)
    return min(max(share, 0.01), 0.25)


# Incidents


def _open_incidents(events: Sequence[ChainEvent]) -> list[_Span]:
    """Incidents from opening to closing; one never closed counts for a day.

    Only the end is known of an incident without an opening on record.
    """
    opened: dict[tuple[str, str], float] = {}
    incidents = []
    for event in sorted(events, key=lambda event: (event.at, event.ok is True)):
        key = (event.link, event.what)
        if event.ok is not True:
            opened.setdefault(key, _s(event.at))
        else:
            incidents.append(
                _Span(
                    link=event.link,
                    start=opened.pop(key, _s(event.at)),
                    end=_s(event.at),
                    incidents=(event.what,),
                )
            )
    incidents += [
        _Span(link=link, start=start, end=start + _STALE_INCIDENT_S, incidents=(what,))
        for (link, what), start in opened.items()
    ]
    return incidents


def _with_incidents(
    spans: Sequence[_Span], incidents: Sequence[_Span], chain: ServiceChain
) -> list[_Span]:
    """Spans with the incidents that belong to them, and incidents that are faults by themselves."""
    merged_spans = list(spans)
    for incident in sorted(incidents, key=lambda incident_span: incident_span.start):
        same = [
            span
            for span in merged_spans
            if span.link == incident.link
            and span.start <= incident.end + _JOIN_S
            and incident.start <= span.end + _JOIN_S
        ]
        if same:
            for same_span in same:
                same_span.incidents = (*same_span.incidents, *incident.incidents)
            first, last = same[0], same[-1]
            if first.start - incident.start <= _LATE_CLOSING_S:
                first.start = min(first.start, incident.start)
            last.end = max(last.end, min(incident.end, last.end + _LATE_CLOSING_S))
        elif not _explained(incident, spans, chain) and not _unproven(incident):
            merged_spans.append(replace(incident))
    return merged_spans


def _explained(incident: _Span, spans: Sequence[_Span], chain: ServiceChain) -> bool:
    """Whether the incident opened while a link that its link uses was at fault."""
    link = chain.link(incident.link)
    used = chain.uses(link) if link else frozenset()
    return any(
        span.link in used and span.start <= incident.start <= span.end + 3600.0 for span in spans
    )


def _unproven(incident: _Span) -> bool:
    kind = " ".join(incident.incidents).lower()
    return any(word in kind for word in _UNPROVEN_INCIDENTS)


def _join(spans: Iterable[_Span]) -> list[_Span]:
    """Spans of the same link with less than three hours between them are one fault."""
    joined_spans: list[_Span] = []
    for span in sorted(spans, key=lambda span_key: (span_key.link, span_key.start)):
        last = joined_spans[-1] if joined_spans else None
        if last is not None and last.link == span.link and span.start - last.end <= _JOIN_S:
            last.end = max(last.end, span.end)
            last.incidents = tuple(dict.fromkeys((*last.incidents, *span.incidents)))
            last.by_probes |= span.by_probes
            last.by_charges |= span.by_charges
        else:
            joined_spans.append(replace(span))
    return joined_spans


def _evidence(
    span: _Span,
    table: _ProbeTable,
    charges: Sequence[ChainEvent],
    complaints: NDArray[np.float64],
    chain: ServiceChain,
) -> FaultEvidence:
    met = _meeting(span.link, table, chain)
    met &= (table.at >= span.start) & (table.at <= span.end)
    own = [
        charge
        for charge in charges
        if span.by_charges
        and charge.link in ("", span.link)
        and span.start <= _s(charge.at) <= span.end
    ]
    until = span.end + timedelta(hours=2).total_seconds()
    return FaultEvidence(
        failed=int((met & table.failed).sum()),
        slow=int((met & ~table.failed & table.bad).sum()),
        probes=int(met.sum()),
        unconfirmed=sum(
            1
            for charge_event in own
            if charge_event.ok is False and "repeat" not in charge_event.what
        ),
        repeated=sum(
            1 for charge_event in own if charge_event.ok is False and "repeat" in charge_event.what
        ),
        charges=len(own),
        incidents=tuple(dict.fromkeys(span.incidents)),
        complaints=int(((complaints >= span.start) & (complaints <= until)).sum()),
        usual_complaints=round(_usual_complaints(complaints, span.start, until), 1),
    )
