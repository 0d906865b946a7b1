"""Attach speed tests to the complaint of the person who made them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from amends.network.quality.models import SpeedTest


def attach_to_complaint(code: str, *, complaint: str, own: Collection[str]) -> bool:
    """Attach the test, unless another complaint has it; whether it is attached now.

    own  the codes of tests and series that were made by who complains (`queries.own_codes`). A code
         is no proof of that: it stands on prints and in letters, and whoever reads it may look

    The code of a series brings all its tests; a test of a series brings the series. Whose line it
    is is known once the complainant has shown who they are (`judge_lines`).
    """
    named = SpeedTest.objects.filter(Q(code=code) | Q(campaign=code)).first()
    if named is None or code not in own:
        return False
    test_filter = Q(code=named.code)
    if named.campaign_id and named.campaign_id in own:
        test_filter = Q(campaign=named.campaign_id)
    free = SpeedTest.objects.filter(test_filter, complaint__in=("", complaint))
    return bool(free.update(complaint=complaint))
