"""Who may do what only one process at a time does; whoever stops renewing is taken over from."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q

from amends.platform.database.models import Lease

LEASE_MS = 30_000
# How far the clocks of two machines may be apart. Who loses the lease too early only stops sooner.
CLOCKS_APART_MS = 60_000


class LeaseLost(Exception):
    """Another holder has taken over; this one stops, its finished transactions stand."""


def take(name: str, holder: str, now_ms: int) -> bool:
    """Take a lease that is free; whether it is this holder's now."""
    # No lease reaches further than its length: one that does was taken before a clock was set back.
    impossible = Q(until_ms__gt=now_ms + LEASE_MS + CLOCKS_APART_MS)
    free = Q(until_ms__lt=now_ms) | Q(holder=holder) | impossible
    wanted = {"holder": holder, "until_ms": now_ms + LEASE_MS}
    if Lease.objects.filter(free, name=name).update(**wanted):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, **wanted)
    except IntegrityError:
        return False
    return True


def renew(name: str, holder: str, until_ms: int) -> None:
    """Hold a lease longer, inside the transaction that relies on it. Raises LeaseLost."""
    if not Lease.objects.filter(name=name, holder=holder).update(until_ms=until_ms):
        raise LeaseLost


def give_back(name: str, holder: str) -> None:
    """Let the next one have it at once."""
    Lease.objects.filter(name=name, holder=holder).update(until_ms=0)
