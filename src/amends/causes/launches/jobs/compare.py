"""Every hour: launches at 30, 90 and 180 days of sale against their forecast."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.causes.launches.models import Comparison, Launch
from amends.causes.launches.queries import users_on
from amends.people.subscribers.queries import served
from amends.record.ledger.queries import facts_about_many

DAYS = (30, 90, 180)


def compare(*, now: datetime) -> int:
    """Store the comparisons that are due; how many launches were compared."""
    begun = Launch.objects.filter(live_at__lte=now - timedelta(days=DAYS[0]))
    return sum(
        _compare(launch, days)
        for launch in begun.prefetch_related("comparisons")
        for days in _due(launch, now)
    )


def _due(launch: Launch, now: datetime) -> list[int]:
    """Days that are past and not compared; a launch that was stopped by then is not judged."""
    assert launch.live_at is not None
    end = min(now, launch.stopped_at or now)
    compared_days = {comparison.days for comparison in launch.comparisons.all()}
    months = len(launch.document["months"]["users"])
    return [
        days
        for days in DAYS
        if days not in compared_days
        and launch.live_at + timedelta(days=days) <= end
        and days // 30 < months
    ]


def _compare(launch: Launch, days: int) -> int:
    assert launch.live_at is not None
    at, months = launch.live_at + timedelta(days=days), launch.document["months"]
    month = days // 30
    people = served(offers=[launch.offer], areas=[], since=launch.live_at, until=at)
    user_months = sum(
        users_on(launch.offer, launch.live_at + timedelta(days=30 * month_number))
        for month_number in range(1, month + 1)
    )
    market = sum(row["market"] for row in launch.case["segments"])
    common = {
        "launch": launch,
        "days": days,
        "user_months": user_months,
        "adopted": min(len(people) / market, 1.0),
    }
    rows = [
        Comparison(
            **common,
            metric="users",
            forecast=months["users"][month],
            low=months["users_p10"][month],
            high=months["users_p90"][month],
            actual=users_on(launch.offer, at),
        )
    ]
    expected = launch.document["complaints"]
    if expected["per_million_month"] is not None:
        millions = sum(months["users"][1 : month + 1]) / 1e6
        low, forecast, high = (
            expected[level] * millions for level in ("low", "per_million_month", "high")
        )
        actual = _complaints(people, launch.live_at, at) if people else 0
        rows.append(
            Comparison(
                **common, metric="complaints", forecast=forecast, low=low, high=high, actual=actual
            )
        )
    Comparison.objects.bulk_create(rows)
    return 1


def _complaints(people: list[str], start: datetime, end: datetime) -> int:
    facts_by_person = facts_about_many(people, kinds=("ComplaintReceived",), start=start, end=end)
    return sum(len(facts) for facts in facts_by_person.values())
