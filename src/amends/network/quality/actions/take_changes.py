"""Record what was changed in the network: shown where an area is red."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from django.db import transaction

from amends.network.quality.incident_choices import ChangeKind
from amends.network.quality.models import NetworkChange
from amends.platform.database.rows import create
from amends.platform.vault.redaction import redact_person
from amends.record.catalogue.queries import areas

_LONGEST = 200


def take_changes(
    rows: Sequence[Mapping[str, str]], *, zone: tzinfo
) -> tuple[int, int, dict[str, str]]:
    """Record rows of `at, area, kind, what` and `cell`: how many are new and known, and line →
    reason of the refused.

    zone  of times without an offset
    """
    area_codes = {known_area.code for known_area in areas()}
    refused: dict[str, str] = {}
    fresh = []
    for number, row in enumerate(rows, start=2):
        kind = (row.get("kind") or "other").strip().lower()
        what = redact_person((row.get("what") or "").strip())[:_LONGEST]
        area = (row.get("area") or "").strip()
        try:
            at = datetime.fromisoformat((row.get("at") or "").strip())
        except ValueError:
            refused[str(number)] = "at is no time"
            continue
        if area not in area_codes or kind not in ChangeKind.values or not what:
            refused[str(number)] = "area or kind not known, or nothing said"
            continue
        moment = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        cell = (row.get("cell") or "").strip()[:80]
        fresh.append(NetworkChange(at=moment, area=area, cell=cell, kind=kind, what=what))
    with transaction.atomic():
        before = NetworkChange.objects.count()
        create(fresh, or_leave=True)
        new = NetworkChange.objects.count() - before
    return new, len(fresh) - new, refused
