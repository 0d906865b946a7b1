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
        known_keys = set(
            RunningService.objects.filter(
                source__in={report.source for report in reports},
                source_ref__in=[report.source_ref for report in reports],
            ).values_list("source", "source_ref")
        )
        new = [observed for key, observed in fresh.items() if key not in known_keys]
        ended = sum(_ended(observed) for key, observed in fresh.items() if key in known_keys)
        running = {
            row.service: row
            for row in RunningService.objects.select_for_update().filter(
                service__in=[observed.service for observed in new], until__isnull=True
            )
        }
        answers_by_service = latest_answers([observed.service for observed in new])
        rows = []
        for observed in sorted(new, key=lambda each: each.since):
            if (row := _row(observed, running, answers_by_service, now)) is not None:
                rows.append(row)
        create(rows)
    return len(rows) + ended


def _ended(observed: Observed) -> int:
    """Note the end of what was reported before as running; 0 if it is none, or known."""
    if observed.until is None:
        return 0
    runs = RunningService.objects.filter(
        source=observed.source,
        source_ref=observed.source_ref,
        until__isnull=True,
        since__lte=observed.until,
    )
    return runs.update(until=observed.until, ended_by=observed.source[:32])


def _row(
    observed: Observed,
    running: dict[str, RunningService],
    answer_book: LatestAnswers,
    now: datetime,
) -> RunningService | None:
    before = running.get(observed.service)
    is_past = before is not None and observed.until is not None and observed.until <= before.since
    if before is not None and not is_past:
        if before.offer == observed.offer and before.origin == Origin.AMENDS:
            if observed.until is None:
                return None
            running.pop(observed.service)
            before.until, before.ended_by = max(observed.until, before.since), observed.source[:32]
            before.save(update_fields=["until", "ended_by"])
            return None
        before.until, before.ended_by = max(observed.since, before.since), observed.source[:32]
        if not before._state.adding:
            before.save(update_fields=["until", "ended_by"])
    row = RunningService(
        service=observed.service,
        subscriber=observed.subscriber,
        kind=observed.kind,
        offer=observed.offer,
        offer_version=observed.offer_version,
        name_zh=observed.name_zh,
        name_en=observed.name_en,
        price_minor=observed.price_minor,
        currency=observed.currency,
        provider=observed.provider,
        agent=observed.agent,
        campaign=observed.campaign,
        origin=Origin.OBSERVED,
        source=observed.source,
        source_ref=observed.source_ref,
        covered=answer_book.covers(observed.service, observed.offer, observed.since),
        since=observed.since,
        until=observed.until,
        recorded_at=now,
    )
    if observed.until is None:
        running[observed.service] = row
    return row
