"""The auditor's columns against a count by hand, on small worlds made at random."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.cases.audits.rules import recompute as auditor
from amends.cases.audits.rules.levels import once
from amends.cases.audits.rules.recompute import Inputs, audited, not_audited, recompute
from amends.cases.audits.rules.spending import CHOICES
from amends.engines.duties.book import book
from amends.record.facts.kinds import KINDS

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 1, tzinfo=ZONE)
BOOK = book("cn", date(2026, 11, 24))
START_MS = int(START.timestamp() * 1000)
END_MS = START_MS + 90 * 86_400_000
HOUR_MS = 3_600_000


def frame(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Facts of one kind as the ledger's columns."""
    spec = KINDS[kind]
    schema: dict[str, Any] = dict.fromkeys(("id", "subscriber", "subject", "source"), pl.String)
    schema |= {"happened_at_ms": pl.Int64, "recorded_at_ms": pl.Int64}
    fields = spec.required | spec.optional
    schema |= {name: pl.Int64 if form is int else pl.String for name, form in fields.items()}
    numbered = [
        {"id": f"{kind}-{number:05}", "source": "test", "recorded_at_ms": 0} | row
        for number, row in enumerate(rows)
    ]
    whole = [{name: row.get(name) for name in schema} for row in numbered]
    return pl.DataFrame(whole, schema=schema).sort("happened_at_ms", "id")


def inputs(usage: list[dict[str, Any]] | None = None, **facts: list[dict[str, Any]]) -> Inputs:
    kinds = (
        "UsageCrossed",
        "ChargeMade",
        "ServiceOrdered",
        "ServiceActivated",
        "ConfirmationRefused",
        "ServiceChanged",
        "ServiceStopped",
        "OfferPublished",
    )
    schema = {
        "record": pl.String,
        "subscriber": pl.String,
        "service": pl.String,
        "counter": pl.String,
        "at_ms": pl.Int64,
        "amount": pl.Int64,
        "limit": pl.Int64,
    }
    return Inputs(
        {kind: frame(kind, facts.get(kind, [])) for kind in kinds},
        once(pl.DataFrame(usage or [], schema=schema)),
    )


def found(world: Inputs) -> dict[tuple[str, str, str, str], int]:
    """(service, duty, period, step) → when due, as the auditor says."""
    owed = recompute(world, BOOK, start_ms=START_MS, end_ms=END_MS)
    named = owed.select("service", "duty", "period", "step", "due_at_ms").rows()
    assert len(named) == len({row[:4] for row in named})
    return {row[:4]: row[4] for row in named}


def month_of(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZONE).strftime("%Y-%m-01")


moments = st.integers(START_MS, END_MS - 1)
records = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["s1", "s2", "s3"]),
        st.sampled_from(["data", "voice"]),
        moments,
        st.integers(-20, 70),
    ),
    max_size=40,
)
LIMITS = {"s1": 100, "s2": 33, "s3": 0}
Records = list[tuple[int, str, str, int, int]]
Charges = list[tuple[str, str, int, int, str]]


def worlds(count: int, drawn: Any) -> Any:
    """So many small worlds at once: nobody of one is in another, and the columns cost once."""
    return st.lists(drawn, min_size=count, max_size=count)


def used_in(world: int, rows: Records) -> list[dict[str, Any]]:
    """Usage records of one world."""
    return [
        {
            "record": f"{world}-r{record}",
            "subscriber": f"p-{world}-{service}",
            "service": f"{world}-{service}",
            "counter": counter,
            "at_ms": at_ms,
            "amount": amount,
            "limit": LIMITS[service],
        }
        for record, service, counter, at_ms, amount in rows
    ]


@settings(max_examples=25, deadline=None)
@given(worlds(6, records))
def test_usage_equals_a_count_by_hand(drawn: list[Records]) -> None:
    """A hundred and fifty worlds, six at a time."""
    used = [used_in(world, rows) for world, rows in enumerate(drawn)]
    expected: dict[tuple[str, str, str, str], int] = {}
    for usage in used:
        expected |= _used_by_hand(usage)
    assert found(inputs([row for usage in used for row in usage])) == expected


def _used_by_hand(usage: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], int]:
    used: dict[tuple[str, str, str], int] = defaultdict(int)
    seen: set[str] = set()
    expected: dict[tuple[str, str, str, str], int] = {}
    once = [row for row in usage if not (row["record"] in seen or seen.add(row["record"]))]
    for row in sorted(once, key=lambda one: (one["at_ms"], one["record"])):
        month = month_of(row["at_ms"])
        place = (row["service"], row["counter"], month)
        used[place] += row["amount"]
        for duty, percent in (("cn.allowance_near", 80), ("cn.allowance_reached", 100)):
            if row["limit"] and used[place] * 100 >= row["limit"] * percent:
                step = (row["service"], duty, f"{month}/{row['counter']}", f"{percent}%")
                expected.setdefault(step, row["at_ms"])
    return expected


charges = st.lists(
    st.tuples(
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(["monthly_fee", "overage", "roaming_data"]),
        moments,
        st.integers(0, 30_000),
        st.sampled_from(["TH", "JP"]),
    ),
    max_size=30,
)


def made_in(world: int, rows: Charges, days_before: tuple[int, ...]) -> list[dict[str, Any]]:
    """Charges of one world, each made again so many days before."""
    return [
        {
            "subscriber": f"p-{world}-{service}",
            "subject": f"{world}-{service}",
            "happened_at_ms": at_ms - days * 86_400_000,
            "charge": f"{world}-c{number}-{days}",
            "charge_kind": kind,
            "offer": "o",
            "amount_minor": amount,
            "currency": "CNY",
            "country": country if kind == "roaming_data" else None,
        }
        for number, (service, kind, at_ms, amount, country) in enumerate(rows)
        for days in days_before
    ]


@settings(max_examples=25, deadline=None)
@given(worlds(6, charges))
def test_charges_equal_a_count_by_hand(drawn: list[Charges]) -> None:
    """A hundred and fifty worlds, six at a time."""
    made = [made_in(world, rows, (0,)) for world, rows in enumerate(drawn)]
    expected: dict[tuple[str, str, str, str], int] = {}
    for rows in made:
        expected |= _by_hand(rows)
    assert found(inputs(ChargeMade=[row for rows in made for row in rows])) == expected


def _by_hand(made: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], int]:
    expected: dict[tuple[str, str, str, str], int] = {}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    abroad: dict[tuple[str, str], int] = defaultdict(int)
    totals: dict[tuple[str, str], int] = defaultdict(int)
    last: dict[tuple[str, str], int] = {}
    known = {(row["subject"], month_of(row["happened_at_ms"])) for row in made}
    for row in made:
        totals[row["subject"], month_of(row["happened_at_ms"])] += row["amount_minor"]
    for row in sorted(made, key=lambda one: one["happened_at_ms"]):
        service, at_ms = row["subject"], row["happened_at_ms"]
        month = month_of(at_ms)
        sums[service, month] += row["amount_minor"]
        if row["charge_kind"] == "overage":
            for duty, percent in (("cn.allowance_near", 80), ("cn.allowance_reached", 100)):
                expected.setdefault((service, duty, f"{month}/data", f"{percent}%"), at_ms)
        if sums[service, month] >= 20_000:
            expected.setdefault((service, "cn.spend_high", month, "high"), at_ms)
        before = _months_before(month)
        past = sum(totals[service, one] for one in before)
        full = all((service, one) in known for one in before) and past
        if full and sums[service, month] * 3 > past * 5:
            expected.setdefault((service, "cn.abnormal", month, "5x3"), at_ms)
        _first_of_its_kind(expected, made, row)
        if row["charge_kind"] == "roaming_data":
            abroad[service, month] += row["amount_minor"]
            if abroad[service, month] >= 10_000:
                expected.setdefault((service, "cn.roaming_cap", month, "own"), at_ms)
            place = (service, row["country"])
            if place not in last or at_ms - last[place] > 7 * 86_400_000:
                local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZONE)
                visit = f"{row['country']}@{local:%Y-%m-%d}"
                expected.setdefault((service, "cn.roaming_entry", visit, "once"), at_ms)
            last[place] = at_ms
    return expected


def _first_of_its_kind(
    expected: dict[tuple[str, str, str, str], int], made: list[dict[str, Any]], row: dict[str, Any]
) -> None:
    """A kind of charge not had for three months, by somebody charged for a month and more."""
    service, at_ms, kind = row["subject"], row["happened_at_ms"], row["charge_kind"]
    paid = [one for one in made if one["subject"] == service and one["amount_minor"] > 0]
    day = 86_400_000
    same = [
        one
        for one in paid
        if one["charge_kind"] == kind
        and one["charge"] != row["charge"]
        and (one["happened_at_ms"], one["charge"]) < (at_ms, row["charge"])
        and at_ms - one["happened_at_ms"] <= 93 * day
    ]
    begun = min((one["happened_at_ms"] for one in paid), default=at_ms)
    in_time = at_ms + 24 * HOUR_MS < END_MS
    if row["amount_minor"] > 0 and not same and at_ms - begun >= 31 * day and in_time:
        step = (service, "cn.new_charge", f"{month_of(at_ms)}/{kind}", "once")
        expected.setdefault(step, at_ms + 24 * HOUR_MS)


def _months_before(month: str) -> list[str]:
    day, names = date.fromisoformat(month), []
    for _ in range(3):
        day = (day - timedelta(days=1)).replace(day=1)
        names.append(day.isoformat())
    return names


@settings(max_examples=10, deadline=None)
@given(
    worlds(3, st.tuples(records, charges)),
    st.lists(st.integers(START_MS, END_MS), min_size=3, max_size=3).map(sorted),
    st.integers(3, 27),
)
def test_a_period_in_parts_owes_what_it_owes_as_a_whole(
    drawn: list[tuple[Records, Charges]], cuts_ms: list[int], at_once: int
) -> None:
    """An audit of some weeks looks at what may matter to them, and at some lines at a time."""
    usage = [row for number, (used, _) in enumerate(drawn) for row in used_in(number, used)]
    made = [
        row
        for number, (_, charged) in enumerate(drawn)
        for row in made_in(number, charged, (0, 40, 70, 100))
    ]
    world = inputs(usage, ChargeMade=made)
    whole = recompute(world, BOOK, start_ms=START_MS, end_ms=END_MS)
    kept = auditor.RECORDS_AT_ONCE
    try:
        auditor.RECORDS_AT_ONCE = at_once
        parts = [
            recompute(world, BOOK, start_ms=first, end_ms=last)
            for first, last in pairwise([START_MS, *cuts_ms, END_MS])
        ]
    finally:
        auditor.RECORDS_AT_ONCE = kept
    few = auditor.AUDITED_TRIGGERS - {"allowance", "spend"}
    for_some = [
        recompute(world, BOOK, start_ms=START_MS, end_ms=END_MS, triggers=triggers)
        for triggers in (few, {"allowance", "spend"})
    ]
    assert pl.concat(for_some).sort("due_at_ms", "key").rows() == whole.rows()
    together = pl.concat(parts).sort("due_at_ms", "key")
    # What is due again in a later part under the same key was due first in the earlier one.
    together = together.unique("key", keep="first", maintain_order=True)
    assert together.rows() == whole.rows()


def test_an_abnormal_month_needs_three_months_of_charges() -> None:
    def charge(service: str, months_ago: int, amount: int) -> dict[str, Any]:
        at = datetime(2026, 11 - months_ago, 5, tzinfo=ZONE)
        return {
            "subscriber": "p",
            "subject": service,
            "happened_at_ms": int(at.timestamp() * 1000),
            "charge": f"{service}-{months_ago}",
            "charge_kind": "overage_voice",
            "offer": "o",
            "amount_minor": amount,
            "currency": "CNY",
        }

    made = [charge("old", ago, 1_000) for ago in (3, 2, 1)] + [charge("old", 0, 5_001)]
    made += [charge("edge", ago, 1_000) for ago in (3, 2, 1)] + [charge("edge", 0, 5_000)]
    made += [charge("new", ago, 1_000) for ago in (2, 1)] + [charge("new", 0, 9_000)]
    duties = {(service, duty) for service, duty, _, _ in found(inputs(ChargeMade=made))}
    assert duties == {("old", "cn.abnormal")}


def test_orders_changes_stops_and_contracts() -> None:
    def at(month: int, day: int, hour: int = 12) -> int:
        return int(datetime(2026, month, day, hour, tzinfo=ZONE).timestamp() * 1000)

    def event(service: str, at_ms: int, **payload: Any) -> dict[str, Any]:
        return {"subscriber": f"p-{service}", "subject": service, "happened_at_ms": at_ms} | payload

    world = inputs(
        ServiceOrdered=[
            event("web", at(9, 10), order="o1", offer="a", channel="web", initiator="subscriber"),
            event(
                "shop", at(9, 10), order="o2", offer="a", channel="counter", initiator="subscriber"
            ),
            event("slow", at(9, 10), order="o3", offer="a", channel="app", initiator="subscriber"),
            event("no", at(9, 10), order="o4", offer="a", channel="web", initiator="subscriber"),
            event("waits", at(9, 10), order="o5", offer="a", channel="web", initiator="partner:x"),
        ],
        ServiceChanged=[
            event("moved", at(11, 1), from_offer="a", to_offer="b", initiator="operator"),
            event("own", at(11, 1), from_offer="a", to_offer="b", initiator="subscriber"),
        ],
        ServiceStopped=[
            event("ended", at(11, 2), initiator="operator"),
            event("owing", at(11, 2), initiator="operator", reason="arrears"),
            event("left", at(10, 1), initiator="subscriber"),
        ],
        OfferPublished=[
            event(
                "a",
                at(1, 1) - 10**10,
                offer="a",
                offer_version="1",
                price_minor=100,
                currency="CNY",
                contract_months=6,
            ),
            event("b", at(1, 1), offer="b", offer_version="1", price_minor=100, currency="CNY"),
        ],
        ServiceActivated=[
            event("six", at(4, 30), offer="a", initiator="subscriber", offer_version="1"),
            event("left", at(4, 30), offer="a", initiator="subscriber"),
            event("free", at(4, 30), offer="b", initiator="subscriber"),
            event("web", at(9, 10), offer="b", initiator="subscriber", order="o1"),
            event("shop", at(9, 10), offer="b", initiator="subscriber", order="o2"),
            event("slow", at(9, 15), offer="b", initiator="subscriber", order="o3"),
        ],
        ConfirmationRefused=[
            event("no", at(9, 11), order="o4", offer="a", channel="web"),
        ],
    )
    day_ms = 24 * HOUR_MS
    assert found(world) == {
        ("web", "cn.order_told", "o1", "once"): at(9, 10) + HOUR_MS,
        ("slow", "cn.order_told", "o3", "once"): at(9, 15) + HOUR_MS,
        ("no", "cn.order_told", "o4", "once"): at(9, 11) + HOUR_MS,
        ("moved", "cn.change", "2026-11-01", "once"): at(11, 1) - 30 * day_ms,
        ("ended", "cn.service_stop", "2026-11-02", "once"): at(11, 2) - 30 * day_ms,
        ("owing", "cn.arrears_stop", "2026-11-02", "once"): at(11, 2) - 3 * day_ms,
        ("six", "cn.contract_end", "2026-10-30", "once"): at(10, 30) - 10 * day_ms,
    }


def test_a_stated_percentage_counts_where_rounding_left_the_amount_under_it() -> None:
    world = inputs(
        UsageCrossed=[
            {
                "subscriber": "p",
                "subject": "s",
                "happened_at_ms": START_MS + 5,
                "unit": "MB",
                "counter": "data_mb",
                "step": "80",
                "used": 819,
                "limit": 1024,
            },
        ]
    )
    assert found(world) == {("s", "cn.allowance_near", "2026-09-01/data", "80%"): START_MS + 5}


def test_a_mark_written_as_the_limit_is_not_taken_for_the_allowance() -> None:
    world = inputs(
        UsageCrossed=[
            {
                "subscriber": "p",
                "subject": "s",
                "happened_at_ms": START_MS + 5,
                "unit": "count",
                "counter": "sms",
                "step": "80%",
                "used": 9,
                "limit": 8,
            },
        ]
    )
    assert {duty for _, duty, _, _ in found(world)} == {"cn.allowance_near"}


def test_a_charge_billed_later_owes_no_second_notice() -> None:
    """The allowance was used up on 28 September; the charge for it comes on 3 October."""
    day_ms = 24 * HOUR_MS
    crossed = {
        "subscriber": "p",
        "subject": "s",
        "happened_at_ms": START_MS + 27 * day_ms,
        "unit": "MB",
        "counter": "data_mb",
        "step": "100",
        "used": 1024,
    }
    billed = {
        "subscriber": "p",
        "subject": "s",
        "charge": "c",
        "charge_kind": "overage",
        "offer": "o",
        "amount_minor": 100,
        "currency": "CNY",
        "happened_at_ms": START_MS + 32 * day_ms,
    }
    world = inputs(UsageCrossed=[crossed], ChargeMade=[billed])
    assert {period for _, _, period, _ in found(world)} == {"2026-09-01/data"}
    alone = inputs(ChargeMade=[billed])
    assert {period for _, _, period, _ in found(alone)} == {"2026-10-01/data"}


def test_duties_that_leave_no_trace_are_named() -> None:
    known, unknown = audited(BOOK), not_audited(BOOK)
    assert {duty.id for duty in known} | {duty.id for duty in unknown} == {
        duty.id for duty in BOOK.duties
    }
    assert "cn.allowance_reached" in {duty.id for duty in known}
    assert "cn.prepaid_expiry" in {duty.id for duty in unknown}


def roaming(months: list[tuple[int, list[int]]]) -> list[dict[str, Any]]:
    """Charges abroad of one line: month of 2026, and amounts a day apart."""
    return [
        {
            "subscriber": "p",
            "subject": "s1",
            "charge": f"c{month}-{day}",
            "offer": "o",
            "charge_kind": "roaming_data",
            "amount_minor": amount,
            "currency": "CNY",
            "country": "TH",
            "happened_at_ms": int(
                datetime(2026, month, day + 1, 12, tzinfo=ZONE).timestamp() * 1000
            ),
        }
        for month, amounts in months
        for day, amount in enumerate(amounts)
    ]


def caps(world: Inputs, pack: str = "cn") -> list[tuple[str, str, int]]:
    """Duty, step and mark of each cap that was due, in order."""
    rules = BOOK if pack == "cn" else book(pack, date(2026, 11, 24))
    owed = recompute(world, rules, start_ms=START_MS, end_ms=END_MS)
    of_caps = owed.filter(pl.col("threshold_minor").is_not_null()).sort("due_at_ms", "duty")
    return of_caps.select("duty", "step", "threshold_minor").rows()


def chosen(amount: int, at: datetime, duty: str = "cn.roaming_cap") -> pl.DataFrame:
    row = ("s1", duty, amount, int(at.timestamp() * 1000))
    return pl.DataFrame([row], schema=CHOICES, orient="row")


def test_a_cap_the_user_has_chosen_stands_in_the_place_of_the_standard_one() -> None:
    made = inputs(ChargeMade=roaming([(9, [3_000, 3_000, 6_000]), (10, [3_000, 3_000, 6_000])]))
    standard = ("cn.roaming_cap", "own", 10_000)
    assert caps(made) == [standard, standard]
    in_october = chosen(5_000, datetime(2026, 10, 1, tzinfo=ZONE))
    assert caps(replace(made, choices=in_october)) == [standard, ("cn.roaming_cap", "own", 5_000)]
    higher = chosen(20_000, datetime(2026, 8, 1, tzinfo=ZONE))
    assert caps(replace(made, choices=higher)) == []


def test_the_second_cap_is_for_those_without_one_of_their_own() -> None:
    made = [row | {"currency": "EUR"} for row in roaming([(9, [3_900, 200, 1_000, 5_000])])]
    world = inputs(ChargeMade=made)
    assert caps(world, "eu") == [
        ("eu.roam.w80", "80%", 4_000),
        ("eu.roam.gate1", "own", 5_000),
        ("eu.roam.gate2", "gate2", 10_000),
    ]
    own = chosen(8_000, datetime(2026, 8, 1, tzinfo=ZONE), "eu.roam.gate1")
    assert caps(replace(world, choices=own), "eu") == [
        ("eu.roam.gate1", "own", 8_000),
        ("eu.roam.w80", "80%", 6_400),
    ]


def test_a_record_abroad_within_the_hour_of_one_at_home_is_at_the_border() -> None:
    def record(number: int, minute: int, country: str, service: str = "s1") -> dict[str, Any]:
        return {
            "record": f"r{number}",
            "subscriber": "p",
            "service": service,
            "counter": "data",
            "at_ms": START_MS + minute * 60_000,
            "amount": 1,
            "limit": 0,
            "country": country,
        }

    rows = [
        record(1, 0, ""),
        record(2, 30, "HK"),
        record(3, 31, "HK"),
        record(4, 40, ""),
        record(5, 90, "MO"),
        record(6, 0, "", "s2"),
        record(7, 61, "HK", "s2"),
        record(8, 5, "HK", "s3"),
    ]
    world = replace(inputs(), usage=pl.DataFrame(rows))
    due = {key: at for key, at in found(world).items() if key[1] == "cn.roaming_border"}
    assert due == {
        ("s1", "cn.roaming_border", "HK@2026-09-01", "once"): START_MS + (30 + 24 * 60) * 60_000,
        ("s1", "cn.roaming_border", "MO@2026-09-01", "once"): START_MS + (90 + 24 * 60) * 60_000,
    }


def test_calls_abroad_count_for_a_cap_on_all_charges_and_not_for_one_on_data() -> None:
    rows = roaming([(9, [3_000, 7_500])])
    rows[1] |= {"charge_kind": "roaming_voice", "unit": "min"}
    assert caps(inputs(ChargeMade=rows)) == [("cn.roaming_cap", "own", 10_000)]
    in_euro = [row | {"currency": "EUR"} for row in rows]
    assert caps(inputs(ChargeMade=in_euro), "eu") == []
