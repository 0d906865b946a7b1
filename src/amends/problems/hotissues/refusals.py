"""Refusals of `hotissues`."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToFindIssue(BadInput):
    """There is no such issue, or it is of another brand."""

    code = "issue_unknown"


class UnableToCountComplaints(BadInput):
    """The rows cannot be counted by period."""

    code = "unable_to_count_complaints"


class UnableToReadCounts(BadInput):
    """The file holds no usable counts; nothing of it was scanned."""

    code = "unable_to_read_counts"


class UnableToShowIssue(BadInput):
    """There is no issue with this number."""

    code = "issue_unknown"


def unknown_issue() -> UnableToFindIssue:
    return UnableToFindIssue(
        gettext("There is no such issue."), next_step=gettext("Choose one from the board.")
    )


def too_many_series_at_once(
    *, file: object, series: object, periods: object
) -> UnableToCountComplaints:
    return UnableToCountComplaints(
        _("%(file)s has %(series)s series in %(periods)s periods: too many to scan at once."),
        next_step=_("Name columns with fewer values with --by, or count longer periods."),
        values={
            "file": file,
            "series": series,
            "periods": periods,
        },
    )


def column_without_dates(*, column: object) -> UnableToCountComplaints:
    return UnableToCountComplaints(
        _("Column “%(column)s” contains no date."),
        next_step=_("Name the dates: 2026-11-24."),
        values={"column": column},
    )


def unknown_column(
    *, file: object, line: object, name: object, known: object
) -> UnableToCountComplaints:
    return UnableToCountComplaints(
        _("There is no column “%(name)s”; there are %(known)s."),
        where=_("%(file)s, line %(line)s"),
        at={"file": file, "line": line},
        next_step=_("Name one of them with --by."),
        values={"name": name, "known": known},
    )


def no_rows(*, file: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(file)s has no rows."),
        next_step=_("Send one row per period and one column per series."),
        values={"file": file},
    )


def no_series(*, file: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(file)s has no series."), next_step=_("A column a series."), values={"file": file}
    )


def date_missing(*, file: object, line: object, column: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("The period has no date."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Give every row its date."),
    )


def period_twice(*, file: object, line: object, column: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("The period appears twice."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Keep one row a period; nothing was added up."),
    )


def uneven_periods(*, file: object, column: object, usual: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("The periods are not a week, a day or an hour apart (usually %(usual)s)."),
        where=_("%(file)s, column %(column)s"),
        at={"file": file, "column": column},
        next_step=_("Send one row a week, a day or an hour; daylight saving needs UTC."),
        values={"usual": usual},
    )


def too_many_periods(*, file: object, count: object, most: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(file)s spans %(count)s periods; at most %(most)s are scanned."),
        next_step=_("Look for a mistyped year, send the newest, or count longer periods."),
        values={"file": file, "count": count, "most": most},
    )


def too_many_series(*, file: object, count: object, most: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(file)s has %(count)s series; at most %(most)s are scanned at once."),
        next_step=_("Send them in several files, or fewer periods of each."),
        values={
            "file": file,
            "count": count,
            "most": most,
        },
    )


def column_without_counts(*, file: object, line: object, column: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("The column does not contain counts."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Leave it out, or put counts in it."),
    )


def not_a_date(*, file: object, line: object, column: object, cell: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("“%(cell)s” is no date."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Write every date like 2026-11-24."),
        values={"cell": cell},
    )


def unknown_week(
    *, file: object, line: object, column: object, year: object, week: object
) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("Year %(year)s has no week %(week)s."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Number the weeks as ISO 8601 does, 1 to 52 or 53, and name every one."),
        values={"year": year, "week": week},
    )


def column_twice(*, file: object, line: object, name: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("Two columns are named “%(name)s”."),
        where=_("%(file)s, line %(line)s"),
        at={"file": file, "line": line},
        next_step=_("Give every series a name of its own."),
        values={"name": name},
    )


def unreadable_counts(*, path: object, why: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(path)s cannot be read (%(why)s)."),
        next_step=_("Check its name and rights."),
        values={"path": path, "why": why},
    )


def unknown_issue_number(*, number: object) -> UnableToShowIssue:
    return UnableToShowIssue(
        _("There is no issue %(number)s."),
        next_step=_("See `amends hotissues list --closed`."),
        values={"number": number},
    )


_SPANS: dict[str, str] = {
    "week": _("The dates of %(file)s span %(count)s weeks."),
    "day": _("The dates of %(file)s span %(count)s days."),
    "hour": _("The dates of %(file)s span %(count)s hours."),
}


_A_COUNT = _("Counts are whole numbers from 0; leave a cell empty where nothing is known.")


def dates_too_far_apart(*, period: str, file: object, count: object) -> UnableToCountComplaints:
    return UnableToCountComplaints(
        _SPANS[period],
        next_step=_("Look for a mistyped year, or count longer periods."),
        values={"file": file, "count": count},
    )


def uneven_step(
    *, file: object, line: object, column: object, named: object, days: int
) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(named)s is no whole number of %(days)s-day steps from the others.")
        if days
        else _("%(named)s is no whole number of hours from the others."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_("Check for a mistyped date; one row per week, day or hour."),
        values={"named": named, "days": days},
    )


def not_a_count(*, file: object, line: object, column: object, cell: object) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("“%(cell)s” is no count."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_A_COUNT,
        values={"cell": cell},
    )


def not_a_whole_count(
    *, file: object, line: object, column: object, cell: object
) -> UnableToReadCounts:
    return UnableToReadCounts(
        _("%(cell)s is no count."),
        where=_("%(file)s, line %(line)s, column %(column)s"),
        at={"file": file, "line": line, "column": column},
        next_step=_A_COUNT,
        values={"cell": cell},
    )
