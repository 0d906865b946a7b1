"""Numbers scored on simulated calls: recall and precision of nuisance callers, and the time.

    python -m bench.protection_numbers [--numbers 20000] [--nuisance 0.001] [--seed 1] [--worlds 1]

People call the circle they know; offices, couriers, robots that remind and sellers call many; nuisance
callers of up to three habits hide among them. Ten thousand reports of five people and thousands of
reports of people it never called are made against an office and a seller.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.causes.protection.rules.reputation import reputation, reputation_rules

DAY_S = 86_400
DAYS = 14
SUSPECT_FROM = 0.5
Numbers = NDArray[np.int64]


@dataclass(slots=True)
class World:
    """Calls so far, as columns."""

    numbers: int
    chance: np.random.Generator
    parts: list[pl.DataFrame] = field(default_factory=list)

    def between(self, low: float, high: float) -> float:
        """A habit of this world."""
        return float(self.chance.uniform(low, high))

    def call(
        self,
        caller: Numbers,
        called: Numbers,
        *,
        answered: NDArray[np.bool_],
        talk_s: float,
        night: float,
    ) -> None:
        """Calls with exponential talks; a share of them at night."""
        count = len(caller)
        hour = np.where(
            self.chance.random(count) < night,
            self.chance.integers(21, 32, count) % 24,
            self.chance.integers(9, 21, count),
        )
        second = self.chance.integers(0, DAYS, count) * DAY_S + hour * 3_600
        talked = self.chance.exponential(talk_s, count) + 2
        self.parts.append(
            pl.DataFrame(
                {
                    "caller": caller,
                    "called": called,
                    "second": second + self.chance.integers(0, 3_600, count),
                    "seconds": np.where(answered, talked, 0.0).round(),
                    "answered": answered,
                }
            )
        )

    def people(self, who: Numbers) -> None:
        """People who call a circle of people they know, and a few others."""
        circle = np.maximum(2, self.chance.lognormal(2.0, 0.6, len(who)).astype(np.int64))
        place = np.repeat(np.arange(len(who)), self.chance.poisson(1.0 * DAYS, len(who)))
        far = (self.chance.random(len(place)) ** 2 * circle[place]).astype(np.int64) + 1
        friend = who[(place + far * self.chance.choice((-1, 1), len(place))) % len(who)]
        stranger = self.chance.random(len(place)) < 0.08
        called = np.where(stranger, self.chance.integers(0, self.numbers, len(place)), friend)
        answered = self.chance.random(len(place)) < self.between(0.65, 0.85)
        self.call(who[place], called, answered=answered, talk_s=90, night=self.between(0.05, 0.2))

    def many(
        self,
        who: Numbers,
        *,
        reach: float,
        answered: float,
        talk_s: float,
        called_back: float,
        again: float,
        night: float,
    ) -> None:
        """Numbers that call many people: how many, and how that goes."""
        for caller in who:
            count = max(5, int(self.chance.lognormal(np.log(reach), 0.6)))
            called = self.chance.integers(0, self.numbers, count)
            times = 1 + (self.chance.random(count) < again) * self.chance.integers(1, 4, count)
            each = np.repeat(called, times)
            taken = self.chance.random(len(each)) < np.clip(
                self.chance.normal(answered, 0.08), 0.03, 0.98
            )
            self.call(np.full(len(each), caller), each, answered=taken, talk_s=talk_s, night=night)
            back = called[self.chance.random(count) < called_back]
            self.call(
                back,
                np.full(len(back), caller),
                answered=self.chance.random(len(back)) < 0.7,
                talk_s=60,
                night=0.03,
            )

    def calls(self) -> pl.DataFrame:
        """All calls, as a file would give them."""
        start = pl.datetime(2026, 11, 2)
        return (
            pl.concat(self.parts)
            .select(
                _name("caller"),
                _name("called"),
                (start + pl.duration(seconds=pl.col("second"))).alias("at"),
                "seconds",
                "answered",
            )
            .filter(pl.col("caller") != pl.col("called"))
        )


def _name(column: str) -> pl.Expr:
    return (pl.col(column) + 13_000_000_000).cast(pl.String).alias(column)


def simulate(
    numbers: int, nuisance: float, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, set[str]]:
    """Calls, reports, and the nuisance callers among them."""
    chance = np.random.default_rng(seed)
    world = World(numbers, chance)
    order = chance.permutation(numbers)
    sizes = [max(3, int(numbers * share)) for share in (nuisance, 0.002, 0.002, 0.0004, 0.0005)]
    bad, offices, couriers, robots, sellers, ordinary = np.split(order, np.cumsum(sizes))
    world.people(ordinary)
    office = {"reach": 300.0, "answered": 0.65, "talk_s": 100.0, "called_back": 0.2, "again": 0.35}
    world.many(offices, **office, night=0.02)
    courier = {"reach": 350.0, "answered": 0.8, "talk_s": 28.0, "called_back": 0.15, "again": 0.15}
    world.many(couriers, **courier, night=0.05)
    robot = {"reach": 800.0, "answered": 0.78, "talk_s": 30.0, "called_back": 0.04, "again": 0.1}
    world.many(robots, **robot, night=0.01)
    seller = {"reach": 120.0, "answered": 0.55, "talk_s": 100.0, "called_back": 0.15, "again": 0.3}
    world.many(sellers, **seller, night=0.02)
    for part in np.array_split(bad, 3):
        world.many(
            part,
            reach=world.between(40, 400),
            answered=world.between(0.1, 0.55),
            talk_s=world.between(6, 35),
            called_back=world.between(0.0, 0.08),
            again=world.between(0.02, 0.2),
            night=world.between(0.02, 0.3),
        )
    truth = {str(number + 13_000_000_000) for number in bad.tolist()}
    calls = world.calls()
    return calls, _reports(calls, truth, offices, sellers, chance), truth


def _reports(
    calls: pl.DataFrame,
    truth: set[str],
    offices: Numbers,
    sellers: Numbers,
    chance: np.random.Generator,
) -> pl.DataFrame:
    """A few of those a nuisance called report it, some people report anybody, two rivals are hit."""
    named = pl.col("caller").alias("number"), pl.col("called").alias("reporter")
    hit = calls.filter(pl.col("caller").is_in(list(truth))).select(*named).unique()
    hit = hit.filter(pl.Series(chance.random(len(hit)) < 0.02))
    strays = calls.sample(max(20, len(calls) // 20_000), seed=1).select(*named)
    rival, other = (str(who[0] + 13_000_000_000) for who in (offices, sellers))
    bought = [str(number + 13_000_000_000) for number in chance.integers(0, 20_000, 3_000)]
    attacks = pl.DataFrame(
        {
            "number": [rival] * 10_000 + [other] * len(bought),
            "reporter": [bought[place % 5] for place in range(10_000)] + bought,
        }
    )
    return pl.concat([hit, strays, attacks])


def main() -> None:
    """Simulate, score, and print the figures of each world."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--numbers", type=int, default=20_000)
    options.add_argument("--nuisance", type=float, default=0.001)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--worlds", type=int, default=1)
    asked = options.parse_args()
    rules = reputation_rules(date(2026, 11, 30))
    for seed in range(asked.seed, asked.seed + asked.worlds):
        calls, reports, truth = simulate(asked.numbers, asked.nuisance, seed)
        began = time.monotonic()
        scored = reputation(calls, reports, rules)
        took = time.monotonic() - began
        found = set(scored.filter(pl.col("score") >= SUSPECT_FROM)["number"])
        recall, precision = len(found & truth) / len(truth), len(found & truth) / max(1, len(found))
        sys.stdout.write(
            f"seed {seed}: {len(calls):,} calls, {len(truth)} nuisance callers, recall "
            f"{recall:.3f}, precision {precision:.3f}, {took:.1f} s\n"
        )


if __name__ == "__main__":
    main()
