"""Attach a speed test to the complaint that names it."""

from __future__ import annotations

from amends.quality.models import SpeedTest


def attach_to_complaint(code: str, *, complaint: str, subscriber: str) -> bool:
    """Attach the test, unless another complaint has it; whether it is attached now."""
    free = SpeedTest.objects.filter(code=code, complaint__in=("", complaint))
    return bool(free.update(complaint=complaint, subscriber=subscriber))
