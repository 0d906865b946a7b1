"""Data used at home and abroad: counters crossed, notices due, charges beyond plan and cap."""

from __future__ import annotations

import numpy as np

from amends.demo.rules.billing import charge_once
from amends.demo.rules.catalogue import CURRENCY, offer
from amends.demo.rules.notices import give_notice
from amends.demo.rules.orders import place_orders
from amends.demo.rules.stage import Rows, Stage, Trouble
from amends.demo.rules.tables import DAY_MS, HOUR_MS, MINUTE_MS, month_starts

_ROAMING = "roam-standard"
_COUNTRIES = ("TH", "JP", "KR", "MY", "FR", "HK", "VN")
_CAPS_MINOR = (5_000, 10_000, 20_000)
_OVERAGE_SHARE = 0.035
_TRAVEL_SHARE = 0.03


def use_data(stage: Stage, rng: np.random.Generator) -> None:
    """Everybody's month at home; some pass their allowance and are told so."""
    told, untold = stage.roles["overage_told"], stage.roles["overage_untold"]
    taken = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        taken[people] = True
    scenario = stage.scenario
    months = max(1, round((scenario.end_ms - scenario.start_ms) / (30.4 * DAY_MS)) - 1)
    for month in range(months):
        others = np.flatnonzero(~taken & (rng.random(stage.size) < _OVERAGE_SHARE))
        _pass_allowance(stage, rng, others, month)
        _pass_allowance(stage, rng, told[np.arange(len(told)) % months == month], month,
                        role="overage_told")  # fmt: skip
        _pass_allowance(stage, rng, untold[np.arange(len(untold)) % months == month], month,
                        role="overage_untold")  # fmt: skip


def _pass_allowance(
    stage: Stage, rng: np.random.Generator, people: Rows, month: int, *, role: str = ""
) -> None:
    """Cross 80 % and 100 % of the allowance within one month, and pay for the rest.

    The people of the role `overage_untold` never get the second notice: it was not sent.
    """
    count = len(people)
    if count == 0:
        return
    lines = stage.main_line[people]
    offers = [stage.services.offer[row] for row in lines]
    allowance = np.array([offer(ref).allowance_mb for ref in offers], dtype=np.int64)
    # The 1st of the local month, as the anchor day 1 gives it.
    anchor = np.full(count, stage.scenario.start_ms)
    first = month_starts(anchor - 27 * DAY_MS, np.full(count, 1 + month))
    near_ms = first + rng.integers(2 * DAY_MS, 12 * DAY_MS, size=count)
    full_ms = near_ms + rng.integers(DAY_MS, 6 * DAY_MS, size=count)
    end_ms = full_ms + rng.integers(2 * DAY_MS, 8 * DAY_MS, size=count)
    for step, share, at_ms in (("80", 0.8, near_ms), ("100", 1.0, full_ms)):
        stage.book.add(
            "UsageCrossed", subscriber=people, subject=stage.service_refs(lines), at_ms=at_ms,
            source="usage", counter="data_mb", step=step, unit="MB",
            used=(allowance * share).astype(np.int64), limit=allowance,
        )  # fmt: skip
    give_notice(
        stage, rng, duty="cn.near_limit", service=lines, due_ms=near_ms + 5 * MINUTE_MS,
        reliable=bool(role), step="80",
    )  # fmt: skip
    give_notice(
        stage, rng, duty="cn.limit_reached", service=lines, due_ms=full_ms + 5 * MINUTE_MS,
        sent=np.full(count, role != "overage_untold"), reliable=bool(role), step="100",
    )  # fmt: skip
    extra_mb = rng.integers(300, 6_000, size=count)
    charge_once(
        stage, service=lines, offer=offers, at_ms=end_ms, amount_minor=extra_mb,
        charge_kind="overage", units=extra_mb, unit="MB",
    )  # fmt: skip
    if role:
        stage.troubles += [
            Trouble(role, int(p), int(t), stage.services.ref[row], ref, int(amount))
            for p, t, row, ref, amount in zip(people, end_ms, lines, offers, extra_mb, strict=True)
        ]


def travel(stage: Stage, rng: np.random.Generator) -> None:
    """Journeys abroad: most stay under their cap; the week's travellers pass it untold."""
    scenario = stage.scenario
    length = scenario.end_ms - scenario.start_ms
    taken = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        taken[people] = True
    others = np.flatnonzero(~taken & (rng.random(stage.size) < _TRAVEL_SHARE))
    starts = scenario.start_ms + rng.integers(0, length - 12 * DAY_MS, size=len(others))
    _journeys(stage, rng, "", others, starts)
    told = stage.roles["roaming_told"]
    before = rng.random(len(told)) < 0.5
    early = rng.integers(scenario.start_ms, scenario.roaming_from_ms - 12 * DAY_MS, size=len(told))
    late = rng.integers(scenario.roaming_to_ms, scenario.end_ms - 12 * DAY_MS, size=len(told))
    _journeys(stage, rng, "roaming_told", told, np.where(before, early, late))
    untold = stage.roles["roaming_untold"]
    starts = scenario.roaming_from_ms + rng.integers(0, 2 * DAY_MS, size=len(untold))
    _journeys(stage, rng, "roaming_untold", untold, starts)


def _journeys(
    stage: Stage, rng: np.random.Generator, role: str, people: Rows, starts: Rows
) -> None:
    count = len(people)
    if count == 0:
        return
    lines = stage.main_line[people]
    _open_roaming(stage, rng.spawn(1)[0], lines, starts)
    give_notice(
        stage, rng, duty="cn.roaming_tariff", service=lines, due_ms=starts + 10 * MINUTE_MS,
        reliable=bool(role),
    )  # fmt: skip
    countries = [_COUNTRIES[row] for row in rng.integers(len(_COUNTRIES), size=count)]
    caps = np.array(_CAPS_MINOR)[rng.integers(len(_CAPS_MINOR), size=count)]
    days = np.array([2, 4])[rng.integers(2, size=count)]
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
        _charge_abroad(stage, lines[rows], at_ms, amount, [countries[row] for row in rows])
    if crossing:
        _pass_cap(stage, rng, role, lines, last, caps, countries)


def _open_roaming(stage: Stage, rng: np.random.Generator, lines: Rows, starts: Rows) -> None:
    """Whoever leaves had data abroad opened some days ahead, and confirmed it."""
    ordered = starts - rng.integers(HOUR_MS, 9 * DAY_MS, size=len(lines))
    activated = ordered + rng.integers(6 * MINUTE_MS, 20 * MINUTE_MS, size=len(lines))
    place_orders(
        stage, rng, service=lines, offer=[_ROAMING] * len(lines), ordered_ms=ordered,
        activated_ms=activated,
    )  # fmt: skip


def _charge_abroad(
    stage: Stage, lines: Rows, at_ms: Rows, amount: Rows, countries: list[str]
) -> None:
    charge_once(
        stage, service=lines, offer=[_ROAMING] * len(lines), at_ms=at_ms,
        amount_minor=amount, charge_kind="roaming_data", country=countries,
    )  # fmt: skip


def _pass_cap(
    stage: Stage,
    rng: np.random.Generator,
    role: str,
    lines: Rows,
    last_ms: Rows,
    caps: Rows,
    countries: list[str],
) -> None:
    """The notice before the cap falls due when the cap is used up exactly; then spend goes on."""
    count = len(lines)
    people = stage.subscribers_of(lines)
    stage.book.add(
        "UsageCrossed", subscriber=people, subject=stage.service_refs(lines),
        at_ms=last_ms + MINUTE_MS, source="usage", counter="roaming_data_minor", step="cap",
        used=caps, unit="fen", limit=caps, cost_minor=caps, currency=CURRENCY,
    )  # fmt: skip
    give_notice(
        stage, rng, duty="cn.roaming_cap", service=lines, due_ms=last_ms + 10 * MINUTE_MS,
        sent=np.full(count, role != "roaming_untold"), reliable=True, step="cap",
        threshold_minor=caps, currency=CURRENCY,
    )  # fmt: skip
    beyond = rng.integers(2, 6, size=count)
    end_ms, spent = last_ms, np.zeros(count, dtype=np.int64)
    for day in range(1, 6):
        rows = np.flatnonzero(day <= beyond)
        amount = rng.integers(780, 9_640, size=len(rows))
        at_ms = last_ms[rows] + day * DAY_MS + rng.integers(0, 5 * HOUR_MS, size=len(rows))
        end_ms = end_ms.copy()
        end_ms[rows] = at_ms
        spent[rows] += amount
        _charge_abroad(stage, lines[rows], at_ms, amount, [countries[row] for row in rows])
    stage.troubles += [
        Trouble(role, int(p), int(t), stage.services.ref[row], _ROAMING, int(total), land)
        for p, t, row, total, land in zip(
            people, end_ms, lines, spent + caps, countries, strict=True
        )
    ]
