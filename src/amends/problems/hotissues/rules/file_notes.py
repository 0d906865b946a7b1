"""Notes on files of complaints and of counts, in English; pages and commands translate them."""

from __future__ import annotations

from amends.platform.kit.errors import gettext_noop as _

# Of several rows, and of one.
UNDATED = (
    _("%(count)s rows without a date left out."),
    _("%(count)s row without a date left out."),
)
UNDATED_AT = (
    _("%(count)s rows without a date left out (line %(lines)s)."),
    _("%(count)s row without a date left out (line %(lines)s)."),
)
NAMELESS = (
    _("%(count)s rows name no person: each counts as a person of its own."),
    _("%(count)s row names no person: it counts as a person of its own."),
)
FAR = (
    _(
        "%(count)s rows dated months from all others left out (line %(line)s): look for a mistyped "
        "year or a wrong clock."
    ),
    _(
        "%(count)s row dated months from all others left out (line %(line)s): look for a mistyped "
        "year or a wrong clock."
    ),
)
BY_VERSION = _(
    "Classes count by version “%(version)s” from %(day)s on: what they held before is not compared "
    "with what they hold since."
)

NO_DATE = _("No column looks like a date (%(field)s); the file has %(columns)s.")
DATE_UNREAD = _("Column “%(column)s” is named like a date, but “%(cell)s” cannot be read as one.")
NAME_DATE = _("Name it with --map %(field)s=COLUMN; if the file has no header row, give it one.")
NO_PERSON_COLUMN = _("No column names the person: every row counts as a person of its own.")
SILENT_PERIODS = _(
    "Periods without complaints where there are usually many: %(count)s, the first "
    "%(first)s; treated as missing data, not as zero."
)
NUMBERS_PERIODS = _("Column “%(column)s” only numbers the periods: it is not counted as a series.")
ABSENT_PERIODS = _("Periods that are not in the file: %(count)s; nothing is assumed about them.")
COLUMNS_BY_VERSION = _(
    "Version “%(version)s” counts from line %(line)s on: what stands before it is not compared "
    "with it."
)
