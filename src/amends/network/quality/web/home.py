"""What the first page after sign-in shows of network quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from amends.network.quality.queries import newest_tests
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

NEWEST = 200
SHOWN = 20


def below_promise(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The newest valid tests that measured less than half of the promised download."""
    slow = [
        test
        for test in newest_tests(NEWEST, brand=actor.brand).newest
        if not test.invalid_because
        and test.promised_down_kbps
        and test.down_kbps < test.promised_down_kbps / 2
    ]
    return [
        HomeRow(
            test.code,
            reverse("speed_tests"),
            _("%(down)s of %(promised)s Mbit/s")
            % {
                "down": round(test.down_mbps, 1),
                "promised": (test.promised_down_kbps or 0) // 1000,
            },
        )
        for test in slow[:SHOWN]
    ]
