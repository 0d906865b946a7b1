"""The reputation of numbers from whom they call, how that goes, and who reports them.

A nuisance caller calls many different people once, is seldom answered, is soon hung up on and is
not called back; an office calls many people too, but is answered, talks, and is called back.
Reports count distinct people, each by their own record: what matters is the share of the people
called who report, not the number of reports. Somebody who was never called by a number, reports
everything, or repeats a report adds nothing.

The points are log-odds in a dated table (`reputation@….toml`), so that each score can be added up
by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from amends.platform.kit.packs import load_rules

CALLS = ("caller", "called", "at", "seconds", "answered")
REPORTS = ("number", "at", "reporter", "kind")
FEATURES = (
    "reach",
    "unanswered",
    "hung_up",
    "not_called_back",
    "once_only",
    "night",
    "reported",
)


@dataclass(frozen=True, slots=True)
class ReputationRules:
    """The dated table.

    least_people  a number that called fewer people is scored by its reports alone
    points        log-odds for each feature (0 to 1), with `start` where none is present
    """

    least_people: int
    night_from: int
    night_to: int
    short_s: float
    points: Mapping[str, float]
    version: str


def reputation_rules(on: date) -> ReputationRules:
    """The table in force on a day.

    >>> reputation_rules(date(2026, 12, 1)).points["start"] < 0
    True
    """
    file = load_rules("amends.causes.protection", "reputation", on)
    rows: dict[str, Any] = {row["id"]: row for row in file.rules}
    limits = rows["limits"]
    return ReputationRules(
        least_people=int(limits["least_people"]),
        night_from=int(limits["night_from"]),
        night_to=int(limits["night_to"]),
        short_s=float(limits["short_s"]),
        points={name: float(rows["points"][name]) for name in ("start", *FEATURES)},
        version=file.version,
    )


def reputation(
    calls: pl.DataFrame, reports: pl.DataFrame | None, rules: ReputationRules
) -> pl.DataFrame:
    """Every number that called or was reported: its features (0 to 1), figures and score.

    calls    caller, called (text), at (datetime), seconds (float), answered (bool)
    reports  number, reporter (text); None where there are none

    Of two numbers with the same behaviour, the one that more of its own people report is worse.
    """
    return score(figures(calls, calls, weighted(reports), rules), rules)


def weighted(reports: pl.DataFrame | None) -> pl.DataFrame:
    """Each person who reports a number, once: `number, reporter, weight`.

    Somebody who reports many numbers counts less for each.
    """
    if reports is None:
        return pl.DataFrame(
            schema={"number": pl.String, "reporter": pl.String, "weight": pl.Float64}
        )
    each = reports.select("number", "reporter").unique()
    return each.with_columns(weight=1 / pl.len().over("reporter").sqrt())


def figures(
    made: pl.DataFrame, received: pl.DataFrame, reports: pl.DataFrame, rules: ReputationRules
) -> pl.DataFrame:
    """The figures of all numbers or of some of them, a row for each.

    made      all calls of these numbers, as `reputation` takes them
    received  all calls to them: caller, called
    reports   all reports of them, as `weighted` returns them

    The columns, of each number:

    calls      made, to how many `people`, how many `answered`
    short      answered and soon hung up; `night_calls` at night; null where few people were called
    once       people called only once; `called_back`, people who called back; null likewise
    reporters  who report it, their `weight`; of these it called `called_reporters` with their
               `called_weight`
    """
    people = made.group_by(number="caller").agg(
        calls=pl.len(), people=pl.col("called").n_unique(), answered=pl.col("answered").sum()
    )
    many = people.filter(pl.col("people") >= rules.least_people).select("number")
    return (
        people.join(_behaviour(made, received, many, rules), on="number", how="left")
        .join(_reported(made, reports), on="number", how="full", coalesce=True)
        .with_columns(
            pl.col("calls", "people", "answered", "called_reporters").fill_null(0),
            pl.col("reporters", "weight", "called_weight").fill_null(0.0),
        )
    )


def _behaviour(
    made: pl.DataFrame, received: pl.DataFrame, many: pl.DataFrame, rules: ReputationRules
) -> pl.DataFrame:
    """Of those who call many people: short talks, calls at night, and who calls back."""
    back = (
        received.join(many, left_on="called", right_on="number", how="semi")
        .select(caller="called", called="caller")
        .unique()
        .with_columns(back=pl.lit(True))
    )
    hour = pl.col("at").dt.hour()
    night = (hour >= rules.night_from) | (hour < rules.night_to)
    return (
        made.join(many, left_on="caller", right_on="number", how="semi")
        .group_by("caller", "called")
        .agg(
            times=pl.len(),
            short=(pl.col("answered") & (pl.col("seconds") <= rules.short_s)).sum(),
            night_calls=night.sum(),
        )
        .join(back, on=["caller", "called"], how="left")
        .group_by(number="caller")
        .agg(
            pl.col("short").sum(),
            pl.col("night_calls").sum(),
            once=(pl.col("times") == 1).sum(),
            called_back=pl.col("back").is_not_null().sum(),
        )
    )


def _reported(made: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """For each reported number: distinct reporters and their weight, and of those it called."""
    called = (
        made.join(reports, left_on="caller", right_on="number", how="semi")
        .select(number="caller", reporter="called")
        .unique()
        .with_columns(was_called=pl.lit(True))
    )
    was_called = pl.col("was_called").is_not_null()
    return (
        reports.join(called, on=["number", "reporter"], how="left")
        .group_by("number")
        .agg(
            pl.len().cast(pl.Float64).alias("reporters"),
            pl.col("weight").sum(),
            called_weight=pl.col("weight").filter(was_called).sum(),
            called_reporters=was_called.sum(),
        )
    )


def score(figures: pl.DataFrame, rules: ReputationRules) -> pl.DataFrame:
    """The figures of all numbers with features and score, the highest score first.

    A reporter whom the number did not call counts nothing, where the calls say whom it called.
    """
    # Reporters that are never among the called are named in another way than the called.
    if figures["called_reporters"].sum():
        figures = figures.with_columns(weight=pl.col("called_weight"))
    figures = figures.with_columns(_features(rules))
    logit = sum(
        (pl.col(name) * rules.points[name] for name in FEATURES), pl.lit(rules.points["start"])
    )
    return figures.with_columns(score=(1 / (1 + (-logit).exp())).round(4)).sort(
        ["score", "number"], descending=[True, False]
    )


def _features(rules: ReputationRules) -> list[pl.Expr]:
    """Features from 0 to 1; of a number that calls few people all but `reported` are 0."""
    active = pl.col("people") >= rules.least_people
    people = pl.col("people").clip(1, None)
    answered = pl.col("answered")

    def share(expression: pl.Expr) -> pl.Expr:
        return pl.when(active).then(expression).otherwise(0.0).fill_null(0.0).clip(0.0, 1.0)

    return [
        share((people.log(10) - 1.0) / 2.0).alias("reach"),
        share(1 - answered / pl.col("calls").clip(1, None)).alias("unanswered"),
        share((pl.col("short") + 1) / (answered + 2)).alias("hung_up"),
        share(1 - 4 * pl.col("called_back") / people).alias("not_called_back"),
        share(pl.col("once") / people).alias("once_only"),
        share(pl.col("night_calls") / pl.col("calls").clip(1, None)).alias("night"),
        # Of the people called; more reporters than people called is a campaign against the number.
        (
            pl.when(pl.col("reporters") > pl.col("people").clip(3, None))
            .then(0.0)
            .otherwise((pl.col("weight") / (people + 10)).sqrt() * 2)
            .clip(0.0, 1.0)
        ).alias("reported"),
    ]
