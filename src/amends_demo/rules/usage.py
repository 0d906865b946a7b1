"""Allowances used up at home and journeys abroad: who passes a mark, when, and what it costs."""

from __future__ import annotations

import numpy as np

from amends_demo.rules.billing import charge_once
from amends_demo.rules.metering import (
    BEYOND,
    CONSENTING,
    COUNTRIES,
    DATA,
    ON,
    add_marks,
    add_records,
    local_month,
)
from amends_demo.rules.orders import place_orders
from amends_demo.rules.stage import Filling, Rows, Stage, Trouble
from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS, MINUTE_MS

_ROAMING = "roam-standard"
CAP_MINOR = 10_000
"""What may be spent abroad in a month before the user is asked, in fen: the operator's standard."""
_JOURNEY_MS = 11 * DAY_MS
_OVERAGE_SHARE = 0.035
_TRAVEL_SHARE = 0.03


def use_data(stage: Stage, rng: np.random.Generator) -> None:
    """Everybody's month at home; some pass their allowance and are told so."""
    notified, untold = stage.roles["overage_told"], stage.roles["overage_untold"]
    is_assigned = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        is_assigned[people] = True
    scenario = stage.scenario
    months = max(1, round((scenario.end_ms - scenario.start_ms) / (30.4 * DAY_MS)) - 1)
    for month in range(months):
        other_people = np.flatnonzero(~is_assigned & (rng.random(stage.size) < _OVERAGE_SHARE))
        _pass_allowance(stage, rng, other_people, month)
        _pass_allowance(
            stage,
            rng,
            notified[np.arange(len(notified)) % months == month],
            month,
            role="overage_told",
        )
        _pass_allowance(
            stage,
            rng,
            untold[np.arange(len(untold)) % months == month],
            month,
            role="overage_untold",
        )


def _pass_allowance(
    stage: Stage, rng: np.random.Generator, people: Rows, month: int, *, role: str = ""
) -> None:
    """Cross 80% and 100% of the allowance within one month, and pay for the rest.

    The lines of the role `overage_untold` were never enrolled where use is counted.
    """
    count = len(people)
    if count == 0:
        return
    lines = stage.main_line[people]
    offers = [stage.services.offer[row] for row in lines]
    begins = int(local_month(np.array([stage.scenario.start_ms]))[0]) + 1 + month
    first = np.datetime64(begins, "M").astype("datetime64[ms]").astype(np.int64) - CHINA_MS
    near_ms = int(first) + rng.integers(2 * DAY_MS, 12 * DAY_MS, size=count)
    full_ms = near_ms + rng.integers(DAY_MS, 6 * DAY_MS, size=count)
    end_ms = full_ms + rng.integers(2 * DAY_MS, 8 * DAY_MS, size=count)
    extra_mb = rng.integers(300, 6_000, size=count)
    months = np.full(count, begins)
    stage.fillings.append(
        Filling(
            service=lines,
            month=months,
            near_ms=near_ms,
            full_ms=full_ms,
            end_ms=end_ms,
            extra_mb=extra_mb,
        )
    )
    add_marks(
        stage,
        duty="cn.allowance_reached",
        service=lines,
        at_ms=full_ms,
        threshold_minor=0,
        notified=role != "overage_untold",
        reliable=bool(role),
    )
    charge_once(
        stage,
        service=lines,
        offer=offers,
        at_ms=end_ms,
        amount_minor=extra_mb,
        charge_kind="overage",
        units=extra_mb,
        unit="MB",
    )
    if role:
        stage.troubles += [
            Trouble(
                role=role,
                subscriber=int(p),
                trigger_ms=int(t),
                service=stage.services.ref[row],
                offer=ref,
                amount_minor=int(amount),
            )
            for p, t, row, ref, amount in zip(people, end_ms, lines, offers, extra_mb, strict=True)
        ]


def travel(stage: Stage, rng: np.random.Generator) -> None:
    """Journeys abroad: most stay under their cap; the week's travellers pass it untold."""
    scenario = stage.scenario
    length = scenario.end_ms - scenario.start_ms
    is_assigned = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        is_assigned[people] = True
    other_people = np.flatnonzero(~is_assigned & (rng.random(stage.size) < _TRAVEL_SHARE))
    starts = scenario.start_ms + rng.integers(0, length - 12 * DAY_MS, size=len(other_people))
    _journeys(stage, rng, "", other_people, starts)
    notified = stage.roles["roaming_told"]
    _journeys(
        stage,
        rng,
        "roaming_told",
        notified,
        rng.choice(_notified_starts(stage), size=len(notified)),
    )
    untold = stage.roles["roaming_untold"]
    starts = scenario.roaming_from_ms + rng.integers(0, DAY_MS, size=len(untold))
    _journeys(stage, rng, "roaming_untold", untold, starts)


def _notified_starts(stage: Stage) -> Rows:
    """Hours in which a journey can begin that lies in one month and not in the untold week."""
    scenario = stage.scenario
    hours = np.arange(scenario.start_ms + DAY_MS, scenario.end_ms - _JOURNEY_MS, HOUR_MS)
    ends = hours + _JOURNEY_MS
    apart = (ends < scenario.roaming_from_ms) | (hours >= scenario.roaming_to_ms)
    notified_starts: Rows = hours[apart & (local_month(hours) == local_month(ends))]
    return notified_starts


def _journeys(
    stage: Stage, rng: np.random.Generator, role: str, people: Rows, starts: Rows
) -> None:
    count = len(people)
    if count == 0:
        return
    lines = stage.main_line[people]
    _open_roaming(stage, rng.spawn(1)[0], lines, starts)
    countries = 1 + rng.integers(len(COUNTRIES) - 1, size=count)
    caps = np.full(count, CAP_MINOR)
    days = np.array([2, 4])[rng.integers(2, size=count)]
    if role == "roaming_untold":
        days[:] = 2
    crossing = bool(role)
    last = starts
    for day in range(4):
        rows = np.flatnonzero(day < days)
        amount = caps[rows] // days[rows]
        if not crossing:
            amount = (amount * rng.uniform(0.3, 0.95, size=len(rows))).astype(np.int64)
        at_ms = starts[rows] + day * DAY_MS + 6 * HOUR_MS
        last = last.copy()
        last[rows] = at_ms
        _use_abroad(stage, rng, lines[rows], at_ms, amount, countries[rows], ON)
    if crossing:
        _pass_cap(stage, rng, role, lines, last, caps, countries)


def _open_roaming(stage: Stage, rng: np.random.Generator, lines: Rows, starts: Rows) -> None:
    """Whoever leaves had data abroad opened some days ahead, and confirmed it."""
    ordered = starts - rng.integers(HOUR_MS, 9 * DAY_MS, size=len(lines))
    activated = ordered + rng.integers(6 * MINUTE_MS, 20 * MINUTE_MS, size=len(lines))
    place_orders(
        stage,
        rng,
        service=lines,
        offer=[_ROAMING] * len(lines),
        ordered_ms=ordered,
        activated_ms=activated,
    )


def _use_abroad(
    stage: Stage,
    rng: np.random.Generator,
    lines: Rows,
    at_ms: Rows,
    amount: Rows,
    countries: Rows,
    beyond: int,
) -> None:
    """Data abroad with its charge, as the visited network reports it and as billing books it."""
    add_records(
        stage,
        service=lines,
        at_ms=at_ms,
        kind=DATA,
        amount=amount * rng.integers(18_000, 26_000),
        charge_minor=amount,
        country=countries,
        beyond=beyond,
    )
    charge_once(
        stage,
        service=lines,
        offer=[_ROAMING] * len(lines),
        at_ms=at_ms,
        amount_minor=amount,
        charge_kind="roaming_data",
        country=[COUNTRIES[each] for each in countries],
    )


def _pass_cap(
    stage: Stage,
    rng: np.random.Generator,
    role: str,
    lines: Rows,
    last_ms: Rows,
    caps: Rows,
    countries: Rows,
) -> None:
    """The cap is used up exactly by the last record; then spending goes on."""
    count = len(lines)
    people = stage.subscribers_of(lines)
    untold = role == "roaming_untold"
    add_marks(
        stage,
        duty="cn.roaming_cap",
        service=lines,
        at_ms=last_ms,
        threshold_minor=caps,
        notified=not untold,
        reliable=True,
    )
    beyond = rng.integers(1, 4, size=count) if untold else rng.integers(2, 6, size=count)
    end_ms, spent = last_ms, np.zeros(count, dtype=np.int64)
    for day in range(1, 6):
        rows = np.flatnonzero(day <= beyond)
        amount = rng.integers(780, 9_640, size=len(rows))
        at_ms = last_ms[rows] + day * DAY_MS + rng.integers(0, 5 * HOUR_MS, size=len(rows))
        end_ms = end_ms.copy()
        end_ms[rows] = at_ms
        spent[rows] += amount
        _use_abroad(
            stage,
            rng,
            lines[rows],
            at_ms,
            amount,
            countries[rows],
            BEYOND if untold else CONSENTING,
        )
    stage.troubles += [
        Trouble(
            role=role,
            subscriber=int(p),
            trigger_ms=int(t),
            service=stage.services.ref[row],
            offer=_ROAMING,
            amount_minor=int(total),
            country=COUNTRIES[land],
        )
        for p, t, row, total, land in zip(
            people, end_ms, lines, spent + caps, countries, strict=True
        )
    ]
