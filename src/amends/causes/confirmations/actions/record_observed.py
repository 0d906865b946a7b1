"""Store what the operator's systems say is running: with its source, never refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.causes.confirmations.models import RunningService
from amends.causes.confirmations.queries.latest_answers import LatestAnswers, latest_answers
from amends.platform.database.rows import create

Origin = RunningService.Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A service as another system reports it; `source_ref` is that system's own reference.

    until  when it ended, None while it runs
    """

    service: str
    subscriber: str
    offer: str
    since: datetime
    source: str
    source_ref: str
    kind: str = ""
    offer_version: str = ""
    name_zh: str = ""
    name_en: str = ""
    price_minor: int | None = None
    currency: str = ""
    provider: str = ""
    agent: str = ""
    campaign: str = ""
    until: datetime | None = None


def observe(reports: Sequence[Observed], *, now: datetime) -> int:
    """Store reports that are new, and ends that are; returns how many. All else of a report that
    was stored before is left as it is.

    A service is covered if the ledger's last word on it and its offer, by the time it began, is a
    confirmation (`latest_answers.py`); otherwise it is flagged and listed. A service we carried out
    ourselves, and one that runs by an earlier report, end where a new report of the same service
    begins.
    """
    fresh = {(report.source, report.source_ref): report for report in reports}
    with transaction.atomic():
        known = set(
            RunningService.objects.filter(
                source__in={report.source for report in reports},
                source_ref__in=[report.source_ref for report in reports],
            ).values_list("source", "source_ref")
        )
        new = [one for key, one in fresh.items() if key not in known]
        ended = sum(_ended(one) for key, one in fresh.items() if key in known)
        running = {
            row.service: row
            for row in RunningService.objects.select_for_update().filter(
                service__in=[one.service for one in new], until__isnull=True
            )
        }
        words = latest_answers([one.service for one in new])
        rows = []
        for one in sorted(new, key=lambda each: each.since):
            if (row := _row(one, running, words, now)) is not None:
                rows.append(row)
        create(rows)
    return len(rows) + ended


def _ended(one: Observed) -> int:
    """Note the end of what was reported before as running; 0 if it is none, or known."""
    if one.until is None:
        return 0
    runs = RunningService.objects.filter(
        source=one.source, source_ref=one.source_ref, until__isnull=True, since__lte=one.until
    )
    return runs.update(until=one.until, ended_by=one.source[:32])


def _row(
    one: Observed,
    running: dict[str, RunningService],
    words: LatestAnswers,
    now: datetime,
) -> RunningService | None:
    before = running.get(one.service)
    is_past = before is not None and one.until is not None and one.until <= before.since
    if before is not None and not is_past:
        if before.offer == one.offer and before.origin == Origin.AMENDS:
            if one.until is None:
                return None
            running.pop(one.service)
            before.until, before.ended_by = max(one.until, before.since), one.source[:32]
            before.save(update_fields=["until", "ended_by"])
            return None
        before.until, before.ended_by = max(one.since, before.since), one.source[:32]
        if not before._state.adding:
            before.save(update_fields=["until", "ended_by"])
    row = RunningService(
        service=one.service,
        subscriber=one.subscriber,
        kind=one.kind,
        offer=one.offer,
        offer_version=one.offer_version,
        name_zh=one.name_zh,
        name_en=one.name_en,
        price_minor=one.price_minor,
        currency=one.currency,
        provider=one.provider,
        agent=one.agent,
        campaign=one.campaign,
        origin=Origin.OBSERVED,
        source=one.source,
        source_ref=one.source_ref,
        covered=words.covers(one.service, one.offer, one.since),
        since=one.since,
        until=one.until,
        recorded_at=now,
    )
    if one.until is None:
        running[one.service] = row
    return row
