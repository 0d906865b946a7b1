"""The appeals that are due, for the first page after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from amends.causes.protection.queries import appeals, number_lines
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow


def appeals_due(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Open appeals of the actor or without a handler, the earliest deadline first."""
    rows = [appeal for appeal in appeals(brand=actor.brand) if appeal.handler in ("", actor.ref)]
    lines = number_lines([row.number for row in rows])
    return [
        HomeRow(line.number, reverse("protection_appeal", args=[row.ref]), due_at=row.due_at)
        for row, line in zip(rows, lines, strict=True)
    ]
