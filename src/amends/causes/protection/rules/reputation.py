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
    calls: pl.LazyFrame, reports: pl.DataFrame | None, rules: ReputationRules
) -> pl.DataFrame:
    """Every number that called or was reported: its features (0 to 1), figures and score.

    calls    caller, called (text), at (datetime), seconds (float), answered (bool)
    reports  number, at, reporter (text); None where there are none

    Of two numbers with the same behaviour, the one that more of its own people report is worse.
    """
    people = _people(calls)
    many = people.filter(pl.col("people") >= rules.least_people)
    figures = people.join(_behaviour(calls, many, rules), on="number", how="left")
    reported = _reported(calls, reports)
    figures = (
        figures.join(reported, on="number", how="full", coalesce=True)
        .with_columns(
            pl.col("calls", "people", "answered", "seconds", "inbound").fill_null(0),
            pl.col("reporters", "weight").fill_null(0.0),
        )
        .with_columns(_features(rules))
    )
    logit = sum(
        (pl.col(name) * rules.points[name] for name in FEATURES), pl.lit(rules.points["start"])
    )
    return figures.with_columns((1 / (1 + (-logit).exp())).round(4).alias("score")).sort(
        ["score", "number"], descending=[True, False]
    )


def _people(calls: pl.LazyFrame) -> pl.DataFrame:
    """For each caller: calls made, distinct people called, calls answered, seconds talked."""
    return (
        calls.group_by(pl.col("caller").alias("number"))
        .agg(
            pl.len().alias("calls"),
            pl.col("called").n_unique().alias("people"),
            pl.col("answered").sum().alias("answered"),
            pl.col("seconds").filter(pl.col("answered")).sum().alias("seconds"),
        )
        .collect(engine="streaming")
    )


def _behaviour(calls: pl.LazyFrame, many: pl.DataFrame, rules: ReputationRules) -> pl.DataFrame:
    """Of those who call many people: short talks, calls at night, and who calls back."""
    chosen = many.select("number").lazy()
    out = calls.join(chosen, left_on="caller", right_on="number", how="semi")
    back = (
        calls.join(chosen, left_on="called", right_on="number", how="semi")
        .select(pl.col("called").alias("caller"), pl.col("caller").alias("called"))
        .unique()
    )
    hour = pl.col("at").dt.hour()
    night = (hour >= rules.night_from) | (hour < rules.night_to)
    pairs = (
        out.group_by("caller", "called")
        .agg(
            pl.len().alias("times"),
            pl.col("answered").sum().alias("taken"),
            (pl.col("answered") & (pl.col("seconds") <= rules.short_s)).sum().alias("short"),
            night.sum().alias("night_calls"),
        )
        .join(back.with_columns(pl.lit(True).alias("back")), on=["caller", "called"], how="left")
    )
    of_pairs = pairs.group_by(pl.col("caller").alias("number")).agg(
        pl.col("short").sum(),
        pl.col("night_calls").sum(),
        (pl.col("times") == 1).sum().alias("once"),
        pl.col("back").is_not_null().sum().alias("called_back"),
    )
    inbound = back.group_by(pl.col("caller").alias("number")).agg(pl.len().alias("inbound"))
    return of_pairs.join(inbound, on="number", how="left").collect(engine="streaming")


def _reported(calls: pl.LazyFrame, reports: pl.DataFrame | None) -> pl.DataFrame:
    """For each reported number: distinct reporters, and what they weigh together.

    A person counts once for a number. Somebody who reports many numbers counts less for each; one
    whom the number did not call counts nothing, where the calls say whom it called.
    """
    schema = {"number": pl.String, "reporters": pl.Float64, "weight": pl.Float64}
    if reports is None or reports.is_empty():
        return pl.DataFrame(schema=schema)
    each = reports.select("number", "reporter").unique()
    record = each.group_by("reporter").agg(pl.len().alias("numbers"))
    each = each.join(record, on="reporter").with_columns(
        (1 / pl.col("numbers").clip(1, None).sqrt()).alias("weight")
    )
    called = (
        calls.join(
            each.select("number").unique().lazy(), left_on="caller", right_on="number", how="semi"
        )
        .select(pl.col("caller").alias("number"), pl.col("called").alias("reporter"))
        .unique()
        .with_columns(pl.lit(1.0).alias("was_called"))
        .collect(engine="streaming")
    )
    each = each.join(called, on=["number", "reporter"], how="left").with_columns(
        pl.col("was_called").fill_null(0.0)
    )
    # Reporters that are never among the called are named in another way than the called.
    if each["was_called"].sum() == 0:
        each = each.with_columns(pl.lit(1.0).alias("was_called"))
    return each.group_by("number").agg(
        pl.len().cast(pl.Float64).alias("reporters"),
        (pl.col("weight") * pl.col("was_called")).sum().alias("weight"),
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
