"""Refusals of `notices`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToShowDuty(BadInput):
    """There is no such duty in that pack on that day."""

    code = "duty_unknown"


def unknown_duty(*, duty: object, jurisdiction: object, on: object) -> UnableToShowDuty:
    return UnableToShowDuty(
        _("No duty %(duty)s is in force in %(jurisdiction)s on %(on)s."),
        next_step=_("See `amends notices duties --pack %(jurisdiction)s --on %(on)s`."),
        values={"duty": duty, "jurisdiction": jurisdiction, "on": on},
    )
