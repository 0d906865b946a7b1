"""Why an event was not delivered, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta

from amends.platform.kit.errors import gettext_noop as _

GIVE_UP_AFTER = timedelta(days=5)
"""An endpoint that fails for so long is disabled; an event that is refused for so long fails."""
_LONGEST_PAUSE_S = 3_600
_EVENT_REFUSED = frozenset({400, 409, 413, 422})
GONE = 410

ERRORS = {
    "name_not_resolved": _("The host name has no address."),
    "private_address": _("The address is not on the open Internet."),
    "unreachable": _("No connection."),
    "certificate": _("The certificate is not valid for the host."),
    "timeout": _("No answer in time."),
    "redirected": _("The receiver redirects; redirects are not followed."),
    "status": _("The receiver answered with an error."),
}
"""Code of a failure → what it says."""


def pause_before_retry(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 1 s, 2 s, 4 s, … at most an hour.

    >>> [pause_before_retry(count).seconds for count in (1, 2, 5, 40)]
    [1, 2, 16, 3600]
    """
    return timedelta(seconds=min(2 ** min(failures - 1, 20), _LONGEST_PAUSE_S))


def concerns_event_alone(status: int | None) -> bool:
    """Whether an answer refuses this event and not others: the next ones are still sent.

    >>> concerns_event_alone(422), concerns_event_alone(503), concerns_event_alone(None)
    (True, False, False)
    """
    return status in _EVENT_REFUSED
