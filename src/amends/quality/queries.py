"""What other apps may ask about speed tests."""

from __future__ import annotations

import re

from amends.quality.models import Campaign, SpeedTest

_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def test_by_code(code: str) -> SpeedTest | None:
    """The test with this code."""
    return SpeedTest.objects.filter(code=code.strip().upper()).first()


def tests_of_complaint(complaint: str) -> list[SpeedTest]:
    """The tests attached to a complaint, newest first."""
    return list(SpeedTest.objects.filter(complaint=complaint)) if complaint else []


def codes_named_in(text: str) -> list[str]:
    """The codes of tests and campaigns on record that a text names."""
    named = set(_CODE.findall(text))
    if not named:
        return []
    kept = (table.objects.filter(code__in=named) for table in (SpeedTest, Campaign))
    return [code for rows in kept for code in rows.values_list("code", flat=True)]
