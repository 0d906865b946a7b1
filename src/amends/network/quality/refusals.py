"""Refusals of `quality`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToListIncidents(BadInput):
    """There is no such state of an incident."""

    code = "network_incident_state_unknown"


def unknown_incident_state(*, known: object) -> UnableToListIncidents:
    return UnableToListIncidents(
        _("There is no such state of an incident."),
        next_step=_("Choose one of %(known)s."),
        values={"known": known},
    )
