"""What other apps may ask about speed tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing

from amends.network.quality.models import Campaign, SpeedTest
from amends.people.subscribers.queries import subscribers

OWN_COOKIE = f"{settings.COOKIE_PREFIX}amends_speed"
OWN_FOR = timedelta(days=60)
_OWN_SALT = "amends.network.quality.own"
_MOST_OWN = 60
# ASCII: a Chinese character beside a code is no part of it.
_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.ASCII)


def test_by_code(code: str) -> SpeedTest | None:
    """The test with this code."""
    return SpeedTest.objects.filter(code=code.strip().upper()).first()


def own_codes(cookie: str) -> list[str]:
    """The codes of tests and series that the browser with this cookie has made, oldest first."""
    try:
        codes = signing.loads(cookie, salt=_OWN_SALT, max_age=OWN_FOR)
    except signing.BadSignature:
        return []
    return [str(code) for code in codes]


def own_cookie(cookie: str, code: str) -> str:
    """The cookie of a browser that has now made `code` too; the newest 60 are kept."""
    codes = [own_code for own_code in own_codes(cookie) if own_code != code]
    return signing.dumps([*codes, code][-_MOST_OWN:], salt=_OWN_SALT)


def tests_of_complaint(complaint: str) -> list[SpeedTest]:
    """The tests attached to a complaint, newest first."""
    return list(SpeedTest.objects.filter(complaint=complaint)) if complaint else []


@dataclass(frozen=True, slots=True)
class TestList:
    """Speed tests: the newest, how many there are, and how many of them count."""

    newest: list[SpeedTest]
    total: int
    counted: int


def newest_tests(limit: int, *, brand: str = "") -> TestList:
    """The newest tests; of a brand those of its known subscribers: others have no brand."""
    if not brand:
        every = SpeedTest.objects.all()
        return TestList(
            list(every[:limit]), every.count(), every.filter(invalid_because=[]).count()
        )
    rows = SpeedTest.objects.exclude(subscriber="").order_by("-at", "code")
    test_rows = list(rows.values_list("code", "subscriber", "invalid_because"))
    subscriber_views = subscribers({subscriber for _code, subscriber, _why in test_rows})
    own = [
        (code, why)
        for code, subscriber, why in test_rows
        if subscriber in subscriber_views and subscriber_views[subscriber].brand == brand
    ]
    newest = SpeedTest.objects.filter(code__in=[code for code, _why in own[:limit]])
    return TestList(list(newest), len(own), sum(not why for _code, why in own))


def codes_named_in(text: str) -> list[str]:
    """The codes of tests and campaigns on record that a text names."""
    named = set(_CODE.findall(text))
    if not named:
        return []
    querysets = (table.objects.filter(code__in=named) for table in (SpeedTest, Campaign))
    return [code for rows in querysets for code in rows.values_list("code", flat=True)]
