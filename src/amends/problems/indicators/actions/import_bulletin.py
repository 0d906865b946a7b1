"""Bring in a bulletin somebody published: every figure as printed, what does not add up flagged."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.platform.tabular.report import FileReport
from amends.platform.tabular.tables import Reject, read_table
from amends.problems.indicators.models import PublishedFigure
from amends.problems.indicators.rules.bulletin import UnableToReadQuarter, quarter_days
from amends.problems.indicators.rules.definitions import definitions
from amends.problems.indicators.rules.published_bulletins import TOTAL, Flag, Printed, check_printed

NEEDED = ("bulletin", "quarter", "name", "count")
FIELDS = (*NEEDED, "before", "change", "rate", "users", "definition", "source")
_CHINESE = {
    "通告": "bulletin",
    "季度": "quarter",
    "名称": "name",
    "企业": "name",
    "件数": "count",
    "申诉量": "count",
    "上季度": "before",
    "环比": "change",
    "申诉率": "rate",
    "用户数": "users",
    "口径": "definition",
    "来源": "source",
}
_TOTALS = {TOTAL, "合计", "总计"}
_LEVEL = {"level", "持平"}
"""A change printed as a word: none at all."""


@dataclass(slots=True)
class BulletinReport:
    """How the rows went, and what was found in each bulletin."""

    file: FileReport = field(default_factory=FileReport)
    flags: dict[tuple[str, str], list[Flag]] = field(default_factory=dict)


def import_bulletin(path: Path, *, rejects: Path, now: datetime) -> BulletinReport:
    """Keep the lines of a CSV, Excel or JSON file of bulletins.

    Columns: bulletin, quarter, name ("total" for the sum), count, and where they are printed
    before, change (per cent), rate (per million), users, definition, source; or their Chinese
    names. A line that cannot be read is set aside with its reason; one that was imported before is
    a duplicate, with other figures it is set aside, for what was kept does not change. What is kept
    of a bulletin is held against what comes later, and flagged again each time.
    """
    table = read_table(path)
    header = [
        _CHINESE.get(name, name)
        for name in (column_name.strip().lower() for column_name in table.header)
    ]
    if missing := [name for name in NEEDED if name not in header]:
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": ", ".join(missing)},
            next_step=_("Name its columns %(fields)s; the first four are needed.")
            % {"fields": ", ".join(FIELDS)},
            where=path.name,
            code="unable_to_import_bulletin",
        )
    report = BulletinReport(FileReport(read=table.read))
    refused = list(table.rejects)
    rows_by_quarter: dict[tuple[str, str], list[_FigureRow]] = defaultdict(list)
    definition_ids = set(definitions(timezone.localdate(now)))
    for line, row in zip(table.lines, table.rows, strict=True):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
        try:
            figure = _figure(cells, definition_ids, now)
        except ValueError as error:
            refused.append(Reject(line, str(error), tuple(row)))
            continue
        old = _stored(figure)
        if old is not None or any(
            figure_row.figure.line == figure.line
            for figure_row in rows_by_quarter[figure.bulletin, figure.quarter]
        ):
            if old is not None and _same(old, figure):
                report.file.duplicates += 1
                rows_by_quarter[figure.bulletin, figure.quarter].append(
                    _FigureRow(old, *_printed_with(cells))
                )
            else:
                refused.append(Reject(line, _("The line is there with other figures."), tuple(row)))
            continue
        rows_by_quarter[figure.bulletin, figure.quarter].append(
            _FigureRow(figure, *_printed_with(cells))
        )
    _store(rows_by_quarter, report)
    report.file.set_aside(list(table.header), refused, rejects)
    return report


@dataclass(frozen=True, slots=True)
class _FigureRow:
    """A line and how many digits behind the point its change and its rate were printed with."""

    figure: PublishedFigure
    change_digits: int
    rate_digits: int

    @classmethod
    def of(cls, published: PublishedFigure) -> _FigureRow:
        """A line that another file brought: as few digits as its figures have."""
        digits = (
            len(f"{number or 0:g}".partition(".")[2])
            for number in (published.change_percent, published.rate)
        )
        return cls(published, *digits)


def _printed_with(cells: dict[str, str]) -> tuple[int, int]:
    return _digits(cells, "change"), _digits(cells, "rate")


def _store(
    rows_by_quarter: dict[tuple[str, str], list[_FigureRow]], report: BulletinReport
) -> None:
    with transaction.atomic():
        for (bulletin, quarter), lines in rows_by_quarter.items():
            if not lines:
                continue
            here = [line.figure.line for line in lines]
            published_rows = PublishedFigure.objects.filter(bulletin=bulletin, quarter=quarter)
            lines += [
                _FigureRow.of(published)
                for published in published_rows.exclude(line__in=here).order_by("id")
            ]
            flags = check_printed([_printed(line) for line in lines])
            figures = [line.figure for line in lines]
            for figure in figures:
                figure.flags = [
                    {"what": flag.what, "printed": flag.printed, "computed": flag.computed}
                    for flag in flags
                    if flag.where == figure.line
                ]
            fresh = [figure for figure in figures if figure.pk is None]
            PublishedFigure.objects.bulk_update(
                [figure for figure in figures if figure.pk], ["flags"]
            )
            PublishedFigure.objects.bulk_create(fresh)
            report.file.accepted += len(fresh)
            if flags:
                report.flags[bulletin, quarter] = flags


def _figure(cells: dict[str, str], definition_ids: set[str], now: datetime) -> PublishedFigure:
    """One line; raises ValueError with the reason."""
    try:
        quarter, start, _end = quarter_days(cells["quarter"])
    except UnableToReadQuarter as error:
        raise ValueError(error.in_words(_)) from error
    if start > timezone.localdate(now):
        raise ValueError(_("The quarter has not begun."))
    if not cells["bulletin"] or not cells["name"]:
        raise ValueError(_("The line has no bulletin or no name."))
    if max(len(cells["bulletin"]), len(cells["name"])) > 80:
        raise ValueError(_("The name of the bulletin or of the line is longer than 80 characters."))
    definition = cells.get("definition", "")
    if definition and definition not in definition_ids:
        raise ValueError(_("There is no definition “%(given)s”.") % {"given": definition[:40]})
    count = _whole(cells, "count")
    if count is None:
        raise ValueError(_("The line has no count."))
    return PublishedFigure(
        bulletin=cells["bulletin"],
        quarter=quarter,
        definition=definition,
        line=TOTAL if cells["name"].lower() in _TOTALS else cells["name"],
        count=count,
        before=_whole(cells, "before"),
        change_percent=_number(cells, "change"),
        rate=_number(cells, "rate"),
        users=_whole(cells, "users"),
        source=cells.get("source", "")[:200],
        imported_at=now,
    )


def _whole(cells: dict[str, str], name: str) -> int | None:
    number = _number(cells, name)
    if number is None:
        return None
    if number < 0 or number != int(number) or (number > 2**31 - 1 and name != "users"):
        raise ValueError(
            _("%(field)s is “%(cell)s”; it must be a whole number from 0.")
            % {"field": name, "cell": cells[name][:40]}
        )
    return int(number)


def _digits(cells: dict[str, str], name: str) -> int:
    """Digits behind the point as printed."""
    return len(_plain(cells, name).partition(".")[2])


def _plain(cells: dict[str, str], name: str) -> str:
    return cells.get(name, "").replace(",", "").replace("，", "").rstrip("%％").strip()


def _number(cells: dict[str, str], name: str) -> float | None:
    text = _plain(cells, name)
    if not text:
        return None
    if name == "change" and text.lower() in _LEVEL:
        return 0.0
    no_number = _("%(field)s is “%(cell)s”; it must be a number.") % {
        "field": name,
        "cell": cells[name][:40],
    }
    try:
        number = float(text.replace("−", "-"))
    except ValueError as error:
        raise ValueError(no_number) from error
    if not abs(number) < 1e12:
        raise ValueError(no_number)
    return number


def _stored(figure: PublishedFigure) -> PublishedFigure | None:
    return PublishedFigure.objects.filter(
        bulletin=figure.bulletin, quarter=figure.quarter, line=figure.line
    ).first()


def _same(old: PublishedFigure, new: PublishedFigure) -> bool:
    names = ("count", "before", "change_percent", "rate", "users")
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _printed(line: _FigureRow) -> Printed:
    published = line.figure
    return Printed(
        name=published.line,
        count=published.count,
        before=published.before,
        change=published.change_percent,
        rate=published.rate,
        users=published.users,
        change_digits=line.change_digits,
        rate_digits=line.rate_digits,
    )
