"""A small place with every form of step, and records that meet every treatment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
from tests.rules.notices import oracle

from amends.engines.metering.engine import advance as engine
from amends.engines.metering.engine.advance import Memory, days_of
from amends.engines.metering.engine.calendar import Cycle
from amends.engines.metering.engine.compile import Rules, compile_rules
from amends.engines.metering.engine.layout import UsageColumns, country_code, new_lines
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.marks import MeteringPlan
from amends.engines.metering.engine.seen import empty

CYCLES = (Cycle("Asia/Shanghai"), Cycle("Europe/Berlin", 31), Cycle("Africa/Cairo", 15))
START = datetime(2026, 3, 27, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)
DAY = 86_400_000
MB = 1_048_576


@dataclass(frozen=True)
class Step:
    id: str
    kind: str
    value: int = 0
    unit: str = ""
    months: int = 0
    applies: str = "all"
    action: str = "notice"


@dataclass(frozen=True)
class Duty:
    id: str
    trigger: str
    steps: tuple[Step, ...]
    counters: tuple[str, ...] = ()
    over: str = "each"
    version: str = "duties-test@2026-01-01"


DUTIES = (
    Duty(
        "near",
        "allowance",
        (Step("80%", "percent", 80), Step("left", "remaining", 10, "mb")),
        ("data",),
    ),
    Duty("reached", "allowance", (Step("100%", "percent", 100),), ("data", "voice", "sms", "mms")),
    Duty("entry", "roaming_entry", (Step("once", "once"),)),
    Duty("data_abroad", "roaming_first_data", (Step("once", "once"),)),
    Duty(
        "roaming",
        "roaming_use",
        (
            Step("80%", "percent", 80),
            Step("cap", "own", 5000, "minor", action="hold"),
            Step("second", "absolute", 10000, "minor", applies="default", action="hold"),
        ),
        ("roaming_data",),
    ),
    Duty(
        "cap",
        "spend",
        (
            Step("own", "own", 0, "minor"),
            Step("high", "absolute", 20000, "minor"),
            Step("each", "every", 3000, "minor"),
        ),
        ("money",),
    ),
    Duty(
        "balance",
        "balance",
        (Step("low", "below", 1000, "minor"), Step("negative", "negative")),
        ("money",),
    ),
    Duty("abnormal", "abnormal_spend", (Step("5x3", "times_mean", 5, months=3),), ("money",)),
    Duty("border", "border", (Step("once", "once"),)),
)
PLANS = (
    MeteringPlan("plain", data_bytes=100 * MB, voice_s=600, messages=10),
    MeteringPlan("prepaid", data_bytes=50 * MB, balance_minor=8000, own_minor=2500),
    MeteringPlan("traveller", data_bytes=20 * MB, roaming=7000, base=3),
    MeteringPlan("after", messages=3),
)


def rules(duties: tuple[Duty, ...] = DUTIES, plans: tuple[MeteringPlan, ...] = PLANS) -> Rules:
    return compile_rules(
        duties,
        plans=plans,
        cycles=CYCLES,
        limits=limits_in_force(date(2026, 3, 1)),
        like_home=[country_code("FR")],
    )


def memory(lines: int = 12) -> Memory:
    numbers = np.arange(lines)
    return Memory(new_lines(numbers % 3, numbers % len(CYCLES)), {})


@dataclass
class Columns:
    """Records written one after the other."""

    rows: list[tuple[int, ...]] = field(default_factory=list)

    def use(
        self,
        line: int,
        at_ms: int,
        kind: int = 0,
        amount: int = 0,
        charge: int = 0,
        country: int = 0,
        record: int | None = None,
    ) -> Columns:
        number = len(self.rows) + 1 if record is None else record
        self.rows.append((number, line, at_ms, kind, amount, charge, country))
        return self

    def batch(self) -> UsageColumns:
        columns = np.array(self.rows, np.int64).reshape(-1, 7).T
        return UsageColumns(
            columns[0].astype(np.uint64),
            columns[1].copy(),
            columns[2].copy(),
            columns[3].astype(np.uint8),
            columns[4].copy(),
            columns[5].copy(),
            columns[6].astype(np.uint16),
        )


def random_batch(chance: np.random.Generator, n: int, lines: int, days: int = 75) -> UsageColumns:
    """Records in rough order of time: some late, repeated, altered, negative, impossible."""
    at = START_MS + np.sort(chance.integers(0, days * DAY, n))
    late = chance.random(n) < 0.05
    at[late] -= chance.integers(0, 40 * DAY, int(late.sum()))
    at[chance.random(n) < 0.01] += 400 * DAY
    kind = chance.choice([0, 0, 0, 1, 2, 3, 9], n, p=[0.3, 0.2, 0.1, 0.15, 0.15, 0.08, 0.02])
    amount = chance.integers(0, 12 * MB, n)
    amount[kind == 1] = chance.integers(0, 200, int((kind == 1).sum()))
    amount[kind == 2] = chance.integers(1, 3, int((kind == 2).sum()))
    amount[chance.random(n) < 0.02] *= -1
    amount[chance.random(n) < 0.005] = 2**50
    charge = np.where(chance.random(n) < 0.4, chance.integers(-200, 1500, n), 0)
    abroad = chance.choice([country_code("TH"), country_code("FR"), country_code("JP")], n)
    country = np.where(chance.random(n) < 0.15, abroad, 0)
    line = chance.integers(0, lines + 1, n)
    record = chance.integers(0, 2**63, n).astype(np.uint64)
    again = np.flatnonzero(chance.random(n) < 0.05)
    source = (again * chance.random(len(again))).astype(np.int64)
    for column in (record, line, at, kind, amount, charge, country):
        column[again] = column[source]
    altered = again[chance.random(len(again)) < 0.3]
    amount[altered] += 1
    return UsageColumns(
        record, line, at, kind.astype(np.uint8), amount, charge, country.astype(np.uint16)
    )


def run(
    rules: Rules,
    memory: Memory,
    batch: UsageColumns,
    by: str = "engine",
    sizes: list[int] | None = None,
    day: int = 76,
):
    """Advance by the batch, cut into pieces and received on a day; everything that came of it.

    by  engine, or the oracle that it must equal
    """
    advance = oracle.advance if by == "oracle" else engine.advance
    received = START_MS + day * DAY
    notices, treatment, first = [], [], 0
    for size in sizes or [len(batch)]:
        part = batch.rows(first, first + size)
        for day in days_of(part):
            memory.seen.setdefault(day, empty())
        answer = advance(memory, part, rules, received_ms=received)
        found = answer.notices.copy()
        found["row"] += first
        notices.append(found)
        treatment.append(answer.treatment)
        memory = answer.memory
        first += size
    return np.concatenate(notices), np.concatenate(treatment), memory
