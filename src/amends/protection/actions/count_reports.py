"""Count the reports of a number anew, and let follow what the rules say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from amends.facts.fact import Fact
from amends.ledger.actions.append import append
from amends.protection.choices import MessageLabel, ReportState, Step
from amends.protection.models import (
    BlockListChange,
    NuisanceReport,
    ReportedNumber,
    StoppedDelivery,
)
from amends.protection.rules.consequences import (
    STEPS,
    GivenReport,
    StepRule,
    Weighed,
    consequence_rules,
    corrections,
    lowered,
    step_for,
    weigh,
)

BY_RULE = "rules"


def count_reports(
    number: ReportedNumber, *, now: datetime, corrected: bool = False
) -> ReportedNumber:
    """Weigh the reports of a number whose row the caller has locked, and set its consequence.

    A stricter consequence begins at once; a milder one when the stricter has run out, or where a
    subscriber has `corrected` it. Reports from before the number's present holder, or before a
    granted appeal, count nothing.
    """
    today = timezone.localdate(now)
    rules = consequence_rules(today)
    found = weigh(_given(number), now=now, rules=rules)
    found = lowered(found, _called_wrong(number), now=now, by=corrections(today))
    number.counted_at = now
    number.weight, number.people, number.frauds = found.weight, found.people, found.frauds
    follows = step_for(found, rules=rules)
    before = number.step
    lasting = not corrected and number.step_until is not None and number.step_until > now
    if follows is not None and (_order(follows.step) >= _order(before) or not lasting):
        _set_step(number, follows, rules.version, now)
    elif follows is None and not lasting:
        end_step(number)
    number.save()
    if number.step != before:
        record_change(number, before, _evidence(found), by=BY_RULE, now=now)
    if number.step:
        waiting = number.reports.filter(state=ReportState.RECEIVED)
        waiting.exclude(label=MessageLabel.LEGITIMATE).update(
            state=ReportState.CONFIRMED, answered_at=now
        )
    return number


def end_step(number: ReportedNumber) -> None:
    """Take the consequence off a number; the caller saves it."""
    number.step, number.step_at, number.step_until = "", None, None
    number.holder_step = ""


def record_change(
    number: ReportedNumber, before: str, reason: str, *, by: str, now: datetime
) -> None:
    """Enter a number on the block list, or take it off, as its new consequence asks."""
    blocked = number.step == Step.BLOCK
    if blocked != (before == Step.BLOCK):
        BlockListChange.objects.create(
            number=number,
            added=blocked,
            at=now,
            until=number.step_until,
            reason=reason,
            by=by,
        )
        if blocked:
            payload: dict[str, str | int] = {
                "number": number.ref,
                "rule": number.rules,
                "people": number.people,
                "by": by,
            }
            append([Fact("NumberBlocked", "", number.ref, now, "protection", payload)], now=now)


def _set_step(number: ReportedNumber, follows: StepRule, version: str, now: datetime) -> None:
    if number.step != follows.step:
        number.step, number.step_at = follows.step, now
    number.step_until = now + timedelta(days=follows.days)
    number.rules = version


def _evidence(found: Weighed) -> str:
    return f"people={found.people} frauds={found.frauds} weight={found.weight}"


def _order(step: str) -> int:
    return STEPS.index(step) if step else -1


def _given(number: ReportedNumber) -> Iterable[GivenReport]:
    rows = number.reports.exclude(state=ReportState.WITHDRAWN)
    since = max((at for at in (number.holder_since, number.cleared_at) if at), default=None)
    if since is not None:
        rows = rows.filter(reported_at__gte=since)
    listed = list(rows.values_list("reporter", "proven", "label", "reported_at"))
    records = _records({row[0] for row in listed}, number)
    return [
        GivenReport(reporter, proven, label, at, *records.get(reporter, (0, 0)))
        for reporter, proven, label, at in listed
    ]


def _called_wrong(number: ReportedNumber) -> list[datetime]:
    """When subscribers said that stopping this number was wrong: each once, at the latest time."""
    rows = StoppedDelivery.objects.filter(entry=number.entry, wrong_at__isnull=False)
    latest = rows.order_by().values_list("subscriber").annotate(at=Max("wrong_at"))
    return [at for _subscriber, at in latest]


def _records(reporters: set[str], number: ReportedNumber) -> dict[str, tuple[int, int]]:
    """Reporter → how many of their reports about other numbers were confirmed, and were not."""
    rows = (
        NuisanceReport.objects.filter(reporter__in=list(reporters)[:5_000])
        .exclude(number=number)
        .order_by()
        .values_list("reporter")
        .annotate(
            confirmed=Count("ref", filter=Q(state=ReportState.CONFIRMED)),
            refuted=Count("ref", filter=Q(state=ReportState.NOT_CONFIRMED)),
        )
    )
    return {reporter: (confirmed, refuted) for reporter, confirmed, refuted in rows}
