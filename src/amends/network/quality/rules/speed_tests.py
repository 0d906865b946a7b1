"""A contract's speeds and the tests of one line, and which of the tests count.

A test that does not count is kept and marked with the reason; counted and marked tests add up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amends.platform.kit.errors import BadInput, gettext_noop

MOST_MBPS = 400_000.0
"""More than any line sold; a test above it measured something else."""
TIMES_THE_MAXIMUM = 10.0
MOST_TESTS = 100_000

REASONS = {
    "invalid": gettext_noop("marked invalid when it was measured"),
    "not_wired": gettext_noop("not known to be measured by cable"),
    "duplicate": gettext_noop("the same test twice"),
    "same_moment": gettext_noop("another test ran at the same moment"),
    "absurd_speed": gettext_noop("a speed no such line can have"),
    "no_data": gettext_noop("nothing was transferred"),
    "too_close": gettext_noop("too soon after the test before"),
    "outside_campaign": gettext_noop("not among the tests the rule takes"),
    "outside_hours": gettext_noop("outside the hours the rule judges"),
    "seldom_slow": gettext_noop("slow on so few days that there is no fault to report"),
}


class UnableToReadSpeeds(BadInput):
    """The document holds no plan and tests that can be judged."""

    code = "unable_to_read_speeds"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the contract promises, in Mbit/s; None where it names nothing."""

    down_max_mbps: float | None = None
    down_normal_mbps: float | None = None
    down_min_mbps: float | None = None
    up_max_mbps: float | None = None
    up_normal_mbps: float | None = None
    up_min_mbps: float | None = None
    advertised_down_mbps: float | None = None
    technology: str = ""

    def promise(self, direction: str, name: str) -> float | None:
        """The speed promised; `name` is max, normal, min or advertised."""
        key = f"advertised_{direction}" if name == "advertised" else f"{direction}_{name}"
        value: float | None = getattr(self, f"{key}_mbps", None)
        return value


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """One test; a speed is None where nothing was measured in that direction."""

    at: datetime
    down_mbps: float | None
    up_mbps: float | None
    wired: bool | None = None
    valid: bool = True
    invalid_because: tuple[str, ...] = ()

    def speed(self, direction: str) -> float | None:
        return self.down_mbps if direction == "down" else self.up_mbps

    def day(self, zone: tzinfo | None) -> date:
        return self.local(zone).date()

    def local(self, zone: tzinfo | None) -> datetime:
        """The moment on the clock of the zone; on the test's own clock where there is none."""
        return self.at if zone is None else self.at.astimezone(zone)


@dataclass(frozen=True, slots=True)
class SpeedCase:
    """A plan, the tests of the line, and when the user told the provider."""

    plan: Plan
    tests: tuple[SpeedTest, ...]
    reported_at: datetime | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Tests that count, oldest first, and how many do not, by reason."""

    counted: tuple[SpeedTest, ...]
    marked: dict[str, int]


def sort_tests(tests: Iterable[SpeedTest], plan: Plan) -> Sorted:
    """Which tests count for any rule. Every test is counted or marked once.

    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> cable, radio = SpeedTest(at, 90.0, 9.0, True), SpeedTest(at, 9.0, 9.0, False)
    >>> sort_tests([cable, cable, radio], Plan()).marked
    {'duplicate': 1, 'not_wired': 1}
    """
    marked: dict[str, int] = {}
    counted: list[SpeedTest] = []
    for test in sorted(tests, key=lambda test: test.at.astimezone(UTC)):
        reason = _reason(test, plan)
        if not reason and counted and counted[-1].at == test.at:
            same = (counted[-1].down_mbps, counted[-1].up_mbps) == (test.down_mbps, test.up_mbps)
            reason = "duplicate" if same else "same_moment"
        if reason:
            marked[reason] = marked.get(reason, 0) + 1
        else:
            counted.append(test)
    return Sorted(tuple(counted), marked)


def _reason(test: SpeedTest, plan: Plan) -> str:
    """Why a test does not count by itself; "" where it does."""
    if not test.valid or test.invalid_because:
        return "invalid"
    if test.wired is not True:
        return "not_wired"
    if _absurd(test.down_mbps, plan.down_max_mbps) or _absurd(test.up_mbps, plan.up_max_mbps):
        return "absurd_speed"
    return "" if test.down_mbps or test.up_mbps else "no_data"


def _absurd(speed: float | None, maximum: float | None) -> bool:
    if speed is None:
        return False
    limit = min(MOST_MBPS, maximum * TIMES_THE_MAXIMUM) if maximum else MOST_MBPS
    return not 0 <= speed <= limit


def read_case(document: object) -> SpeedCase:
    """A case from its JSON document; UnableToReadSpeeds names what cannot be used.

    >>> read_case({"plan": {"down_min_mbps": 50}, "tests": []}).plan.down_min_mbps
    50.0
    """
    if not isinstance(document, Mapping):
        raise _refused(gettext_noop("The file holds no JSON object with plan and tests."), "")
    plan, tests = document.get("plan"), document.get("tests")
    if not isinstance(plan, Mapping):
        raise _refused(gettext_noop("There is no plan."), "plan")
    if not isinstance(tests, list):
        raise _refused(gettext_noop("There is no list of tests."), "tests")
    if len(tests) > MOST_TESTS:
        raise _refused(gettext_noop("There are more tests than one line can have."), "tests")
    reported = document.get("reported_at")
    return SpeedCase(
        plan=_plan(plan),
        tests=tuple(_test(row, f"tests[{number}]") for number, row in enumerate(tests)),
        reported_at=_moment(reported, "reported_at") if reported is not None else None,
        zone=_zone(document.get("zone")),
    )


def _plan(row: Mapping[str, Any]) -> Plan:
    speeds: dict[str, float | None] = {}
    for field in fields(Plan):
        if field.name == "technology":
            continue
        value = _number(row.get(field.name), f"plan.{field.name}")
        if value is not None and not 0 < value <= MOST_MBPS:
            raise _refused(gettext_noop("A promised speed is above 0."), f"plan.{field.name}")
        speeds[field.name] = value
    plan = Plan(technology=str(row.get("technology") or ""), **speeds)
    for direction in ("down", "up"):
        named = [plan.promise(direction, name) for name in ("min", "normal", "max")]
        stated_speeds = [speed for speed in named if speed is not None]
        if stated_speeds != sorted(stated_speeds):
            raise _refused(
                gettext_noop("The minimum is above the normal or the maximum speed."),
                f"plan.{direction}",
            )
    return plan


def _test(row: object, where: str) -> SpeedTest:
    if not isinstance(row, Mapping):
        raise _refused(gettext_noop("A test is a JSON object."), where)
    for name in ("wired", "valid"):
        if not isinstance(row.get(name), bool | None):
            raise _refused(gettext_noop("It is true or false."), f"{where}.{name}")
    because = row.get("invalid_because") or ()
    if not isinstance(because, list | tuple):
        raise _refused(gettext_noop("It is a list of reasons."), f"{where}.invalid_because")
    return SpeedTest(
        at=_moment(row.get("at"), f"{where}.at"),
        down_mbps=_number(row.get("down_mbps"), f"{where}.down_mbps"),
        up_mbps=_number(row.get("up_mbps"), f"{where}.up_mbps"),
        wired=row.get("wired"),
        valid=row.get("valid") is not False,
        invalid_because=tuple(str(reason) for reason in because),
    )


def _number(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(gettext_noop("It is not a number."), where)
    return float(value)


def _moment(value: object, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(
            gettext_noop("It is not a time such as 2026-03-02T20:15:00+01:00."), where
        ) from None
    if moment.tzinfo is None:
        raise _refused(gettext_noop("The time has no zone."), where)
    return moment


def _zone(name: object) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _refused(gettext_noop("There is no such time zone."), "zone") from None


def _refused(what: str, where: str) -> UnableToReadSpeeds:
    return UnableToReadSpeeds(
        what,
        meaning=gettext_noop("No verdict was given."),
        next_step=gettext_noop("Correct the file and run it again."),
        where=where,
    )
