"""Refusals of `measures`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToListMeasures(BadInput):
    """There is no such state of a measure."""

    code = "measure_state_unknown"


def unknown_state(*, known: object) -> UnableToListMeasures:
    return UnableToListMeasures(
        _("There is no such state of a measure."),
        next_step=_("Choose one of %(known)s."),
        values={"known": known},
    )
