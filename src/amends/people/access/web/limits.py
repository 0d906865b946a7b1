"""Rate limits per network address, counted in the database under a blind index of the address.

One counter for all pages and calls: what sends a message counts under `SENDING` wherever it is
asked for, complaints under `COMPLAINTS`. Reaching a limit never loses anything: the page says what
is kept and when to go on. All machines of an installation share the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import ngettext

from amends.platform.database.rate_counts import add, counts
from amends.platform.vault.indexes import blind_index

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_IPV6_PREFIX = 64
"""What one subscriber is given of IPv6: all its addresses count as one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so long, and so many times a day (0: no limit a day)."""

    name: str
    times: int
    per: timedelta
    a_day: int = 0

    def wait(self, request: HttpRequest, *, now: datetime, who: str = "") -> int:
        """Minutes until this address may continue, 0 if it may now.

        who  a blind index to count by instead, such as a caller's number behind a voice menu
        """
        waits = [0]
        windows = {
            self._key(request, per, now, who): (times, per) for times, per in self._windows()
        }
        counted = counts(windows.keys())
        for key, (times, per) in windows.items():
            if counted.get(key, 0) >= times:
                passed_s = now.timestamp() % per.total_seconds()
                waits.append(int((per.total_seconds() - passed_s) // 60) + 1)
        return max(waits)

    def count(self, request: HttpRequest, *, now: datetime, who: str = "") -> None:
        """One more."""
        for _times, per in self._windows():
            add(self._key(request, per, now, who), ends_at=now + per)

    def take(self, request: HttpRequest, *, now: datetime, who: str = "") -> int:
        """Count one more and return 0, or return the minutes to wait and count nothing."""
        wait = self.wait(request, now=now, who=who)
        if not wait:
            self.count(request, now=now, who=who)
        return wait

    def _windows(self) -> list[tuple[int, timedelta]]:
        daily = [(self.a_day, _DAY)] if self.a_day else []
        return [(self.times, self.per), *daily]

    def _key(self, request: HttpRequest, per: timedelta, now: datetime, who: str) -> str:
        length_s = int(per.total_seconds())
        window = int(now.timestamp() // length_s)
        return f"limit:{self.name}:{length_s}:{window}:{who or source_of(request)}"


SENDING = Limit("send", settings.SENDS_AN_HOUR, _HOUR, a_day=3 * settings.SENDS_AN_HOUR)
"""What makes a message leave, other than a complaint: words added, codes, series of speed tests."""
COMPLAINTS = Limit("complain", settings.SENDS_AN_HOUR, _HOUR, a_day=3 * settings.SENDS_AN_HOUR)
"""Complaints have a limit of their own: nobody behind a shared address is kept from complaining by
those who order codes or series of speed tests."""
WRONG_CODES = Limit("wrong", 30, timedelta(minutes=15))
MEASURING = Limit("measure", 120, _HOUR)
"""Measurement tokens handed out, and results handed in."""
SERIES = Limit("series", 20, _HOUR)
DOCUMENTS = Limit("documents", 60, _HOUR)
"""PDF files that are made anew for each request (0.4 s of processor)."""


def too_much(wait: int) -> str:
    """What a page or a call says where one of these limits is reached."""
    message = ngettext(
        "Too many requests came from your connection. Wait %(wait)s minute.",
        "Too many requests came from your connection. Wait %(wait)s minutes.",
        wait,
    )
    return message % {"wait": wait}


def source_of(request: HttpRequest) -> str:
    """The blind index of where a request comes from: an IPv4 address or an IPv6 network of /64."""
    source_address = network_address(request)
    try:
        address = ip_address(source_address)
    except ValueError:
        return blind_index("portals.address", source_address)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        source_address = str(ip_network((address, _IPV6_PREFIX), strict=False))
    return blind_index("portals.address", source_address)


def network_address(request: HttpRequest) -> str:
    """Where a request comes from: the peer, or what the operator's own proxies say it is.

    With `TRUSTED_PROXIES` = n the n-th address from the right of X-Forwarded-For counts; what a
    visitor wrote in front of it does not.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    trusted = int(getattr(settings, "TRUSTED_PROXIES", 0))
    if not trusted:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return hops[-trusted] if len(hops) >= trusted and hops[-trusted] else peer
