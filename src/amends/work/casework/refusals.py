"""Refusals of `casework`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToFindCase(BadInput):
    """There is no such case, or the actor may not see it."""

    code = "case_unknown"


def unknown_case() -> UnableToFindCase:
    return UnableToFindCase(
        _("There is no such case, or you may not see it."),
        meaning=_("Nothing was changed."),
        next_step=_("Check its number, or ask the person in charge of it."),
    )


def unknown_kind() -> UnableToFindCase:
    return UnableToFindCase(
        _("There is no such kind of case."), next_step=_("Use one that is listed.")
    )


def unknown_module() -> UnableToFindCase:
    return UnableToFindCase(
        _("There is no such text module in the customer's language."),
        next_step=_("Choose one from the list."),
    )
