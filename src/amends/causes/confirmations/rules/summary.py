"""What an audit found, added up: in all, by offer, partner, campaign and agent, and by service."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from amends.causes.confirmations.rules.audit import (
    NOT_COVERED,
    NOT_DEMANDED,
    VERDICTS,
    WRONG,
    Verdicts,
)
from amends.causes.confirmations.rules.ranking import PartnerCount, ranked

GROUPS = ("offer", "partner", "campaign", "agent")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of charges; those of two sets of services add up to those of both.

    counts    charges by verdict
    groups    by currency (""), and by each of `GROUPS` and currency
    partners  services judged and services without a confirmation
    """

    counts: npt.NDArray[np.int64]
    groups: dict[str, pl.DataFrame]
    partners: pl.DataFrame

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.counts + other.counts,
            {
                group: _added([self.groups[group], other.groups[group]], _keys(group))
                for group in self.groups
            },
            _added([self.partners, other.partners], ["partner"]),
        )

    def document(self) -> dict[str, Any]:
        """The whole finding as one JSON document; amounts in minor units of each currency."""
        counts = self.counts.tolist()
        return {
            "charges": sum(counts),
            "verdicts": dict(zip(VERDICTS, counts, strict=True)),
            "unconfirmed_charges": sum(counts[code] for code in WRONG),
            "amounts": self._largest(""),
            **{f"by_{group}": self._largest(group) for group in GROUPS},
            "partners": [
                asdict(ranked_partner)
                for ranked_partner in ranked(
                    [PartnerCount(*row) for row in self.partners.sort("partner").rows()]
                )
            ],
        }

    def _largest(self, group: str) -> list[dict[str, Any]]:
        keys = _keys(group)
        rows = self.groups[group].sort(
            "unconfirmed_minor", *keys, descending=[True, *[False] * len(keys)]
        )
        return rows.head(SHOWN).to_dicts()


def document(charges: pl.DataFrame, verdicts: Verdicts) -> dict[str, Any]:
    """The whole finding as one JSON document; amounts in minor units of each currency."""
    return sums(charges, verdicts).document()


def sums(charges: pl.DataFrame, verdicts: Verdicts) -> Sums:
    """Sums of charges; each service in whole, as it is counted once."""
    frame = _judged(charges, verdicts)
    return Sums(
        np.bincount(verdicts.code, minlength=len(VERDICTS)),
        {group: _sums_by(frame, _keys(group)) for group in ("", *GROUPS)},
        frame.lazy()
        .filter((pl.col("partner") != "") & pl.col("once"))
        .group_by("partner")
        .agg(pl.len().cast(pl.Int64).alias("judged"), pl.col("ever_wrong").sum().cast(pl.Int64))
        .collect(),
    )


def _keys(group: str) -> list[str]:
    return [group, "currency"] if group else ["currency"]


def _added(frames: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    return pl.concat(frames).group_by(keys).agg(pl.all().sum())


def findings(charges: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """One row a service, offer and currency with a wrong charge, the largest amount first."""
    frame = _judged(charges, verdicts).filter("wrong")
    names = ("subscriber", "partner", "campaign", "agent")
    return (
        frame.lazy()
        .group_by("service", "offer", "currency")
        .agg(
            *(pl.col(name).first() for name in names),
            pl.col("code").max(),
            pl.len().alias("charges"),
            pl.col("amount_minor").sum(),
        )
        .collect()
        .pipe(largest_first)
    )


def largest_first(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings in their order."""
    return findings.sort(
        "amount_minor", "service", "offer", "currency", descending=[True, False, False, False]
    )


def _judged(charges: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """The charges that could be judged, with their verdict; names that are absent are empty."""
    absent = [
        pl.lit("").alias(name)
        for name in ("subscriber", "partner", "campaign", "agent")
        if name not in charges.columns
    ]
    frame = charges.with_columns(
        pl.Series("code", verdicts.code), pl.Series("key", verdicts.key), *absent
    )
    frame = frame.filter(~pl.col("code").is_in([NOT_DEMANDED, NOT_COVERED]))
    wrong = np.isin(frame["code"].to_numpy(), WRONG)
    key = frame["key"].to_numpy()
    return frame.with_columns(
        pl.Series("wrong", wrong),
        pl.Series("once", _first_of_each(key)),
        pl.Series("ever_wrong", _of_the_same(key, wrong)),
    )


def _first_of_each(key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """True at the first row of each key."""
    first_index = np.full(int(key.max(initial=-1)) + 1, -1, np.int64)
    first_index[key[::-1]] = np.arange(len(key) - 1, -1, -1)
    is_first = np.zeros(len(key), np.bool_)
    is_first[first_index[first_index >= 0]] = True
    return is_first


def _of_the_same(key: npt.NDArray[np.int64], wrong: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """For each row, whether any row of its key is wrong."""
    any_wrong = np.zeros(int(key.max(initial=-1)) + 1, np.bool_)
    any_wrong[key[wrong]] = True
    return any_wrong[key]


def _sums_by(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    wrong = pl.col("wrong")
    return (
        frame.lazy()
        .group_by(keys)
        .agg(
            pl.len().cast(pl.Int64).alias("charges"),
            pl.col("amount_minor").sum(),
            wrong.sum().cast(pl.Int64).alias("unconfirmed_charges"),
            pl.col("amount_minor").filter(wrong).sum().alias("unconfirmed_minor"),
            pl.col("once").sum().cast(pl.Int64).alias("services"),
            (pl.col("once") & pl.col("ever_wrong"))
            .sum()
            .cast(pl.Int64)
            .alias("unconfirmed_services"),
        )
        .collect()
    )
