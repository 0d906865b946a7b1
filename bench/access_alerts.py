"""Misuse of look-ups found in a simulated desk: recall, false alerts, days and seconds.

    python bench/access_alerts.py [--agents 1000] [--days 90] [--leakers 20] [--seeds 11 12 13]

Honest agents have their own pace, days off, teams, campaigns, night shifts, a season and a long
weekend; some join and some leave. Leakers look slowly (1.5-2.5 times as much), in bursts (4-10
times), along number ranges, before they leave, or out of curiosity at few well-known people; what
they add names no case, a stranger's case, or one they opened themselves. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

START = datetime(2026, 3, 2, tzinfo=UTC)
SUBSCRIBERS = 300_000
WELL_KNOWN = 40
TEAM = 25
KINDS = ("slow", "burst", "sequence", "before_leaving", "curiosity")


@dataclass(slots=True)
class Leak:
    kind: str
    first: int
    last: int
    factor: float
    excuse: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--leakers", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    wanted = parser.parse_args()
    runs = [measured(seed, wanted.agents, wanted.days, wanted.leakers) for seed in wanted.seeds]
    total = {
        "recall": round(sum(one["found"] for one in runs) / sum(one["leakers"] for one in runs), 4),
        "false_per_100_agents_week": round(
            float(np.mean([one["false_per_100_agents_week"] for one in runs])), 3
        ),
        "median_days": float(np.median([day for one in runs for day in one["days"]])),
        "seconds": max(one["seconds"] for one in runs),
    }
    print(json.dumps({"runs": runs, "all": total, "load": os.getloadavg()[0]}, indent=1))


def measured(seed: int, agents: int, days: int, leakers: int) -> dict[str, Any]:
    """One simulated desk, judged by `amends privacy access-alerts` in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        looks, cases = Path(folder) / "looks.csv", Path(folder) / "cases.csv"
        leaks, size = simulate(seed, agents, days, leakers, looks, cases)
        command = [sys.executable, "-m", "amends", "privacy", "access-alerts", str(looks)]
        began = perf_counter()
        done = subprocess.run(
            [*command, "--cases", str(cases), "--json"],
            capture_output=True,
            text=True,
            env={**os.environ, "AMENDS_DATA_DIR": folder},
        )
        seconds = perf_counter() - began
    if done.returncode > 1:
        raise SystemExit(done.stderr)
    return {
        "seed": seed,
        "looks": size,
        **judged(json.loads(done.stdout)["alerts"], leaks, agents, days),
        "seconds": round(seconds, 1),
    }


def judged(
    alerts: list[dict[str, Any]], leaks: dict[str, Leak], agents: int, days: int
) -> dict[str, Any]:
    first: dict[str, int] = {}
    false: dict[str, int] = {}
    for alert in alerts:
        day = (datetime.fromisoformat(alert["at"]).replace(tzinfo=UTC) - START).days
        leak = leaks.get(alert["user"])
        if leak and leak.first <= day <= leak.last + 3:
            first[alert["user"]] = min(day - leak.first, first.get(alert["user"], days))
        elif not leak or day < leak.first:
            false[alert["signal"]] = false.get(alert["signal"], 0) + 1
    missed = [
        (leak.kind, round(leak.factor, 2), leak.excuse)
        for user, leak in leaks.items()
        if user not in first
    ]
    return {
        "leakers": len(leaks),
        "found": len(first),
        "missed": missed,
        "days": sorted(first.values()),
        "false": false,
        "false_per_100_agents_week": round(sum(false.values()) / (agents / 100 * days / 7), 3),
    }


def simulate(
    seed: int, agents: int, days: int, leakers: int, looks: Path, cases: Path
) -> tuple[dict[str, Leak], int]:
    """Write the looks and cases of a desk; who leaked how, and the number of looks."""
    draw = np.random.default_rng(seed)
    pace = draw.lognormal(np.log(10.3), 0.35, agents)
    team = np.arange(agents) // TEAM
    season = 1 + 0.15 * np.sin(np.arange(days) / days * 2 * np.pi) + draw.normal(0, 0.05, days)
    season[58:61] *= 0.5
    expected = pace[:, None] * season[None, :]
    for _ in range(max(agents // 80, 1)):
        begin, length = draw.integers(5, days - 10), draw.integers(5, 15)
        expected[team == draw.integers(team.max() + 1), begin : begin + length] *= draw.uniform(
            1.3, 2.2
        )
    offset = draw.integers(0, 7, agents)
    working = (np.arange(days)[None, :] + offset[:, None]) % 7 < 5
    working &= draw.random((agents, days)) > 0.04
    special = draw.permutation(agents)
    joiners, leavers = special[: agents // 12], special[agents // 12 : agents // 8]
    for agent in joiners:
        begin = draw.integers(10, days - 15)
        working[agent, :begin] = False
        ramp = np.clip(0.4 + 0.6 * (np.arange(days) - begin) / 21, 0, 1)
        expected[agent] *= ramp
    for agent in leavers:
        working[agent, draw.integers(30, days) :] = False
    bad = special[agents // 8 : agents // 8 + leakers]
    night = np.zeros((agents, days), bool)
    for agent in draw.choice(agents, agents // 10, replace=False):
        begin = draw.integers(0, days - 7)
        night[agent, begin : begin + 14] = True
    counts = draw.poisson(expected * draw.gamma(12, 1 / 12, (agents, days))) * working
    leaks = {
        f"u{agent:04d}": leak_of(KINDS[place % 5], days, draw) for place, agent in enumerate(bad)
    }
    rows: list[tuple[int, int, str, str]] = []
    opened: list[tuple[str, int, int, int, int]] = []
    for agent in range(agents):
        leak = leaks.get(f"u{agent:04d}")
        if leak and leak.kind == "before_leaving":
            counts[agent, leak.last + 1 :] = 0
        honest(agent, counts[agent], night[agent], rows, opened, draw)
        if leak:
            dishonest(agent, leak, counts[agent], expected[agent], night[agent], rows, opened, draw)
    rows.sort()
    write(looks, cases, rows, opened, team)
    return leaks, len(rows)


def leak_of(kind: str, days: int, draw: np.random.Generator) -> Leak:
    first = int(draw.integers(25, days - 25))
    length, factor = {
        "slow": (int(draw.integers(18, 40)), draw.uniform(1.5, 2.5)),
        "burst": (int(draw.integers(1, 4)), draw.uniform(4, 10)),
        "sequence": (int(draw.integers(4, 12)), draw.uniform(1.5, 3)),
        "before_leaving": (int(draw.integers(6, 12)), draw.uniform(2, 4)),
        "curiosity": (int(draw.integers(10, 20)), draw.uniform(1.5, 2)),
    }[kind]
    excuse = str(draw.choice(["none", "stranger", "self", "mixed"]))
    return Leak(kind, first, min(first + length, days - 1), float(factor), excuse)


def moments(count: int, day: int, at_night: bool, draw: np.random.Generator) -> NDArray[np.int_]:
    hours = draw.normal(13.5, 2.6, count).clip(8, 19.9) + (12 if at_night else 0)
    return (day * 86_400 + hours * 3_600).astype(int)


def honest(
    agent: int,
    counts: NDArray[np.int_],
    night: NDArray[np.bool_],
    rows: list[Any],
    opened: list[Any],
    draw: np.random.Generator,
) -> None:
    for day in np.flatnonzero(counts):
        times = moments(counts[day], int(day), bool(night[day]), draw)
        people = draw.integers(0, SUBSCRIBERS, times.size)
        kinds = draw.random(times.size)
        for at, person, kind in zip(times.tolist(), people.tolist(), kinds.tolist(), strict=True):
            if kind < 0.03:
                rows.append((at, agent, f"S{person:06d}", ""))
                continue
            case = f"c{len(opened)}"
            closed = at + 1_800 if kind > 0.045 else at - 3_600
            opener = agent if kind < 0.25 else -1
            opened.append((case, person, at - 600 if kind > 0.045 else at - 90_000, closed, opener))
            rows.append((at, agent, f"S{person:06d}", case))
            if kind > 0.97 and person + 1 < SUBSCRIBERS:
                rows.append((at + 60, agent, f"S{person + 1:06d}", ""))


def dishonest(
    agent: int,
    leak: Leak,
    counts: NDArray[np.int_],
    expected: NDArray[np.float64],
    night: NDArray[np.bool_],
    rows: list[Any],
    opened: list[Any],
    draw: np.random.Generator,
) -> None:
    favourites = draw.integers(0, WELL_KNOWN, 4)
    following = int(draw.integers(0, SUBSCRIBERS - 2_000))
    for day in range(leak.first, leak.last + 1):
        if not counts[day] and leak.kind != "burst":
            continue
        more = draw.poisson(expected[day] * (leak.factor - 1))
        for at in np.sort(moments(more, day, bool(night[day]), draw)).tolist():
            person = int(draw.integers(0, SUBSCRIBERS))
            if leak.kind == "sequence":
                following += int(draw.integers(1, 3))
                person = following
            if leak.kind == "curiosity":
                person = int(draw.choice(favourites))
            excuse = leak.excuse
            if excuse == "mixed":
                excuse = str(draw.choice(["none", "stranger", "self"]))
            case = ""
            if excuse == "stranger":
                case = f"c{draw.integers(0, max(len(opened), 1))}"
            elif excuse == "self":
                case = f"c{len(opened)}"
                opened.append((case, person, at - 60, at + 600, agent))
            rows.append((at, agent, f"S{person:06d}", case))


def write(
    looks: Path, cases: Path, rows: list[Any], opened: list[Any], team: NDArray[np.int_]
) -> None:
    def moment(at: int) -> str:
        return (START + timedelta(seconds=at)).isoformat()

    with looks.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["at", "user", "role", "team", "subscriber", "case", "purpose"])
        for at, agent, person, case in rows:
            out.writerow(
                [
                    moment(at),
                    f"u{agent:04d}",
                    "handler",
                    f"t{team[agent]}",
                    person,
                    case,
                    "complaint",
                ]
            )
    with cases.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["case", "subscriber", "opened_at", "closed_at", "opened_by"])
        for case, person, begin, end, opener in opened:
            by = f"u{opener:04d}" if opener >= 0 else "system"
            out.writerow([case, f"S{person:06d}", moment(begin), moment(end), by])


if __name__ == "__main__":
    main()
