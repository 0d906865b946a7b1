"""Counters out of a CSV, Excel, JSON or Parquet file of anybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from amends.network.quality.rules.baseline import DIMENSIONS
from amends.network.quality.rules.column_names import (
    IndicatorColumn,
    indicator_of,
    is_no_indicator,
)
from amends.network.quality.rules.indicators import NetworkIndicator
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.tabular.columns import ColumnRole, choose_columns, plain_name
from amends.platform.tabular.date_order import reading_of
from amends.platform.tabular.dates import read_moment
from amends.platform.tabular.number_columns import separator_of
from amends.platform.tabular.tables import read_table
from amends.platform.tabular.values import dates, share

MOST_COLUMNS = 1_000
_SAMPLE = 2_000
# At least this share of the filled cells of a column of numbers are numbers.
_MOSTLY = 0.9
_NOTHING = ("", "-", "--", "NA", "N/A", "nan", "NaN", "NULL", "null", "NIL", "#DIV/0!", "None")
_DAYS = ("date", "day", "日期", "datum", "fecha", "data")
_HOURS = (
    "time",
    "hour",
    "hours",
    "小时",
    "时间",
    "时段",
    "uhrzeit",
    "stunde",
    "hora",
    "heure",
    "ora",
)
_TIME_OF_DAY = r"^\d{1,2}(:\d{2}(:\d{2})?)?$"
_NAMES: dict[str, tuple[str, ...]] = {
    role: tuple(names.split("|"))
    for role, names in {
        "at": "at|time|timestamp|start time|begin time|period start|datetime|date time|sample time"
        "|ts|时间|开始时间|采样时间|统计时间|日期时间|date|日期|zeit|zeitstempel|fecha|hora",
        "area": "area|area id|region|district|city|cluster|site area|zone|区域|地区|片区|网格|区县"
        "|地市|gebiet|bezirk|zona|secteur",
        "cell": "cell|cell id|cell name|cellid|eci|nci|cgi|ecgi|ncgi|sector|小区|小区名称|小区标识"
        "|小区id|zelle|celda|cellule",
        "kpi": "kpi|indicator|metric|counter|kpi name|counter name|measure|指标|指标名称|计数器"
        "|kennzahl|indicador",
        "value": "value|val|kpi value|counter value|result|reading|值|指标值|数值|取值|wert|valor",
        "users": "users|user count|subscribers|active users|ue count|rrc users|samples|用户数"
        "|激活用户数|nutzer|usuarios",
        "service": "service|service type|业务|业务类型",
        "app": "app|application|应用|应用名称",
        "partner": "partner|content provider|合作方|合作伙伴",
        "device": "device|device class|terminal|terminal type|终端|终端类型",
        "capacity": "capacity|limit|threshold|cap|容量|门限|上限|kapazitat|capacidad",
    }.items()
}
SUMMED = "gb|traffic|volume|users|erl|sessions|calls|流量|用户数|话务"
"""Indicators called so are volumes: parts are added up; of others the mean is taken."""


@dataclass(frozen=True, slots=True)
class CounterRows:
    """What became of the rows of a file; `read` is the sum of the others but `late`.

    unreadable  without time, cell, indicator or number
    impossible  values that the indicator cannot have
    duplicates  the same sample and value as an earlier row
    corrected   rows that a later one of the same sample corrects
    late        used rows that stand after a later sample of their cell and indicator
    """

    read: int
    used: int
    unreadable: int
    impossible: int
    duplicates: int
    corrected: int
    late: int


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How a column with one indicator was read.

    unit         of the indicator, "" where Amends does not know it
    unit_stated  whether the unit is in the header; otherwise that of the indicator was assumed
    worse        "high" or "low" if an unknown indicator is judged by its header
    """

    column: str
    indicator: str
    unit: str
    unit_stated: bool
    worse: str


@dataclass(frozen=True, slots=True)
class Counters:
    """Clean counters, and how times are written.

    frame    `at` (UTC), `area`, `cell`, `kpi`, `value`, `offset_min` (minutes east of UTC): one row
             for each sample of a cell
    written  "offset" (ISO with offset) or "local" (without)
    columns  role → column
    breakdown  where the file has columns of DIMENSIONS, its rows with them ("" where empty) and
             `users`; `frame` then has their totals
    readings  where each indicator has a column: how each was read
    """

    frame: pl.DataFrame
    rows: CounterRows
    written: str
    columns: Mapping[str, str] = field(default_factory=dict)
    readings: Sequence[ColumnReading] = ()
    breakdown: pl.DataFrame | None = None

    def as_written(self, name: str) -> pl.Expr:
        """A time in UTC as the file writes it."""
        offsets = self.frame.select("at", "offset_min").unique("at").sort("at")
        usual = offsets["offset_min"].mode().min() if offsets.height else 0
        same = offsets["offset_min"].n_unique() <= 1

        def text(moment: datetime) -> str:
            minutes = usual
            if not same:
                index = max(0, offsets["at"].search_sorted(moment, side="right") - 1)
                minutes = offsets["offset_min"][int(index)]
            local = moment + timedelta(minutes=int(minutes))  # type: ignore[arg-type]
            plain = local.replace(tzinfo=None).isoformat(timespec="seconds")
            if self.written == "local":
                return plain
            sign, size = ("-" if minutes < 0 else "+"), abs(int(minutes))  # type: ignore[operator,arg-type]
            return f"{plain}{sign}{size // 60:02}:{size % 60:02}"

        return pl.col(name).map_elements(text, return_dtype=pl.String)


def read_counters(
    path: Path,
    *,
    indicators_by_kpi: Mapping[str, NetworkIndicator],
    zone: str,
    needs_cell: bool = True,
) -> Counters:
    """The counters of a file: a row a sample and indicator, or a column an indicator.

    known  indicators with the values they can have
    zone   of times without an offset

    Raises BadInput.
    """
    frame = _with_one_time(_frame(path))
    chosen, indicator_columns = _columns(frame, path, indicators_by_kpi, needs_cell)
    frame = _long(frame, chosen, indicator_columns, needs_cell)
    read = frame.height
    times, written = _times(frame["at"].unique(), zone, path)
    frame = (
        frame.join(times, on="at", how="left", maintain_order="left")
        .drop("at")
        .rename({"moment": "at"})
    )
    dimensions = [name for name in DIMENSIONS if name in chosen]
    series = ["cell", "kpi", *dimensions]
    if frame["ambiguous"].any():
        frame = _second_hour(frame, series)
    usable = (
        pl.col("at").is_not_null()
        & pl.col("value").is_finite().fill_null(False)
        & (pl.col("cell") != "")
        & (pl.col("kpi") != "")
    )
    good = frame.filter(usable.fill_null(False))
    unreadable = frame.height - good.height
    possible = _possible(good, indicators_by_kpi)
    impossible = good.height - possible.height
    key = [*series, "at"]
    late = int(
        possible.select((pl.col("at") < pl.col("at").cum_max().over(series)).sum()).item() or 0
    )
    last = possible.unique(key, keep="last", maintain_order=True)
    duplicates = 0
    if last.height != possible.height:
        distinct = possible.unique([*key, "value"], maintain_order=False).height
        duplicates = possible.height - distinct
    corrected = possible.height - last.height - duplicates
    if last.is_empty():
        raise BadInput(
            _("%(file)s contains no usable sample."),
            next_step=_("Send rows with time, area, cell, indicator and value."),
            values={"file": path.name},
            code="unable_to_read_counters",
        )
    breakdown = _broken_down(last) if dimensions else None
    totals = last if breakdown is None else totals_of(breakdown)
    return Counters(
        frame=totals.select("at", "area", "cell", "kpi", "value", "offset_min"),
        rows=CounterRows(
            read=read,
            used=last.height,
            unreadable=unreadable,
            impossible=impossible,
            duplicates=duplicates,
            corrected=corrected,
            late=late,
        ),
        written=written,
        columns=chosen,
        readings=[
            ColumnReading(
                column=name,
                indicator=column.code,
                unit=indicators_by_kpi[column.code].unit
                if column.code in indicators_by_kpi
                else "",
                unit_stated=bool(column.factor) or column.code == name.strip().lower(),
                worse=column.worse,
            )
            for name, column in indicator_columns.items()
        ],
        breakdown=breakdown,
    )


def _broken_down(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with all dimensions and users, those that the file lacks empty."""
    missing = [name for name in DIMENSIONS if name not in rows.columns]
    users = pl.col("users") if "users" in rows.columns else pl.lit(None)
    return rows.with_columns(
        *(pl.lit("").alias(name) for name in missing),
        users=users.cast(pl.Float64, strict=False),
    ).select("at", "area", "cell", "kpi", *DIMENSIONS, "value", "users", "offset_min")


def totals_of(breakdown: pl.DataFrame) -> pl.DataFrame:
    """One row for each sample of a cell: the row without any dimension, else what the rows with the
    fewest dimensions make together, so that a file that is broken down twice counts once.

    Volumes are added up; of others the mean is taken, weighted by users where every row has them.
    """
    filled = [
        pl.when(pl.col(name) != "").then(2**bit).otherwise(0) for bit, name in enumerate(DIMENSIONS)
    ]
    users = pl.col("users")
    key = ["cell", "kpi", "at"]
    return (
        breakdown.group_by(*key, filled=pl.sum_horizontal(filled), maintain_order=True)
        .agg(
            pl.col("area", "offset_min").last(),
            sum=pl.col("value").sum(),
            mean=pl.col("value").mean(),
            weighted=(pl.col("value") * users).sum() / users.sum(),
            has_users=(users > 0).fill_null(False).all(),
        )
        .sort(pl.col("filled").bitwise_count_ones(), "filled", maintain_order=True)
        .unique(key, keep="first", maintain_order=True)
        .with_columns(
            value=pl.when(pl.col("kpi").str.to_lowercase().str.contains(SUMMED))
            .then("sum")
            .when("has_users")
            .then("weighted")
            .otherwise("mean")
        )
    )


def read_capacities(path: Path) -> pl.DataFrame:
    """`area, kpi, capacity` of a file; the last row of an area and indicator counts.

    Raises BadInput.
    """
    frame = _frame(path)
    columns_by_role = {role: _named(frame.columns, role) for role in ("area", "kpi", "capacity")}
    if absent := [role for role, name in columns_by_role.items() if name is None]:
        raise BadInput(
            _("The file has no column %(columns)s."),
            next_step=_("Name it in the header row."),
            where=str(path),
            values={"columns": ", ".join(absent)},
            code="unable_to_read_counters",
        )
    names = {role: name for role, name in columns_by_role.items() if name is not None}
    table = frame.select(
        *(
            pl.col(names[role]).cast(pl.String).str.strip_chars().alias(role)
            for role in ("area", "kpi")
        ),
        pl.col(names["capacity"]).cast(pl.Float64, strict=False).alias("capacity"),
    )
    usable = table.filter((pl.col("area") != "") & (pl.col("kpi") != "") & (pl.col("capacity") > 0))
    if usable.is_empty():
        raise BadInput(
            _("%(file)s contains no capacity."),
            next_step=_("Send rows with area, indicator and capacity."),
            values={"file": path.name},
            code="unable_to_read_counters",
        )
    return usable.unique(["area", "kpi"], keep="last", maintain_order=True)


def _named(columns: list[str], role: str) -> str | None:
    """The column that is called by a name of this role."""
    called = {plain_name(column): column for column in columns}
    return next((called[name] for name in _NAMES[role] if name in called), None)


def _frame(path: Path) -> pl.DataFrame:
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == b"PAR1":
            return pl.read_parquet(path)
        if start == b"PK\x03\x04" or start.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"{", b"["):
            table = read_table(path)
            return pl.DataFrame(table.rows, schema=table.header, orient="row")
        return pl.read_csv(
            path,
            infer_schema=False,
            separator=separator_of(path),
            truncate_ragged_lines=True,
            encoding="utf8-lossy",
        )
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be read: %(why)s."),
            next_step=_("Check its name and rights."),
            values={"file": path, "why": error.strerror},
            code="unable_to_read_counters",
        ) from error
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise BadInput(
            _("%(file)s is no table of counters: %(why)s."),
            next_step=_("Send a file with a header row and rows."),
            values={"file": path.name, "why": str(error).partition("\n")[0][:200]},
            code="unable_to_read_counters",
        ) from error


def _numbers(sample: Sequence[str]) -> float:
    return share(sample, _is_number)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _columns(
    frame: pl.DataFrame,
    path: Path,
    indicators_by_kpi: Mapping[str, NetworkIndicator],
    needs_cell: bool,
) -> tuple[dict[str, str], dict[str, IndicatorColumn]]:
    """Role → column, and the columns of indicators; `value` is "" where each indicator has one."""
    if frame.width > MOST_COLUMNS:
        raise BadInput(
            _("The file has %(count)s columns; at most %(most)s are read."),
            next_step=_("Send a file with a header row and rows."),
            where=str(path),
            values={"count": f"{frame.width:,}", "most": MOST_COLUMNS},
            code="unable_to_read_counters",
        )
    exact = {name.strip().lower(): name for name in frame.columns}
    chosen = {role: exact[role] for role in _NAMES if role in exact}
    for role in DIMENSIONS:
        if role not in chosen and (named := _named(frame.columns, role)) is not None:
            chosen[role] = named
    missing = [
        role for role in ("at", "area", "cell", "kpi", "value", "users") if role not in chosen
    ]
    if missing:
        tests = {"at": dates, "value": _numbers, "users": _numbers}
        roles = [ColumnRole(role, _NAMES[role], test=tests.get(role)) for role in missing]
        free_columns = [name for name in frame.columns if name not in chosen.values()]
        step = max(1, frame.height // _SAMPLE)
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for row in frame.select(free_columns).gather_every(step).head(_SAMPLE).rows()
        ]
        columns_by_role = choose_columns(free_columns, rows, roles)
        chosen |= {role: column for role in missing if (column := columns_by_role.get(role))}
    indicator_columns: dict[str, IndicatorColumn] = {}
    if "value" not in chosen or "kpi" not in chosen:
        indicator_columns = _indicator_columns(frame, chosen, indicators_by_kpi)
        if indicator_columns:
            chosen.pop("kpi", None)
            chosen["value"] = ""
    needed = [
        "at",
        "value",
        *(["kpi"] if chosen.get("value") else []),
        *(["cell"] if needs_cell else ["area"]),
    ]
    if absent := [role for role in needed if role not in chosen]:
        raise BadInput(
            _("The file has no column %(columns)s."),
            next_step=_(
                "Name it in the header row. A file has a row for each sample and indicator (at, "
                "area, cell, kpi, value), or a column for each indicator (at, area, cell, rtt_ms, "
                "…)."
            ),
            where=str(path),
            values={"columns": ", ".join(absent)},
            code="unable_to_read_counters",
        )
    return chosen, indicator_columns


def _indicator_columns(
    frame: pl.DataFrame,
    chosen: Mapping[str, str],
    indicators_by_kpi: Mapping[str, NetworkIndicator],
) -> dict[str, IndicatorColumn]:
    """The columns of numbers with an indicator each; of two with the same, the first."""
    units = {code: indicator.unit for code, indicator in indicators_by_kpi.items()}
    roles = ("at", "area", "cell", *DIMENSIONS)
    taken = {chosen[role] for role in roles if role in chosen}
    columns: dict[str, IndicatorColumn] = {}
    for name in frame.columns:
        known = indicator_of(name, units)
        if name in taken or (known.code not in units and is_no_indicator(name)):
            continue
        if known.code in {column.code for column in columns.values()}:
            known = IndicatorColumn(name.strip(), worse=known.worse)
        numbers = _as_numbers(frame[name]).drop_nulls()
        filled = frame[name].drop_nulls()
        if filled.dtype == pl.String:
            filled = filled.filter(~filled.str.strip_chars().is_in(_NOTHING))
        if numbers.len() and numbers.len() >= _MOSTLY * filled.len():
            columns[name] = known
    return columns


def _as_numbers(column: pl.Series) -> pl.Series:
    """Numbers as systems write them: 99.2%, 1,234.5 and 0,75."""
    if column.dtype != pl.String:
        return column.cast(pl.Float64, strict=False)
    texts = column.str.strip_chars().str.strip_chars_end("% ")
    commas = texts.filter(texts.str.contains(",", literal=True))
    if commas.len() and commas.str.contains(r"^-?\d+,\d+$").all():
        thousands = commas.str.contains(r"^-?[1-9]\d{0,2},\d{3}$").all()
        texts = texts.str.replace(",", "" if thousands else ".", literal=True)
    else:
        texts = texts.str.replace_all(",", "", literal=True)
    return texts.cast(pl.Float64, strict=False)


def _with_one_time(frame: pl.DataFrame) -> pl.DataFrame:
    """The day and the hour of a sample in one column, where a file has them in two."""
    names = {plain_name(column): column for column in frame.columns}
    day = next((names[name] for name in _DAYS if name in names), None)
    hour = next((names[name] for name in _HOURS if name in names), None)
    if day is None or hour is None:
        return frame
    days = frame[day].cast(pl.String).str.strip_chars().str.replace(r"[T ]00:00:00$", "")
    hours = frame[hour].cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
    if days.str.contains(":").any() or not hours.drop_nulls().str.contains(_TIME_OF_DAY).all():
        return frame
    hours = hours.str.replace(r"^(\d{1,2})$", "${1}:00")
    return frame.with_columns((days + " " + hours).alias(day)).drop(hour)


def _long(
    frame: pl.DataFrame,
    chosen: dict[str, str],
    indicator_columns: Mapping[str, IndicatorColumn],
    needs_cell: bool,
) -> pl.DataFrame:
    """`at, area, cell, kpi, value` as they stand in the file, a row a sample and indicator."""
    dimensions = [role for role in DIMENSIONS if role in chosen]
    roles = [role for role in ("at", "area", "cell", *dimensions) if role in chosen]
    if dimensions and "users" in chosen:
        roles.append("users")
    if chosen["value"]:
        frame = frame.select(pl.col(chosen[role]).alias(role) for role in (*roles, "kpi", "value"))
    else:
        frame = (
            frame.select(
                *(pl.col(chosen[role]).alias(role) for role in roles),
                *(
                    _in_its_unit(_as_numbers(frame[name]), column).alias(column.code)
                    for name, column in indicator_columns.items()
                ),
            )
            .unpivot(index=roles, variable_name="kpi", value_name="value")
            .filter(pl.col("value").is_not_null())
        )
    texts = [name for name in ("area", "cell", "kpi", *DIMENSIONS) if name in frame.columns]
    frame = frame.with_columns(
        pl.col(name).cast(pl.String).str.strip_chars().fill_null("") for name in texts
    )
    if frame["value"].dtype == pl.String:
        frame = frame.with_columns(pl.col("value").str.strip_chars().cast(pl.Float64, strict=False))
    else:
        frame = frame.with_columns(pl.col("value").cast(pl.Float64, strict=False))
    if "area" not in frame.columns:
        frame = frame.with_columns(pl.lit("").alias("area"))
    if "cell" not in frame.columns or not needs_cell:
        cell = pl.col("cell") if "cell" in frame.columns else pl.lit("")
        frame = frame.with_columns(
            pl.when(cell == "").then(pl.col("area")).otherwise(cell).alias("cell")
        )
    return frame


def _in_its_unit(numbers: pl.Series, column: IndicatorColumn) -> pl.Series:
    factor = column.factor or 1.0
    if column.success:
        usual = numbers.median()
        per_cent = column.factor or (isinstance(usual, float) and usual > 1.5)
        return 1.0 - numbers * (0.01 if per_cent else 1.0)
    return numbers * factor


def _times(unique: pl.Series, zone: str, path: Path) -> tuple[pl.DataFrame, str]:
    """Each time as written → `moment` (UTC), `offset_min`, `ambiguous` (the hour that a clock shows
    twice); and whether times have an offset."""
    here = ZoneInfo(zone)
    naive = True
    rows: list[tuple[datetime | None, int | None, bool]] = []
    if unique.dtype.is_temporal():
        own = getattr(unique.dtype, "time_zone", None)
        cells: list[object] = unique.to_list()
        if own is not None:
            here, naive = ZoneInfo(own), False
    elif unique.dtype.is_numeric():
        cells, naive = [_epoch(cell) for cell in unique.to_list()], False
    else:
        cells = _parsed(unique.to_list())
    cells = [cell if _is_usual(cell) else None for cell in cells]
    with_offset = 0
    for cell in cells:
        if not isinstance(cell, datetime):
            if cell is None:
                rows.append((None, None, False))
                continue
            cell = datetime.combine(cell, datetime.min.time())  # type: ignore[arg-type]
        ambiguous = False
        if cell.tzinfo is None:
            local = cell.replace(tzinfo=here)
            ambiguous = local.utcoffset() != local.replace(fold=1).utcoffset() and (
                local.astimezone(UTC).astimezone(here).replace(tzinfo=None) == cell
            )
        else:
            with_offset += 1
            # Times in UTC say nothing of the hours people live by.
            local = cell if cell.utcoffset() else cell.astimezone(here)
        offset = int((local.utcoffset() or timedelta()).total_seconds() // 60)
        rows.append((local.astimezone(UTC), offset, ambiguous))
    table = pl.DataFrame(
        rows,
        schema={
            "moment": pl.Datetime("us", "UTC"),
            "offset_min": pl.Int32,
            "ambiguous": pl.Boolean,
        },
        orient="row",
    ).with_columns(unique.alias("at"))
    return table, "local" if naive and not with_offset else "offset"


def _is_usual(cell: object) -> bool:
    """Whether a time can be moved between zones; systems write the years 1 and 9999 for none."""
    return not isinstance(cell, date) or 1 < cell.year < 9999


def _epoch(cell: object) -> datetime | None:
    if cell is None:
        return None
    seconds = float(cell)  # type: ignore[arg-type]
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(cells: list[str | None]) -> list[object]:
    """ISO times at once; where others are among them, in the order of day and month they show."""
    moments: list[object] = []
    for cell in cells:
        try:
            moments.append(datetime.fromisoformat(cell.strip()) if cell else None)
        except ValueError:
            moments.append(None)
    strange = [index for index, cell in enumerate(cells) if cell and moments[index] is None]
    if strange:
        texts = [str(cells[index]) for index in strange]
        if all(
            _is_number(text)
            and len(text.strip()) >= 10
            and float(text) > 1e8
            and not text.startswith("20")
            for text in texts[:50]
        ):
            for index, text in zip(strange, texts, strict=True):
                moments[index] = _epoch(text) if _is_number(text) else None
            return moments
        order = reading_of(texts, column="at").order
        for index, text in zip(strange, texts, strict=True):
            reading = read_moment(text)
            if reading is not None and (day := reading.day(order)) is not None:
                moments[index] = datetime.combine(day, reading.clock or time(), reading.zone)
    return moments


def _second_hour(frame: pl.DataFrame, series: list[str]) -> pl.DataFrame:
    """Where a clock is set back, the second sample of the same local time is an hour later."""
    is_repeated = pl.col("ambiguous") & (pl.int_range(pl.len()).over(*series, "at") > 0)
    hour = pl.duration(hours=1)
    return frame.with_columns(
        pl.when(is_repeated).then(pl.col("at") + hour).otherwise(pl.col("at")).alias("at"),
        pl.when(is_repeated)
        .then(pl.col("offset_min") - 60)
        .otherwise(pl.col("offset_min"))
        .alias("offset_min"),
    )


def _possible(
    frame: pl.DataFrame, indicators_by_kpi: Mapping[str, NetworkIndicator]
) -> pl.DataFrame:
    """Without values that an indicator cannot have; shares may be written in per cent."""
    limits = []
    for kpi in frame["kpi"].unique().to_list():
        if (indicator := indicators_by_kpi.get(kpi.lower())) is not None:
            upper = indicator.most
            if indicator.unit == "share":
                usual = frame.filter(pl.col("kpi") == kpi)["value"].median()
                upper = 100.0 if isinstance(usual, float) and usual > 1.0 else 1.0
            limits.append((kpi, float(indicator.least), float(upper)))
    if not limits:
        return frame
    table = pl.DataFrame(limits, schema=["kpi", "least", "most"], orient="row")
    joined = frame.join(table, on="kpi", how="left", maintain_order="left")
    inside = pl.col("least").is_null() | pl.col("value").is_between(pl.col("least"), pl.col("most"))
    return joined.filter(inside).drop("least", "most")
