"""Calculate the measured speed of each offer from the tests of those who have it.

Peak time is 20:00 to 22:00 at the user's place, tests of the last twelve months: UK CAP guidance on
speed claims, in force since 2018-05-23.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from amends.catalogue.actions.record_peak_speed import record_peak_speed
from amends.catalogue.queries import all_key_facts
from amends.ledger.queries import facts_about_many
from amends.subscribers.queries import pseudonyms_with, subscribers

PEAK_HOURS = (20, 22)
LAST = timedelta(days=365)


def measure_offers(now: datetime) -> int:
    """Record the median of every offer somebody tested at peak time; how many offers."""
    since, done = now - LAST, 0
    for facts in all_key_facts(now):
        if facts.down_nominal_mbps is None:
            continue
        if speeds := _speeds(facts.id, since, now):
            record_peak_speed(facts.id, speeds, since=since, now=now)
            done += 1
    return done


def _speeds(offer: str, since: datetime, now: datetime) -> list[int]:
    people = pseudonyms_with(at=now, offers=[offer])
    known = subscribers(people)
    measured = facts_about_many(people, kinds={"SpeedMeasured"}, start=since, end=now)
    found = []
    for pseudonym, tests in measured.items():
        zone = ZoneInfo(known[pseudonym].zone)
        for test in tests:
            hour = test.happened_at.astimezone(zone).hour
            valid = not str(test.payload["method"]).endswith("invalid")
            if valid and PEAK_HOURS[0] <= hour < PEAK_HOURS[1]:
                found.append(int(test.payload["down_kbps"]))
    return found
