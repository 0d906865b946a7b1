"""Attach a speed test, with its campaign, to the complaint that names it."""

from __future__ import annotations

from django.db.models import Q

from amends.quality.models import SpeedTest


def attach_to_complaint(code: str, *, complaint: str) -> bool:
    """Attach the test, unless another complaint has it; whether it is attached now.

    A test of a campaign brings the whole campaign; its code may be named instead. Whose tests they
    are is known once the complainant has shown who they are (`judge_lines`).
    """
    named = SpeedTest.objects.filter(Q(code=code) | Q(campaign=code)).first()
    if named is None:
        return False
    together = Q(campaign=named.campaign_id) if named.campaign_id else Q(code=named.code)
    free = SpeedTest.objects.filter(together, complaint__in=("", complaint))
    return bool(free.update(complaint=complaint))
