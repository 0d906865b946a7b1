"""What an audit found, added up: in all, by offer, partner, campaign and agent, and by service."""

from __future__ import annotations

from dataclasses import asdict
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


def document(charges: pl.DataFrame, verdicts: Verdicts) -> dict[str, Any]:
    """The whole finding as one JSON document; amounts in minor units of each currency."""
    frame = _judged(charges, verdicts)
    counts = np.bincount(verdicts.code, minlength=len(VERDICTS)).tolist()
    return {
        "charges": len(charges),
        "verdicts": dict(zip(VERDICTS, counts, strict=True)),
        "unconfirmed_charges": int(sum(counts[code] for code in WRONG)),
        "amounts": _amounts(frame),
        **{f"by_{group}": _by(frame, group) for group in GROUPS},
        "partners": partners(frame),
    }


def partners(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Partners ranked by the share of their services that nobody confirmed."""
    if frame.is_empty():
        return []
    services = (
        frame.lazy()
        .filter((pl.col("partner") != "") & pl.col("once"))
        .group_by("partner")
        .agg(pl.len().alias("judged"), pl.col("ever_wrong").sum())
        .sort("partner")
        .collect()
    )
    return [
        asdict(ranked_partner)
        for ranked_partner in ranked([PartnerCount(*row) for row in services.rows()])
    ]


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
        .sort("amount_minor", "service", "offer", descending=[True, False, False])
        .collect()
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


def _amounts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return _rows(frame.lazy().group_by("currency"), ["currency"])


def _by(frame: pl.DataFrame, group: str) -> list[dict[str, Any]]:
    return _rows(frame.lazy().group_by(group, "currency"), [group, "currency"])


def _rows(grouped: Any, keys: list[str]) -> list[dict[str, Any]]:
    wrong = pl.col("wrong")
    rows = (
        grouped.agg(
            pl.len().alias("charges"),
            pl.col("amount_minor").sum(),
            wrong.sum().alias("unconfirmed_charges"),
            pl.col("amount_minor").filter(wrong).sum().alias("unconfirmed_minor"),
            pl.col("once").sum().alias("services"),
            (pl.col("once") & pl.col("ever_wrong")).sum().alias("unconfirmed_services"),
        )
        .sort("unconfirmed_minor", *keys, descending=[True, *[False] * len(keys)])
        .head(SHOWN)
        .collect()
    )
    return list(rows.to_dicts())
