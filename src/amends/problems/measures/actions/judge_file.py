"""Judge a measure from a file of counts by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.detection.effect import Effect, effect
from amends.engines.detection.permutation_test import Permuted, permuted
from amends.engines.detection.sequential_test import SequentialTest, watch
from amends.engines.detection.sequential_test_uncontrolled import least_before, watch_alone
from amends.engines.detection.verdicts import Verdict
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.tabular.number_columns import (
    EMPTY,
    header_width,
    separator_of,
    without_thousands,
)

MOST_PERIODS = 10_000
"""27 years of days."""
MOST_COLUMNS = 1_000
_COLUMNS = ("treated", "control", "alarmed", "users", "control_users", "alarmed_users")
_DAYS_A_YEAR = 365.25
BASES: dict[str, str] = {
    "series": _(
        "There is no control segment, so an interim check assumes that the earlier trend and "
        "season continue and that nothing else changed with the measure."
    ),
    "too_short": _(
        "An interim check gives no verdict: there is no control segment, and too few periods "
        "before the measure to separate its effect from trend and season (26, or two years "
        "where the periods have dates)."
    ),
}
"""What a verdict that looking often does not spoil rests on where there is no control."""


class UnableToJudgeFile(BadInput):
    """The file does not say what was treated, or when."""

    code = "unable_to_judge"


@dataclass(frozen=True, slots=True)
class FileTerms:
    """What the caller fixes.

    since          first day of the measure; None where the file marks the periods (`after`)
    wash_out       periods after the start that do not count yet
    expected_drop  the drop the measure was meant to bring, as a share
    """

    since: date | None = None
    wash_out: int = 0
    expected_drop: float = 0.2


@dataclass(frozen=True, slots=True)
class RateRatio:
    """A rate ratio with its interval, each end one-sided at 95 %; None where it is not finite."""

    rate_ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PermutationCheck:
    """The series against its own noise.

    p  share of the permutations in blocks with a drop at least as large
    """

    method: str
    rate_ratio: float | None
    p: float


@dataclass(frozen=True, slots=True)
class AnytimeVerdict:
    """A verdict that remains valid however often one looks.

    shown_after  periods after the start at which it was first shown; None where it was not
    evidence     the e-value of the last period
    """

    verdict: Verdict
    shown_after: int | None
    evidence: float
    rate_ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FileJudgement:
    """The verdict on the series of a file; figures that are not finite are None.

    rate_ratio                rate after over rate before, relative to the control; `low` and `high`
                              are its ends, each one-sided at 95 %
    smallest_detectable_drop  drop (0 to 1) that would have been shown in four of five cases
    dispersion                variance over mean of the counts
    autocorrelation           of the residuals, at a lag of one period
    placebo_share             share of earlier dates at which the series dropped as much
    against_alarmed           compared with cells that alarmed and were not treated
    alarmed_tell              whether those cells have enough complaints to count
    anytime_rests_on          what `anytime` compares with: `control`, `series` or `too_short`
    """

    verdict: Verdict
    rate_ratio: float | None
    low: float | None
    high: float | None
    smallest_detectable_drop: float | None
    method: str
    dispersion: float | None
    autocorrelation: float | None
    placebo_share: float | None
    against_alarmed: RateRatio | None
    alarmed_tell: bool
    check: PermutationCheck | None
    anytime: AnytimeVerdict | None
    anytime_rests_on: Literal["control", "series", "too_short"]
    reasons: tuple[str, ...]


def judge_file(path: Path, terms: FileTerms) -> FileJudgement:
    """Judge the file of columns treated, control, after (or a date) and so on. Raises BadInput.

    treated, control      complaints a period; control may be missing
    alarmed               complaints of cells that alarmed as well and were not treated, if any
    after                 0 or 1; or a column `date` and `terms.since`
    users, control_users, alarmed_users  users exposed, if they changed
    left_out              periods that do not count (the alarm that led to the measure)
    """
    frame = _read(path)
    if "treated" not in frame.columns:
        raise UnableToJudgeFile(
            _("There is no column 'treated'; there are %(known)s."),
            where=_("%(file)s, line %(line)s"),
            at={"file": path.name, "line": 1},
            next_step=_("Name the columns treated, control, after; a row a period, oldest first."),
            values={"known": ", ".join(frame.columns[:20])},
        )
    if not 0 < terms.expected_drop < 1:
        raise UnableToJudgeFile(
            _("An expected drop is a share between 0 and 1."), next_step=_("Say 0.2 for a fifth.")
        )
    if terms.wash_out < 0:
        raise UnableToJudgeFile(
            _("--wash-out %(given)s leaves out no period."),
            next_step=_("Give the number of periods after the measure that do not count yet."),
            values={"given": terms.wash_out},
        )
    after = _after(frame, path, terms)
    left_out = _flags(frame, "left_out", path) if "left_out" in frame.columns else after & False
    if terms.wash_out:
        left_out |= after & (np.cumsum(after) <= terms.wash_out)
    numbers = {name: _numbers(frame, name, path) for name in _COLUMNS if name in frame.columns}
    judged = effect(
        numbers["treated"],
        after,
        control=numbers.get("control"),
        users=numbers.get("users"),
        control_users=numbers.get("control_users"),
        left_out=left_out,
        expected_drop=terms.expected_drop,
        alarmed=numbers.get("alarmed"),
        alarmed_users=numbers.get("alarmed_users"),
    )
    cycle = _cycle(frame)
    check = permuted(
        numbers["treated"],
        after,
        users=numbers.get("users"),
        left_out=left_out,
        cycle=cycle,
    )
    watched = _watched(numbers, after, left_out, terms.expected_drop, cycle)
    too_short = int((~after & ~left_out).sum()) < least_before(cycle)
    alone: Literal["series", "too_short"] = "too_short" if too_short else "series"
    return _judgement(judged, check, watched, "control" if "control" in numbers else alone)


def _watched(
    numbers: dict[str, NDArray[np.float64]],
    after: NDArray[np.bool_],
    left_out: NDArray[np.bool_],
    expected_drop: float,
    cycle: float | None,
) -> SequentialTest:
    if "control" not in numbers:
        return watch_alone(
            numbers["treated"],
            after,
            users=numbers.get("users"),
            left_out=left_out,
            expected_drop=expected_drop,
            cycle=cycle,
        )
    return watch(
        numbers["treated"],
        after,
        control=numbers["control"],
        users=numbers.get("users"),
        control_users=numbers.get("control_users"),
        left_out=left_out,
        expected_drop=expected_drop,
    )


def _cycle(frame: pl.DataFrame) -> float | None:
    """Periods in a year, from the dates."""
    if "date" not in frame.columns or not frame["date"].dtype.is_temporal() or frame.height < 2:
        return None
    days = frame["date"].cast(pl.Date).diff().dt.total_days().median()
    return _DAYS_A_YEAR / days if isinstance(days, float) and days > 0 else None


def _judgement(
    judged: Effect,
    check: Permuted | None,
    watched: SequentialTest,
    rests_on: Literal["control", "series", "too_short"],
) -> FileJudgement:
    against = judged.against_alarmed
    return FileJudgement(
        verdict=judged.verdict,
        rate_ratio=_finite(judged.rate_ratio),
        low=_finite(judged.low),
        high=_finite(judged.high),
        smallest_detectable_drop=_finite(judged.smallest_detectable_drop),
        method=judged.method,
        dispersion=_finite(judged.dispersion),
        autocorrelation=_finite(judged.autocorrelation),
        placebo_share=None if judged.placebo_share is None else _finite(judged.placebo_share),
        against_alarmed=None if against is None else RateRatio(*map(_finite, against)),
        alarmed_tell=judged.alarmed_tell,
        check=_check(check) if check else None,
        anytime=None if rests_on == "too_short" else _anytime(watched),
        anytime_rests_on=rests_on,
        reasons=tuple(judged.reasons),
    )


def _check(permuted: Permuted) -> PermutationCheck:
    return PermutationCheck(
        method="interrupted series, block permutation",
        rate_ratio=_finite(permuted.rate_ratio),
        p=permuted.p,
    )


def _anytime(watched: SequentialTest) -> AnytimeVerdict | None:
    if not watched.verdicts:
        return None
    return AnytimeVerdict(
        verdict=watched.verdicts[-1],
        shown_after=watched.shown_after,
        evidence=watched.evidence[-1],
        rate_ratio=_finite(watched.ratios[-1]),
        low=_finite(watched.low[-1]),
        high=_finite(watched.high[-1]),
    )


def _finite(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None


def _read(path: Path) -> pl.DataFrame:
    try:
        if (columns := header_width(path)) > MOST_COLUMNS:
            raise UnableToJudgeFile(
                _("%(file)s has %(count)s columns; at most %(most)s are read."),
                next_step=_("Name the columns treated, control, after; a row a period."),
                values={"file": path.name, "count": f"{columns:,}", "most": MOST_COLUMNS},
            )
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        if parquet:
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(
                path,
                try_parse_dates=True,
                separator=separator_of(path),
                null_values=EMPTY,
                infer_schema_length=None,
            )
        frame = frame.with_columns(without_thousands(column) for column in frame)
    except OSError as error:
        raise UnableToJudgeFile(
            _("%(path)s cannot be read (%(why)s)."),
            next_step=_("Check its name and rights."),
            values={"path": path, "why": error.strerror or error},
        ) from error
    except pl.exceptions.PolarsError as error:
        raise UnableToJudgeFile(
            _("%(file)s is no table."),
            next_step=_("Send CSV or Parquet, a row a period."),
            values={"file": path.name},
        ) from error
    if frame.height == 0:
        raise UnableToJudgeFile(
            _("%(file)s has no rows."),
            next_step=_("Send a row a period."),
            values={"file": path.name},
        )
    if frame.height > MOST_PERIODS:
        raise UnableToJudgeFile(
            _("%(file)s has %(count)s periods; at most %(most)s are judged."),
            next_step=_("Send a row a day or a week, from a year before the measure on."),
            values={"file": path.name, "count": f"{frame.height:,}", "most": f"{MOST_PERIODS:,}"},
        )
    return frame


def _after(frame: pl.DataFrame, path: Path, terms: FileTerms) -> NDArray[np.bool_]:
    if terms.since is not None:
        if "date" not in frame.columns or not frame["date"].dtype.is_temporal():
            raise UnableToJudgeFile(
                _("--since needs a column 'date' of dates."),
                where=_("%(file)s, line %(line)s"),
                at={"file": path.name, "line": 1},
                next_step=_("Add it, or mark the periods in a column 'after'."),
            )
        days = frame["date"].cast(pl.Date)
        if not days.is_sorted():
            raise UnableToJudgeFile(
                _("The periods are not in the order of their dates."),
                where=_("%(file)s, column %(column)s"),
                at={"file": path.name, "column": "date"},
                next_step=_("Sort them, the oldest first."),
            )
        if days.is_duplicated().any():
            raise UnableToJudgeFile(
                _("The period appears twice."),
                where=_("%(file)s, line %(line)s, column %(column)s"),
                at={
                    "file": path.name,
                    "line": int(days.is_duplicated().arg_true()[1]) + 2,
                    "column": "date",
                },
                next_step=_("Keep one row a period; nothing was added up."),
            )
        return (days >= terms.since).to_numpy()
    if "after" not in frame.columns:
        raise UnableToJudgeFile(
            _("Nothing says when the measure began."),
            where=_("%(file)s, line %(line)s"),
            at={"file": path.name, "line": 1},
            next_step=_("Give --since DATE, or a column 'after' of 0 and 1."),
        )
    return _flags(frame, "after", path)


def _flags(frame: pl.DataFrame, name: str, path: Path) -> NDArray[np.bool_]:
    values = _numbers(frame, name, path)
    if bad := np.flatnonzero(~np.isin(values, (0.0, 1.0))).tolist():
        raise UnableToJudgeFile(
            _("%(value)s is neither 0 nor 1."),
            where=_("%(file)s, line %(line)s, column %(column)s"),
            at={"file": path.name, "line": bad[0] + 2, "column": name},
            next_step=_("Write 1 where it applies and 0 elsewhere."),
            values={"value": f"{values[bad[0]]:g}"},
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
        if frame[name][line] is None:
            raise UnableToJudgeFile(
                _("The cell is empty."),
                where=_("%(file)s, line %(line)s, column %(column)s"),
                at={"file": path.name, "line": line + 2, "column": name},
                next_step=_("Fill it, or leave the row out; nothing is assumed about it."),
            )
        raise UnableToJudgeFile(
            _("%(value)s is no number of users.") if users else _("%(value)s is no count."),
            where=_("%(file)s, line %(line)s, column %(column)s"),
            at={"file": path.name, "line": line + 2, "column": name},
            next_step=_("Users are above 0.") if users else _("Counts are whole numbers from 0."),
            values={"value": frame[name][line]},
        )
    return values
