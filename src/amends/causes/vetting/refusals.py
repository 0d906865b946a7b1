"""Refusals of `vetting`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToReadChain(BadInput):
    """The file describes no chain of a service."""

    code = "unable_to_read_chain"


class UnableToReadEvents(BadInput):
    """The file has no events along a chain."""

    code = "unable_to_read_events"


def no_chain(*, file: object, why: object) -> UnableToReadChain:
    return UnableToReadChain(
        _("%(file)s describes no chain (%(why)s)."),
        meaning=_("Nothing was located."),
        next_step=_(
            "Write {“service”: …, “links”: [{“id”: …, “kind”: …, “probes”: […]}]}; kinds are "
            "provider, delivery, network, billing and app."
        ),
        values={"file": file, "why": why},
    )


def column_missing(*, file: object, missing: object) -> UnableToReadEvents:
    return UnableToReadEvents(
        _("%(file)s has no column %(missing)s."),
        meaning=_("Nothing was located."),
        next_step=_("The columns are at, source, link, ok, ms, what."),
        values={"file": file, "missing": missing},
    )


def no_usable_event(*, file: object, sources: object) -> UnableToReadEvents:
    return UnableToReadEvents(
        _("%(file)s contains no usable event."),
        meaning=_("Nothing was located."),
        next_step=_("Times are written as 2026-11-30T08:15:00+08:00; sources are %(sources)s."),
        values={"file": file, "sources": sources},
    )
