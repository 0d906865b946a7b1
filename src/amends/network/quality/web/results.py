"""Tests as tables show them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from amends.network.measurement.validity import REASONS
from amends.network.quality.models import SpeedTest


def rows(tests: Iterable[SpeedTest]) -> list[tuple[SpeedTest, list[str]]]:
    """Each test with the reasons why it does not count."""
    return [
        (test, [_(REASONS[code]) for code in test.invalid_because if code in REASONS])
        for test in tests
    ]
