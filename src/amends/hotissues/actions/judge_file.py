"""Judge a measure from a file of counts by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.hotissues.rules.effect import Effect, effect
from amends.kit.errors import BadInput

_COLUMNS = ("treated", "control", "users", "control_users")


class UnableToJudge(BadInput):
    """The file does not say what was treated, or when."""

    code = "unable_to_judge"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller fixes: when it began, how long it took hold, what it should bring."""

    since: date | None = None
    wash_out: int = 0
    expected_drop: float = 0.2


def judge_file(path: Path, wishes: Wishes) -> Effect:
    """Judge the file of columns treated, control, after (or a date) and so on. Raises BadInput.

    treated, control      complaints a period; control may be missing
    after                 0 or 1; or a column `date` and `wishes.since`
    users, control_users  users exposed, if they changed
    left_out              1 for periods that do not count (the alarm that led to the measure)
    """
    frame = _read(path)
    if "treated" not in frame.columns:
        raise UnableToJudge(
            f"There is no column 'treated'; there are {', '.join(frame.columns[:20])}.",
            where=f"{path.name}, line 1",
            next_step="Name the columns treated, control, after; a row a period, oldest first.",
        )
    if not 0 < wishes.expected_drop < 1:
        raise UnableToJudge(
            "An expected drop is a share between 0 and 1.", next_step="Say 0.2 for a fifth."
        )
    after = _after(frame, path, wishes)
    left_out = _flags(frame, "left_out", path) if "left_out" in frame.columns else after & False
    if wishes.wash_out:
        left_out |= after & (np.cumsum(after) <= wishes.wash_out)
    numbers = {name: _numbers(frame, name, path) for name in _COLUMNS if name in frame.columns}
    return effect(
        numbers["treated"],
        after,
        control=numbers.get("control"),
        users=numbers.get("users"),
        control_users=numbers.get("control_users"),
        left_out=left_out,
        expected_drop=wishes.expected_drop,
    )


def document(found: Effect) -> dict[str, Any]:
    """The document of `--json`; what is not finite is null."""
    return {
        "verdict": found.verdict,
        "rate_ratio": _finite(found.rate_ratio),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "smallest_detectable_drop": _finite(found.smallest_detectable_drop),
        "method": found.method,
        "dispersion": _finite(found.dispersion),
        "autocorrelation": _finite(found.autocorrelation),
        "placebo_share": None if found.placebo_share is None else _finite(found.placebo_share),
        "reasons": list(found.reasons),
    }


def _finite(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None


def _read(path: Path) -> pl.DataFrame:
    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        frame = pl.read_parquet(path) if parquet else pl.read_csv(path, try_parse_dates=True)
    except OSError as error:
        raise UnableToJudge(
            f"{path} cannot be read ({error.strerror}).", next_step="Check its name and rights."
        ) from error
    except pl.exceptions.PolarsError as error:
        raise UnableToJudge(
            f"{path.name} is no table.", next_step="Send CSV or Parquet, a row a period."
        ) from error
    if frame.height == 0:
        raise UnableToJudge(f"{path.name} has no rows.", next_step="Send a row a period.")
    return frame


def _after(frame: pl.DataFrame, path: Path, wishes: Wishes) -> NDArray[np.bool_]:
    if wishes.since is not None:
        if "date" not in frame.columns or not frame["date"].dtype.is_temporal():
            raise UnableToJudge(
                "--since needs a column 'date' of dates.",
                where=f"{path.name}, line 1",
                next_step="Add it, or mark the periods in a column 'after'.",
            )
        days = frame["date"].cast(pl.Date)
        if not days.is_sorted():
            raise UnableToJudge(
                "The periods are not in the order of their dates.",
                where=f"{path.name}, column date",
                next_step="Sort them, the oldest first.",
            )
        return (days >= wishes.since).to_numpy()
    if "after" not in frame.columns:
        raise UnableToJudge(
            "Nothing says when the measure began.",
            where=f"{path.name}, line 1",
            next_step="Give --since DATE, or a column 'after' of 0 and 1.",
        )
    return _flags(frame, "after", path)


def _flags(frame: pl.DataFrame, name: str, path: Path) -> NDArray[np.bool_]:
    values = _numbers(frame, name, path)
    if bad := np.flatnonzero(~np.isin(values, (0.0, 1.0))).tolist():
        raise UnableToJudge(
            f"{values[bad[0]]:g} is neither 0 nor 1.",
            where=f"{path.name}, line {bad[0] + 2}, column {name}",
            next_step="Write 1 where it holds and 0 elsewhere.",
        )
    return values == 1.0


def _numbers(frame: pl.DataFrame, name: str, path: Path) -> NDArray[np.float64]:
    """A column of numbers from 0; users above 0; counts whole."""
    values = frame[name].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().copy()
    users = name.endswith("users")
    with np.errstate(invalid="ignore"):
        wrong = ~np.isfinite(values) | (values < 0) | (users & (values == 0))
        wrong |= ~np.asarray(users) & (values != np.floor(values))
    if wrong.any():
        line = int(np.flatnonzero(wrong)[0])
        raise UnableToJudge(
            f"{frame[name][line]} is no {'number of users' if users else 'count'}.",
            where=f"{path.name}, line {line + 2}, column {name}",
            next_step="Users are above 0." if users else "Counts are whole numbers from 0.",
        )
    return values
