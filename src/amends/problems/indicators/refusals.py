"""Refusals of `indicators`."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.platform.kit.errors import BadInput


class UnableToMeasureFigures(BadInput):
    """The period or the dimension cannot be measured."""

    code = "unable_to_measure"


def period_ends_first() -> UnableToMeasureFigures:
    return UnableToMeasureFigures(
        gettext("The period ends before it starts."), next_step=gettext("Choose a later end.")
    )


def period_too_long() -> UnableToMeasureFigures:
    return UnableToMeasureFigures(
        gettext("The period is longer than ten years."), next_step=gettext("Choose a shorter one.")
    )


def unknown_dimension(*, what: object, names: object) -> UnableToMeasureFigures:
    return UnableToMeasureFigures(
        gettext("Nothing can be measured by “%(what)s”.") % {"what": what},
        next_step=gettext("Choose from %(names)s.") % {"names": names},
    )
