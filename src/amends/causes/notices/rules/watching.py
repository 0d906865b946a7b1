"""What no counter shows: a network abroad joined near a border, and a new kind of charge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from amends.platform.kit.packs import RuleFile
from amends.platform.kit.terms import shifted

SIGHTED: dict[str, Any] = {"service": pl.String, "at_ms": pl.Int64, "country": pl.String}
"""When a line was seen in the network of which country; `country` is "" at home."""
_MONTH_AND_SOME_MS = 35 * 86_400_000
_MINUTE_MS, _DAY_MS = 60_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Marks:
    """The operator's figures (`watching@….toml`), and its words for kinds of charge.

    border_ms   abroad so soon after home, it is the border and no journey
    months      how long an account had no charge of a kind for it to be new
    known_ms    how long an account must have been charged at all
    kinds       kind of charge → its words in Chinese and English
    """

    border_ms: int
    months: int
    known_ms: int
    kinds: dict[str, tuple[str, str]]


def marks_of(file: RuleFile) -> Marks:
    """The figures of one rule file."""
    data = file.data
    return Marks(
        border_ms=int(data["border"]["minutes"]) * _MINUTE_MS,
        months=int(data["new_charge"]["months"]),
        known_ms=int(data["new_charge"]["known_days"]) * _DAY_MS,
        kinds={kind: (row["zh"], row["en"]) for kind, row in data["charge_kinds"].items()},
    )


def at_borders(
    sighted: pl.DataFrame, carried: pl.DataFrame, marks: Marks
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that joined a network abroad though they were at home just before; what to carry on.

    sighted, carried  frames of `SIGHTED`: what is new, in any order, and what the last call carried
    returns           the first sighting abroad of each such stretch, and for the next call where
                      each line was last, as far back as that may matter

    >>> seen = pl.DataFrame({"service": ["a", "a", "b", "b"], "at_ms": [0, 600_000, 0, 7_200_000],
    ...                      "country": ["", "HK", "", "HK"]}, schema=SIGHTED)
    >>> found, carried = at_borders(seen, pl.DataFrame(schema=SIGHTED), Marks(3_600_000, 3, 0, {}))
    >>> found.rows(), carried.sort("service").rows()
    ([('a', 600000, 'HK')], [('b', 7200000, 'HK')])
    """
    every = pl.concat([carried.select(list(SIGHTED)), sighted.select(list(SIGHTED))]).sort(
        "at_ms", maintain_order=True
    )
    before = every.with_columns(
        was=pl.col("country").shift().over("service"),
        was_ms=pl.col("at_ms").shift().over("service"),
    )
    border_rows = before.filter(
        (pl.col("country") != "")
        & (pl.col("was") == "")
        & (pl.col("at_ms") - pl.col("was_ms") <= marks.border_ms)
    )
    newest = every["at_ms"].max()
    last = every.unique("service", keep="last", maintain_order=True)
    left = last if newest is None else last.filter(pl.col("at_ms") >= newest - marks.border_ms)  # type: ignore[operator]
    return border_rows.select(list(SIGHTED)), left


def first_charges(charges: pl.DataFrame, marks: Marks, *, since_ms: int, zone: str) -> pl.DataFrame:
    """The charges since a moment that are the first of their kind on their account for months.

    An account is all that one person pays for: a ringtone without an order is a service of its
    own, and a new kind of charge to whoever finds it on the bill.

    charges  facts `ChargeMade` from `marks.months` and `marks.known_ms` before `since_ms` on
    returns  subscriber, service, charge_kind, amount_minor, currency, at_ms, and the local `month`
    """
    back_ms = months_ms(marks.months)
    positive = charges.filter(pl.col("amount_minor") > 0).select(
        "subscriber",
        "charge_kind",
        "amount_minor",
        "currency",
        "id",
        service=pl.col("subject"),
        at_ms=pl.col("happened_at_ms"),
    )
    # Most accounts have had each of their kinds all along: they are passed over whole.
    account = positive.group_by("subscriber").agg(first_ms=pl.col("at_ms").min())
    before = positive.filter(pl.col("at_ms") < since_ms)
    had = before.group_by("subscriber", "charge_kind").agg(had_ms=pl.col("at_ms").max())
    now = positive.filter(pl.col("at_ms") >= since_ms)
    latest = now.group_by("subscriber", "charge_kind").agg(now_ms=pl.col("at_ms").max())
    seldom = latest.join(had, on=["subscriber", "charge_kind"], how="left").filter(
        pl.col("had_ms").is_null() | (pl.col("now_ms") - pl.col("had_ms") > back_ms)
    )
    dated = (
        positive.join(seldom, on=["subscriber", "charge_kind"], how="semi")
        .join(account, on="subscriber")
        .sort("at_ms", "id")
        .with_columns(last_ms=pl.col("at_ms").shift().over("subscriber", "charge_kind"))
    )
    fresh = pl.col("last_ms").is_null() | (pl.col("at_ms") - pl.col("last_ms") > back_ms)
    is_known = pl.col("at_ms") - pl.col("first_ms") >= marks.known_ms
    moment = pl.from_epoch("at_ms", time_unit="ms").dt.replace_time_zone("UTC")
    return dated.filter((pl.col("at_ms") >= since_ms) & fresh & is_known).with_columns(
        month=moment.dt.convert_time_zone(zone).dt.strftime("%Y-%m-01")
    )


def recent_ms(marks: Marks, *, late_ms: int) -> int:
    """How long before a moment a kind of charge may have been to be no new one `late_ms` after it.

    >>> recent_ms(Marks(0, 1, 0, {}), late_ms=7 * _DAY_MS) // _DAY_MS
    24
    """
    return max(0, min(_MONTH_AND_SOME_MS, months_ms(marks.months) - late_ms))


def may_have_first(charges: pl.DataFrame, *, since_ms: int) -> pl.Series:
    """The accounts with a kind of charge since a moment that they had not shortly before it.

    charges  facts `ChargeMade` from `recent_ms` before `since_ms` on

    >>> rows = [("p", "fee", 1, 0), ("p", "fee", 1, 9), ("q", "fee", 1, 0), ("q", "tone", 1, 9)]
    >>> names = ["subscriber", "charge_kind", "amount_minor", "happened_at_ms"]
    >>> may_have_first(pl.DataFrame(rows, schema=names, orient="row"), since_ms=5).to_list()
    ['q']
    """
    positive = charges.filter(pl.col("amount_minor") > 0)
    pair, at_ms = ["subscriber", "charge_kind"], pl.col("happened_at_ms")
    before = positive.filter(at_ms < since_ms).select(pair)
    latest_pairs = positive.filter(at_ms >= since_ms).select(pair).unique()
    return latest_pairs.join(before, on=pair, how="anti")["subscriber"].unique().sort()


def months_ms(months: int) -> int:
    """So many months, none shorter than 31 days, in milliseconds.

    >>> months_ms(3) // 86_400_000
    93
    """
    return months * 31 * _DAY_MS


def back_to(on: date, marks: Marks) -> date:
    """From which day charges must be read to know what is new on a day.

    >>> back_to(date(2026, 11, 24), Marks(0, 3, 31 * 86_400_000, {}))
    datetime.date(2026, 7, 24)
    """
    return shifted(on, -(marks.months + 1))
