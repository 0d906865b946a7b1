"""Titles of appeals in lists of what waits."""

from __future__ import annotations

from collections.abc import Collection

from amends.causes.protection.models import NumberAppeal
from amends.causes.protection.queries import number_lines


def appeal_numbers(refs: Collection[str]) -> dict[str, str]:
    """Reference of an appeal → its number, masked."""
    appeals = list(NumberAppeal.objects.filter(ref__in=refs).select_related("number"))
    lines = number_lines([appeal.number for appeal in appeals])
    return {appeal.ref: line.number for appeal, line in zip(appeals, lines, strict=True)}
