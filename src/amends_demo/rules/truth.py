"""What is true of each matter, computed from the world's own facts without any decision rule.

A verdict is what an unhurried reader of all facts up to the moment of the complaint would say:
upheld, partly_upheld, not_upheld, or person_must_decide where the feeds cannot tell. What billing
gives back of its own before anybody has read the complaint is not owed any more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends_demo.rules.catalogue import offer
from amends_demo.rules.quality import DEGRADED
from amends_demo.rules.scenario import Scenario
from amends_demo.rules.stage import Trouble
from amends_demo.rules.tables import CHINA_MS, DAY_MS, month_starts

Row = dict[str, Any]
_BY_SERVICE = (
    "ServiceOrdered",
    "ServiceActivated",
    "ServiceChanged",
    "ServiceStopped",
    "ConfirmationAsked",
    "ConfirmationGiven",
    "ConfirmationRefused",
    "ChargeMade",
    "RefundMade",
    "NoticeDue",
    "NoticeSent",
    "NoticeDelivered",
    "SpeedMeasured",
    "mark",
)


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answer to one complaint at the moment it is made, in fen."""

    verdict: str
    amount_minor: int = 0

    @property
    def decidable(self) -> bool:
        """Whether the facts alone give the answer."""
        return self.verdict != "person_must_decide"


UPHELD, NOT_UPHELD, PERSON = "upheld", "not_upheld", "person_must_decide"


class Records:
    """The facts about some services and people, for look-up by service and kind.

    sittings  when complaints are read, in order of time
    """

    def __init__(
        self,
        facts: dict[str, pa.Table],
        scenario: Scenario,
        *,
        services: set[str],
        people: set[int],
        sittings: Sequence[int],
    ) -> None:
        self.scenario = scenario
        self._sittings = sittings
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        wanted = pa.array(sorted(services), type=pa.string())
        for kind in _BY_SERVICE:
            table = facts.get(kind)
            if table is None:
                continue
            for row in table.filter(pc.is_in(table["subject"], value_set=wanted)).to_pylist():
                self._rows[kind, row["subject"]].append(row)
        self.looks: dict[int, list[Row]] = defaultdict(list)
        looked = facts["DataAccessed"]
        mine = pa.array(sorted(people), type=pa.int64())
        for row in looked.filter(pc.is_in(looked["subscriber"], value_set=mine)).to_pylist():
            self.looks[row["subscriber"]].append(row)

    def of(self, kind: str, service: str, until_ms: int) -> list[Row]:
        """Facts of a kind on a service up to a moment."""
        return [row for row in self._rows[kind, service] if row["happened_at_ms"] <= until_ms]

    def untold(self, duty: str, service: str, until_ms: int) -> list[Row]:
        """The marks of a duty that use passed while something was in the way of telling it."""
        return [
            row
            for row in self._rows["mark", service]
            if row["duty"] == duty and row["at_ms"] <= until_ms and not row["told"]
        ]

    def charges(self, service: str, until_ms: int, *kinds: str) -> list[Row]:
        """Charges of some kinds, each with what was refunded of it as `back` when it is read."""
        back: dict[str, int] = defaultdict(int)
        for row in self.of("RefundMade", service, self._read_ms(until_ms)):
            back[row["charge"]] += row["amount_minor"]
        return [
            row | {"back": back[row["charge"]]}
            for row in self.of("ChargeMade", service, until_ms)
            if row["charge_kind"] in kinds
        ]

    def _read_ms(self, at_ms: int) -> int:
        """When somebody reads what was said at a moment."""
        sitting_index = bisect_left(self._sittings, at_ms)
        return self._sittings[sitting_index] if sitting_index < len(self._sittings) else at_ms

    def unrecorded(self, from_ms: int, to_ms: int) -> bool:
        """Whether confirmations of that time are missing from the feed by its own word."""
        gap = self.scenario
        return from_ms < gap.gap_to_ms and gap.gap_from_ms < to_ms


def _owed(charges: list[Row]) -> int:
    return sum(max(0, int(row["amount_minor"]) - int(row["back"])) for row in charges)


def addon(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """A value-added service: was there a yes? Without one, every charge of it goes back."""
    started = records.of("ServiceActivated", trouble.service, at_ms)[0]
    answers = [
        (kind, row)
        for kind in ("ConfirmationGiven", "ConfirmationRefused")
        for row in records.of(kind, trouble.service, at_ms)
        if row["order"] == started["order"]
    ]
    if any(kind == "ConfirmationGiven" for kind, _ in answers):
        return Truth(NOT_UPHELD)
    ordered = records.of("ServiceOrdered", trouble.service, at_ms)[0]
    if not answers and records.unrecorded(ordered["happened_at_ms"], started["happened_at_ms"]):
        return Truth(PERSON)
    return Truth(UPHELD, _owed(records.charges(trouble.service, at_ms, "value_added")))


def abroad(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Data abroad: without the notice before the cap, what was spent beyond the cap goes back."""
    missed = records.untold("cn.roaming_cap", trouble.service, at_ms)
    if not missed:
        return Truth(NOT_UPHELD)
    missed_notice = missed[0]
    charges = records.charges(trouble.service, at_ms, "roaming_data")
    beyond = [row for row in charges if row["happened_at_ms"] > missed_notice["at_ms"]]
    before = sum(row["amount_minor"] for row in charges) - sum(
        row["amount_minor"] for row in beyond
    )
    room = max(0, int(missed_notice["threshold_minor"]) - before)
    return Truth(UPHELD, max(0, _owed(beyond) - room))


def advertised(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Bought on the advert: what was charged above its price, for as long as it promised."""
    scenario = records.scenario
    activated = records.of("ServiceActivated", trouble.service, at_ms)[0]
    if activated.get("claim") != scenario.advert:
        return Truth(NOT_UPHELD)
    charges = records.charges(trouble.service, at_ms, "monthly_fee")
    over = sum(
        max(0, row["amount_minor"] - scenario.advert_price_minor - row["back"])
        for row in charges[: scenario.advert_months]
    )
    return Truth(UPHELD, over)


def line(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """A slow line: the fee of the days on which its technology was degraded here goes back."""
    measured = records.of("SpeedMeasured", trouble.service, at_ms)
    if not measured:
        return Truth(PERSON)
    scenario = records.scenario
    sold = offer(trouble.offer)
    min_kbps = sold.speed_min_kbps
    recent = [row for row in measured if row["happened_at_ms"] > at_ms - 30 * DAY_MS]
    if not any(row["down_kbps"] < min_kbps for row in recent):
        return Truth(NOT_UPHELD)
    bad = {
        (day + CHINA_MS) // DAY_MS
        for day in range(scenario.degraded_from_ms, scenario.degraded_to_ms, DAY_MS)
        if day < at_ms and sold.technology == DEGRADED
    }
    owed = sum(
        _share_of_days(row, bad) - row["back"]
        for row in records.charges(trouble.service, at_ms, "monthly_fee")
    )
    return Truth(UPHELD, owed)


def _share_of_days(charge: Row, bad: set[int]) -> int:
    """The part of a monthly fee that falls on bad local days, half a fen rounded up."""
    first = (charge["period_start_ms"] + CHINA_MS) // DAY_MS
    last = (charge["period_end_ms"] + CHINA_MS - 1) // DAY_MS
    days = last - first + 1
    hit = sum(1 for day in bad if first <= day <= last)
    return int((Decimal(charge["amount_minor"]) * hit / days).quantize(1, ROUND_HALF_UP))


def looked_at(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """A leak: did somebody look at the data without a case?"""
    looks = [row for row in records.looks[trouble.subscriber] if row["happened_at_ms"] <= at_ms]
    return Truth(UPHELD if any(not row["case"] for row in looks) else NOT_UPHELD)


def charged_twice(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Twice for one period: the second charge goes back, unless it already did."""
    charged_periods: set[tuple[str, int]] = set()
    repeated: list[Row] = []
    for row in records.charges(trouble.service, at_ms, "monthly_fee"):
        period = (row["offer"], row["period_start_ms"])
        if period in charged_periods:
            repeated.append(row)
        charged_periods.add(period)
    owed = _owed(repeated)
    return Truth(UPHELD, owed) if owed else Truth(NOT_UPHELD)


def exit_fee(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """An exit fee: owed only while the contract runs."""
    activated = records.of("ServiceActivated", trouble.service, at_ms)[0]["happened_at_ms"]
    stopped = records.of("ServiceStopped", trouble.service, at_ms)[0]["happened_at_ms"]
    months = offer(trouble.offer).contract_months
    over_ms = int(month_starts(np.array([activated]), np.array([months]))[0])
    if stopped < over_ms:
        return Truth(NOT_UPHELD)
    return Truth(UPHELD, _owed(records.charges(trouble.service, at_ms, "exit_fee")))


def stopped(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Stopped and charged on: every charge for a period that began after the stop goes back."""
    stop = records.of("ServiceStopped", trouble.service, at_ms)[0]["happened_at_ms"]
    after = [
        row
        for row in records.charges(trouble.service, at_ms, "value_added", "monthly_fee")
        if row["period_start_ms"] > stop
    ]
    return Truth(UPHELD, _owed(after))


def switched(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Moved to a dearer plan or pack without a yes: the difference goes back."""
    change = records.of("ServiceChanged", trouble.service, at_ms)[0]
    moment = change["happened_at_ms"]
    if records.unrecorded(moment, moment + 1):
        return Truth(PERSON)
    old = offer(change["from_offer"]).price_minor
    over = sum(
        max(0, row["amount_minor"] - old - row["back"])
        for row in records.charges(trouble.service, at_ms, "monthly_fee", "value_added")
        if row["offer"] == change["to_offer"]
    )
    return Truth(UPHELD, over)


def notified(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """A rise that was announced in time is as the tariff says."""
    dues = records.of("NoticeDue", trouble.service, at_ms)
    arrived = {row["key"] for row in records.of("NoticeDelivered", trouble.service, at_ms)}
    missed = [row for row in dues if row["duty"] == "cn.change_ahead" and row["key"] not in arrived]
    return Truth(PERSON if missed else NOT_UPHELD)


def overage(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """Beyond the plan: without the notice that it was used up, the charge for more goes back."""
    missed = records.untold("cn.allowance_reached", trouble.service, at_ms)
    if not missed:
        return Truth(NOT_UPHELD)
    charges = records.charges(trouble.service, at_ms, "overage")
    due_ms = min(row["at_ms"] for row in missed)
    return Truth(UPHELD, _owed([row for row in charges if row["happened_at_ms"] >= due_ms]))


RULES: dict[str, Callable[[Records, Trouble, int], Truth]] = {
    "vas_unconfirmed": addon,
    "vas_refused": addon,
    "vas_forgot": addon,
    "vas_dishonest": addon,
    "vas_gap": addon,
    "roaming_untold": abroad,
    "roaming_told": abroad,
    "claim_buyer": advertised,
    "line_degraded": line,
    "line_healthy": line,
    "line_unmeasured": line,
    "looked_up": looked_at,
    "looked_up_rightly": looked_at,
    "charged_twice": charged_twice,
    "exit_fee_wrong": exit_fee,
    "exit_fee_right": exit_fee,
    "stop_ignored": stopped,
    "plan_switched": switched,
    "pack_withdrawn": switched,
    "price_rise_told": notified,
    "overage_told": overage,
    "overage_untold": overage,
}


def truth_of(records: Records, trouble: Trouble, at_ms: int) -> Truth:
    """The right answer to a matter complained of at `at_ms`; without facts, a person's."""
    rule = RULES.get(trouble.role)
    return rule(records, trouble, at_ms) if rule else Truth(PERSON)
