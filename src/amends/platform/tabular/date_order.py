"""In which order a column writes day and month, and whether the other columns agree.

`08-04-2015` may be April or August. What decides, in this order:

1. another column that holds the same day of the row in a form that reads one way (`04-Aug-15`);
2. impossible sequences: received after it was answered, or in the future;
3. the cells of the column that allow one order only;
4. the time from first to last: a program that swapped day and month makes it far longer.

What contradicts itself is never read silently: each row is read as the other column says, and that
is noted, or the column is ambiguous and the person is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular.dates import (
    OTHER,
    CellMoment,
    Order,
    day_of,
    read_moment,
    whole_year,
)

Numbers = Sequence[tuple[int, int, int]]
_YEARS_APART = 15
# From so many cells on, a time so many times shorter means that a program swapped day and month
# wherever it could.
_MANY, _TIMES = 50, 2
# Two columns hold the same days where so many of the cells that are open agree under one reading.
_SAME = 0.8
# So many impossible rows are slips of single rows, not of the order.
_SLIPS = 0.02
_LAST_DAY = 31
# In fewer rows no day beyond the 12th is chance.
_FEW_OPEN = 6
# So many cells of each kind are no chance.
_ENOUGH = 4


class UnableToReadDates(BadInput):
    """A column of dates can be read in two ways; `choices` names them, the likelier first."""

    code = "date_order_ambiguous"
    choices: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a column is read: its order, and what people should know about it.

    note, values  the words, and what is filled into them once they are told in another language
    days          the day of each row where rows differ in their order; None: `order` holds for all
    numeric       whether there was an order to find: its cells are numbers, not names of months
    """

    order: Order
    note: str = ""
    ambiguous: bool = False
    other: Order | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    days: Sequence[date | None] | None = None
    numeric: bool = True

    def translated(self, translate: Callable[[str], str]) -> str:
        """The note in another language; "" if there is none."""
        return translate(self.note) % self.values if self.note else ""

    def notes(self) -> list[str]:
        """The note as a sentence that another language can say; none if there is none."""
        return [Translatable(self.note, **self.values)] if self.note else []

    @property
    def code(self) -> Order | None:
        """The order as it is reported; None where there is none, or not one for all rows."""
        return self.order if self.numeric and self.days is None else None


@dataclass(frozen=True, slots=True)
class OtherDates:
    """Another column of dates of the same rows.

    when  "same": nothing is known of it; "later": of what happens afterwards (closed, answered)
    """

    name: str
    cells: Sequence[str]
    when: str = "same"


class Open(NamedTuple):
    """A row whose cell allows both orders, and its day under each."""

    place: int
    one: date
    other: date


def reading_of(
    cells: Sequence[str],
    *,
    column: str,
    latest: date | None = None,
    witness_columns: Sequence[OtherDates] = (),
) -> DateReading:
    """In which order the dates of a column are written; see the module for what decides.

    latest  no date lies after it
    others  the further columns of dates, row by row
    """
    moments = _moments(cells)
    numbers = _numbers(moments)
    if not numbers:
        return DateReading("ymd", numeric=False)
    own = _own(numbers, column, latest)
    if own.order[0] == "y" and not own.ambiguous:
        return own
    open_ = _open(moments, own)
    if not open_:
        return own
    witnesses = [(them, _moments(them.cells)) for them in witness_columns]
    for them, theirs in witnesses:
        if reading := _same_days(moments, theirs, open_, own, column, them.name):
            return reading
    if exchanged := _exchanged(moments, open_, own, column):
        return exchanged
    reading = _possible(moments, open_, own, column, latest, witnesses)
    if (
        reading is own
        and own.ambiguous
        and not any(_fixes(moments, other_order) for other_order in OTHER)
    ):
        return _order_of_neighbour(own, witnesses) or own
    return reading


def _moments(cells: Sequence[str]) -> list[CellMoment | None]:
    return [read_moment(cell) if cell.strip() else None for cell in cells]


def _numbers(moments: Sequence[CellMoment | None]) -> Numbers:
    """The numbers of the cells whose order is open, or at least was."""
    numbers = [moment.parts for moment in moments if moment and moment.parts and not moment.fixed]
    return _unlike_iso(numbers)


def _unlike_iso(numbers: Numbers) -> Numbers:
    """The cells that end with their year, if there are any: the others read one way."""
    return [parts for parts in numbers if parts[0] <= _LAST_DAY] or numbers


def _own(numbers: Numbers, column: str, latest: date | None) -> DateReading:
    """The order as the column alone tells it."""
    first = _first_order(numbers, latest)
    usual = _usual_years(numbers, first)
    compared = _compare(usual, first, OTHER[first], column)
    if not compared.note and (short := _two_digits(usual, compared.order)):
        sentence = _(
            "The years of column “%(column)s” have two digits: %(short)s is read as %(year)s."
        )
        return replace(compared, note=sentence, values={"column": column, **short})
    return compared


def _open(moments: Sequence[CellMoment | None], own: DateReading) -> list[Open]:
    """The rows that allow both orders: their place and their two days.

    Beside cells that end with their year, one that begins with it is open too: a spreadsheet that
    took `08-04-2015` for a date of its own shows it as 2015-08-04 or 2015-04-08.
    """
    open_rows: list[Open] = []
    for index, moment in enumerate(moments):
        if moment is None or moment.parts is None or moment.fixed:
            continue
        order = "ymd" if moment.parts[0] > _LAST_DAY and own.order[0] != "y" else own.order
        a, b = day_of(moment.parts, order), day_of(moment.parts, OTHER[order])
        if a and b and a != b:
            open_rows.append(Open(index, a, b))
    return open_rows


def _same_days(
    moments: Sequence[CellMoment | None],
    theirs: Sequence[CellMoment | None],
    open_: Sequence[Open],
    own: DateReading,
    column: str,
    name: str,
) -> DateReading | None:
    """The order under which another column holds the same days; None where it holds others."""
    first_order, second_order = own.order, own.other or OTHER[own.order]
    pairs = [(row, day) for row in open_ if (day := _one_way(theirs[row.place]))]
    as_one = sum(row.one == day for row, day in pairs)
    as_other = sum(row.other == day for row, day in pairs)
    if not pairs or as_one + as_other < _SAME * len(pairs):
        return None
    if min(as_one, as_other) <= _SLIPS * len(pairs):
        order = first_order if as_one > as_other else second_order
        if not own.ambiguous and order == first_order:
            return own
        if not _fixes(moments, OTHER[order]):
            sentence = _("Column “%(name)s” holds the same dates in a form that reads one way.")
            return DateReading(order, sentence, values={"name": name})
    return _by_row(moments, theirs, open_, first_order, column, name)


def _by_row(
    moments: Sequence[CellMoment | None],
    theirs: Sequence[CellMoment | None],
    open_: Sequence[Open],
    order: Order,
    column: str,
    name: str,
) -> DateReading:
    """Each row as another column says: the rows of the column differ in their order."""
    days = [moment.day(order) if moment else None for moment in moments]
    swapped = 0
    for row in open_:
        day = _one_way(theirs[row.place])
        swapped += day == row.other
        days[row.place] = day if day in (row.one, row.other) else None
    sentence = _(
        "Column “%(column)s” mixes both orders of day and month; %(count)s dates were read as "
        "column “%(name)s” has them."
    )
    values = {"column": column, "count": f"{swapped:,}", "name": name}
    return DateReading(order, sentence, values=values, days=days)


def _exchanged(
    moments: Sequence[CellMoment | None], open_: Sequence[Open], own: DateReading, column: str
) -> DateReading | None:
    """A column that a spreadsheet has read in the wrong order: what it took for a date stands there
    with day and month exchanged, what it could not read stayed as it was written."""
    all_parts = [moment.parts for moment in moments if moment and moment.parts and not moment.fixed]
    left = [parts for parts in all_parts if parts[0] <= _LAST_DAY]
    exchanged_count = len(all_parts) - len(left)
    if min(len(left), exchanged_count) < _ENOUGH or len(open_) != exchanged_count:
        return None
    days = [moment.day(own.order) if moment else None for moment in moments]
    for row in open_:
        days[row.place] = row.other
    sentence = _(
        "A spreadsheet took %(count)s dates of column “%(column)s” in the wrong order: all of them "
        "have a day up to 12, all others (%(left)s) a later one. Day and month were exchanged back."
    )
    values = {"column": column, "count": f"{exchanged_count:,}", "left": f"{len(left):,}"}
    return DateReading(own.order, sentence, values=values, days=days)


def _possible(
    moments: Sequence[CellMoment | None],
    open_: Sequence[Open],
    own: DateReading,
    column: str,
    latest: date | None,
    witnesses: Sequence[tuple[OtherDates, Sequence[CellMoment | None]]],
) -> DateReading:
    """The order under which nothing is answered before it came, and nothing lies in the future."""
    first_order, second_order = own.order, own.other or OTHER[own.order]
    later = [theirs for them, theirs in witnesses if them.when == "later"]
    wrong = {first_order: 0, second_order: 0}
    for row in open_:
        for order, day in ((first_order, row.one), (second_order, row.other)):
            ends = [end.day(order) for theirs in later if (end := theirs[row.place])]
            wrong[order] += any(day > end for end in [*ends, latest] if end)
    threshold = max(1, round(_SLIPS * len(open_)))
    if wrong[first_order] < threshold or wrong[second_order] >= wrong[first_order]:
        if own.ambiguous and wrong[second_order] >= threshold > wrong[first_order]:
            return _decided(first_order, column, wrong[second_order])
        return own
    if wrong[second_order] >= threshold or _fixes(moments, first_order):
        return _contradicts(own, second_order, column, wrong[first_order])
    return _decided(second_order, column, wrong[first_order])


def _order_of_neighbour(
    own: DateReading, witnesses: Sequence[tuple[OtherDates, Sequence[CellMoment | None]]]
) -> DateReading | None:
    """The order of another column, whose cells tell it: one program wrote both."""
    for them, theirs in witnesses:
        for order in (own.order, own.other):
            if order and _fixes(theirs, order) and not _fixes(theirs, OTHER[order]):
                sentence = _("Read as %(order)s, as the dates of column “%(name)s” are written.")
                return DateReading(
                    order, sentence, values={"order": order.upper(), "name": them.name}
                )
    return None


def _decided(order: Order, column: str, count: int) -> DateReading:
    sentence = _(
        "The dates of column “%(column)s” are read as %(order)s: as %(other)s, %(count)s rows "
        "would be received after they were answered or in the future."
    )
    values = {
        "column": column,
        "order": order.upper(),
        "other": OTHER[order].upper(),
        "count": f"{count:,}",
    }
    return DateReading(order, sentence, values=values)


def _contradicts(own: DateReading, other_order: Order, column: str, count: int) -> DateReading:
    sentence = _(
        "The dates of column “%(column)s” contradict the others of their rows: read as %(order)s, "
        "%(count)s rows are received after they were answered or in the future, though some cells "
        "allow that order only."
    )
    values = {"column": column, "order": own.order.upper(), "count": f"{count:,}"}
    return DateReading(own.order, sentence, ambiguous=True, other=other_order, values=values)


def _fixes(moments: Sequence[CellMoment | None], order: Order) -> bool:
    """Whether some cell allows this order only."""
    return any(
        moment
        and moment.parts
        and not moment.fixed
        and moment.parts[0] <= _LAST_DAY
        and day_of(moment.parts, order)
        and not day_of(moment.parts, OTHER[order])
        for moment in moments
    )


def _one_way(moment: CellMoment | None) -> date | None:
    """The day of a cell that reads one way: its month is a word, or the year stands first."""
    if moment is None or moment.fixed or moment.parts is None:
        return moment.fixed if moment else None
    return day_of(moment.parts, "ymd") if moment.parts[0] > _LAST_DAY else None


def _two_digits(numbers: Numbers, order: Order) -> dict[str, object] | None:
    """A year of two digits and what it is taken for, where the column has one."""
    years = (parts[order.index("y")] for parts in numbers)
    short = next((year for year in years if year < 100), None)
    return None if short is None else {"short": f"{short:02}", "year": whole_year(short)}


def _first_order(numbers: Numbers, latest: date | None) -> Order:
    """Whether the year stands first or last; of two digits, whichever makes more dates that can
    be and, failing that, the shorter time from first to last."""
    if sum(parts[0] > 31 for parts in numbers) * 2 >= len(numbers):
        return "ymd"
    if sum(parts[2] > 31 for parts in numbers) * 2 >= len(numbers):
        return "dmy"
    judged: dict[Order, tuple[int, int]] = {}
    for order in ("dmy", "ymd", "mdy"):
        dates = (day_of(parts, order) for parts in numbers)
        days = [day for day in dates if day and (latest is None or day <= latest)]
        judged[order] = (len(days), -_span_days(days) if days else 0)
    last = max(judged["dmy"], judged["mdy"])
    return "ymd" if judged["ymd"] > last else "dmy"


def _usual_years(numbers: Numbers, order: Order) -> Numbers:
    """Without the years far from most others: one mistyped year says nothing about the order."""
    year_index = order.index("y")
    years = sorted(parts[year_index] for parts in numbers)
    middle = years[len(years) // 2]
    return [parts for parts in numbers if abs(parts[year_index] - middle) <= _YEARS_APART]


def _compare(numbers: Numbers, first_order: Order, second_order: Order, column: str) -> DateReading:
    both = [(day_of(parts, first_order), day_of(parts, second_order)) for parts in numbers]
    only_one = [a for a, b in both if a and not b]
    only_other = [b for a, b in both if b and not a]
    open_ = [(a, b) for a, b in both if a and b and a != b]
    if not open_:
        return DateReading(first_order if len(only_one) >= len(only_other) else second_order)
    fixed = only_one + only_other
    spans = {
        order: _span_days(fixed + [pair[at] for pair in open_])
        for at, order in ((0, first_order), (1, second_order))
    }
    narrow = min(spans, key=lambda order: spans[order])
    wide = OTHER[narrow]
    clear = bool(fixed) and not (only_one and only_other)
    written: Order = (first_order if only_one else second_order) if clear else first_order
    if clear and (len(numbers) < _MANY or spans[written] <= _TIMES * spans[OTHER[written]]):
        return DateReading(written)
    few = len(open_) < _FEW_OPEN
    if not fixed and first_order == "ymd" and (few or spans["ymd"] <= spans["ydm"] * 2):
        # Year first is the international form; nothing in the column speaks against it.
        return DateReading("ymd")
    note = _(
        "The dates of column “%(column)s” can be read in two ways: as %(narrow)s they span "
        "%(narrow_days)s days, as %(wide)s %(wide_days)s days over %(months)s months. %(both)s of "
        "%(all)s cells allow both."
    )
    values = {
        "column": column,
        "narrow": narrow.upper(),
        "narrow_days": spans[narrow],
        "wide": wide.upper(),
        "wide_days": spans[wide],
        "months": _months_touched(fixed + [pair[wide != first_order] for pair in open_]),
        "both": f"{len(open_):,}",
        "all": f"{len(numbers):,}",
    }
    return DateReading(narrow, note, ambiguous=True, other=wide, values=values)


def _span_days(days: Sequence[date]) -> int:
    return (max(days) - min(days)).days + 1


def _months_touched(days: Sequence[date]) -> int:
    first, last = min(days), max(days)
    return (last.year - first.year) * 12 + last.month - first.month + 1
