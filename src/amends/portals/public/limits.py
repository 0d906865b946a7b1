"""Rate limits per network address, counted in the cache under a blind index of the address.

Reaching one never loses anything: the page says what is kept and when to go on. Two requests at the
same moment may count as one; a limit of this kind can bear that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from amends.vault.indexes import blind_index


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so long."""

    name: str
    times: int
    per: timedelta

    def wait(self, request: HttpRequest, *, now: datetime) -> int:
        """Minutes until this address may go on, 0 if it may now."""
        if int(cache.get(self._key(request, now), 0)) < self.times:
            return 0
        passed_s = now.timestamp() % self.per.total_seconds()
        return int((self.per.total_seconds() - passed_s) // 60) + 1

    def count(self, request: HttpRequest, *, now: datetime) -> None:
        """One more."""
        key = self._key(request, now)
        cache.set(key, int(cache.get(key, 0)) + 1, int(self.per.total_seconds()))

    def _key(self, request: HttpRequest, now: datetime) -> str:
        window = int(now.timestamp() // self.per.total_seconds())
        who = blind_index("portals.address", network_address(request))
        return f"portals:{self.name}:{window}:{who}"


SENDING = Limit("send", 20, timedelta(hours=1))
BEGINNING = Limit("begin", 60, timedelta(hours=1))
UPLOADING = Limit("upload", 60, timedelta(hours=1))
WRONG_CODES = Limit("wrong", 30, timedelta(minutes=15))
ASKING = Limit("ask", 15, timedelta(hours=1))


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
