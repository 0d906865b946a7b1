"""Refusals of `privacy`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToReadLooks(BadInput):
    """The file is no CSV with the columns that are needed."""

    code = "unable_to_read_looks"


class UnableToReceiptConsent(BadInput):
    """Nothing was said about this purpose yet."""

    code = "no_consent_receipt"


def not_csv(*, file: object) -> UnableToReadLooks:
    return UnableToReadLooks(
        _("%(file)s is not a CSV table."),
        next_step=_("Save it as CSV in UTF-8 with a header row."),
        values={"file": file},
    )


def column_missing(*, file: object, missing: object, names: object) -> UnableToReadLooks:
    return UnableToReadLooks(
        _("%(file)s has no column %(missing)s."),
        next_step=_("The columns are %(names)s."),
        values={"file": file, "missing": missing, "names": names},
    )


def column_twice(*, file: object, double: object) -> UnableToReadLooks:
    return UnableToReadLooks(
        _("%(file)s has the column %(double)s twice."),
        next_step=_("Leave one of them out."),
        values={"file": file, "double": double},
    )


def nothing_agreed() -> UnableToReceiptConsent:
    return UnableToReceiptConsent(
        _("Nothing was agreed here about this purpose."),
        next_step=_("Agree first; the receipt follows within a minute."),
    )


TOO_MANY_DAYS = _("%(file)s spans %(count)s days; at most %(most)s are examined.")
TOO_MANY_USERS = _("%(file)s names %(count)s users; at most %(most)s are examined.")
TOO_MANY_DAYS_OF_WORK = _(
    "%(file)s has %(count)s days of work of its users; at most %(most)s are examined."
)
TOO_MANY_CELLS = _("%(file)s has %(count)s users times days; at most %(most)s are examined.")
TOO_MANY_MB = _("%(file)s has %(count)s MB; at most %(most)s are read.")
TOO_MANY_ROWS = _("%(file)s has %(count)s rows; at most %(most)s are read.")


def too_large(*, what: str, file: object, count: object, most: object) -> UnableToReadLooks:
    return UnableToReadLooks(
        what,
        meaning=_("Nothing was examined."),
        next_step=_("Send fewer teams or months in one file."),
        values={"file": file, "count": count, "most": most},
    )
