"""Refusals of `launches`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from amends.causes.launches.rules.sheets import UnableToReadCase
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _


class UnableToActOnLaunch(Refused):
    """The role does not do this, or the launch is in another state."""

    code = "launch_refused"


class UnableToFindLaunch(BadInput):
    """There is no such launch."""

    code = "launch_unknown"


def role_without_permission() -> UnableToActOnLaunch:
    return UnableToActOnLaunch(
        gettext("Your role does not do this."),
        meaning=gettext("Nothing was changed."),
        next_step=gettext("Ask a service-quality manager."),
    )


def unknown_launch() -> UnableToFindLaunch:
    return UnableToFindLaunch(
        gettext("There is no such launch."), next_step=gettext("Choose one from the list.")
    )


def wrong_state(*, state: object) -> UnableToActOnLaunch:
    return UnableToActOnLaunch(
        gettext("The launch is %(state)s.") % {"state": state},
        meaning=gettext("Nothing was changed."),
        next_step=gettext("Load the page again."),
    )


def reason_missing() -> UnableToActOnLaunch:
    return UnableToActOnLaunch(
        gettext("A reason is missing."),
        meaning=gettext("Nothing was changed."),
        next_step=gettext("Write why in a sentence."),
    )


def not_json(*, where: str, error: Exception) -> UnableToReadCase:
    return UnableToReadCase(
        _("The file is no JSON: %(why)s."),
        next_step=_("Correct it and run the command again; nothing was calculated."),
        where=where,
        values={"why": _json_fault(error)},
    )


def file_too_large(*, most: object) -> UnableToReadCase:
    return UnableToReadCase(
        _("The file is larger than %(most)s MB, the most that is read."),
        meaning=_("Nothing was calculated, and nothing is lost."),
        next_step=_("Send less in one file."),
        values={"most": most},
    )


def workbook_with_macros() -> UnableToReadCase:
    return UnableToReadCase(
        _("The workbook has macros, and is not opened."),
        meaning=_("Nothing was calculated, and nothing is lost."),
        next_step=_("Save it as .xlsx without macros, and send that."),
    )


NOTHING_CALCULATED = _("Nothing was calculated, and nothing is lost.")
UNKNOWN_COLUMN = _("There is no column “%(given)s”.")
COLUMN_TWICE = _("The column “%(given)s” stands here twice.")
COLUMN_MISSING = _("The column “%(given)s” is missing.")
CELL = _("sheet %(sheet)s, cell %(cell)s")


def cell_unusable(
    *, what: str, where: str, at: Mapping[str, object], values: Mapping[str, object]
) -> UnableToReadCase:
    return UnableToReadCase(
        what,
        meaning=NOTHING_CALCULATED,
        next_step=_("Correct the cell and run it again."),
        where=where,
        at=at,
        values=values,
    )


def _json_fault(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _("it is nested too deeply")
    if "set_int_max_str_digits" in str(error):
        return _("a number has too many digits")
    return str(error).split("\n")[0][:120]
