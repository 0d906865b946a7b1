"""Faults located to the link that causes them, and what is no fault."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from amends.causes.vetting.rules.chain_events import ChainEvent
from amends.causes.vetting.rules.chains import ServiceChain, chain_of
from amends.causes.vetting.rules.fault_location import locate_faults

START = datetime(2026, 5, 4, tzinfo=UTC)
FROM, TO = START + timedelta(hours=50), START + timedelta(hours=54)
CHAIN = chain_of(
    "tones",
    [
        ("app", "app", ["start", "journey"]),
        ("billing", "billing", ["b1", "b2"]),
        ("content", "provider", ["p1", "p2"]),
        ("network", "network", ["n1", "n2"]),
        ("platform", "delivery", ["d1", "d2"]),
    ],
)

Result = Callable[[str, str, datetime], tuple[bool, float]]


def usual(link: str, probe: str, at: datetime) -> tuple[bool, float]:
    """Passed, at the usual speed."""
    return True, 1.0


def observed(result: Result, *more: ChainEvent, chain: ServiceChain = CHAIN) -> list[ChainEvent]:
    """Four days of probes every ten minutes, with `result` inside the fault's time."""
    rng, events = random.Random(7), list(more)
    for link in chain.links:
        for probe in link.probes:
            for number in range(4 * 144):
                at = START + timedelta(minutes=10 * number + rng.uniform(0, 4))
                ok, factor = result(link.id, probe, at) if FROM <= at < TO else (True, 1.0)
                ok = ok and rng.random() > 0.01
                ms = 80.0 * factor * rng.lognormvariate(0, 0.15)
                events.append(ChainEvent(at, "probe", link.id, ok, ms if ok else None, probe))
    rng.shuffle(events)
    return events


def links(events: list[ChainEvent]) -> list[str]:
    """The links at fault, by name."""
    return sorted(one.link for one in locate_faults(events, CHAIN))


def failing(*names: str) -> Result:
    """Links (or probes) of these names fail."""
    return lambda link, probe, at: (link not in names and probe not in names, 1.0)


def every(minutes: float, start: datetime, end: datetime) -> Iterator[datetime]:
    """Times from start to end."""
    while start < end:
        yield start
        start += timedelta(minutes=minutes)


def test_the_fault_belongs_to_the_link_that_causes_it() -> None:
    assert links(observed(failing("content", "platform", "app"))) == ["content"]
    assert links(observed(failing("platform", "app"))) == ["platform"]
    assert links(observed(failing("network", "app"))) == ["network"]
    assert links(observed(failing("app"))) == ["app"]
    assert links(observed(failing("billing"))) == ["billing"]


def test_a_fault_is_dated_by_what_failed() -> None:
    (fault,) = locate_faults(observed(failing("platform", "app")), CHAIN)
    assert abs(fault.from_at - FROM) < timedelta(minutes=20)
    assert abs(fault.to_at - TO) < timedelta(minutes=20)
    assert fault.evidence.failed >= 80


def test_a_link_may_be_slow_without_being_down() -> None:
    def slow(link: str, probe: str, at: datetime) -> tuple[bool, float]:
        return True, 3.0 if link in ("content", "platform") else 1.4 if link == "app" else 1.0

    assert links(observed(slow)) == ["content"]


def test_two_faults_at_the_same_time_are_both_located() -> None:
    assert links(observed(failing("network", "app", "billing"))) == ["billing", "network"]


def test_a_probe_that_fails_alone_is_no_fault() -> None:
    assert links(observed(failing("d1"))) == []
    assert links(observed(failing("b2"))) == []


def test_all_probes_failing_for_minutes_is_a_fault_of_the_prober() -> None:
    def outage(link: str, probe: str, at: datetime) -> tuple[bool, float]:
        return at > FROM + timedelta(minutes=25), 1.0

    assert links(observed(outage)) == []


def test_all_probes_failing_for_hours_is_a_fault_of_the_link_that_all_meet() -> None:
    small = chain_of(
        "tones", [("content", "provider", ["p1", "p2"]), ("app", "app", ["start", "journey"])]
    )
    found = locate_faults(observed(failing("content", "app"), chain=small), small)
    assert [one.link for one in found] == ["content"]


def test_a_result_of_years_ago_hides_no_fault() -> None:
    old = ChainEvent(START - timedelta(days=9_000), "probe", "content", True, 80.0, "p1")
    assert links(observed(failing("network", "app"), old)) == ["network"]


def test_complaints_alone_prove_nothing() -> None:
    wave = [
        ChainEvent(at, "complaint", "", None, None, "service.fault") for at in every(2, FROM, TO)
    ]
    assert links(observed(usual, *wave)) == []


def test_links_of_other_services_prove_nothing() -> None:
    other = [
        ChainEvent(FROM, "incident", "another", False, None, "outage"),
        *(ChainEvent(at, "probe", "another", False, None, "x") for at in every(5, FROM, TO)),
        *(
            ChainEvent(at, "charge", "another", False, None, "unconfirmed")
            for at in every(5, FROM, TO)
        ),
    ]
    assert links(observed(usual, *other)) == []


def test_charges_without_confirmation_are_a_fault_of_billing() -> None:
    rng = random.Random(3)
    charges = []
    for at in every(12, START, START + timedelta(days=4)):
        ok = rng.random() > (0.5 if FROM <= at < TO else 0.01)
        what = "confirmed" if ok else rng.choice(["unconfirmed", "repeated"])
        charges.append(ChainEvent(at, "charge", "billing", ok, None, what))
    (fault,) = locate_faults(observed(usual, *charges), CHAIN)
    assert fault.link == "billing"
    assert fault.evidence.unconfirmed + fault.evidence.repeated >= 5


def test_an_open_incident_is_evidence_though_no_probe_fails() -> None:
    incident = [
        ChainEvent(FROM, "incident", "network", False, None, "degradation"),
        ChainEvent(TO, "incident", "network", True, None, "degradation"),
    ]
    (fault,) = locate_faults(observed(usual, *incident), CHAIN)
    assert (fault.link, fault.from_at, fault.to_at) == ("network", FROM, TO)


def test_an_incident_of_a_link_that_suffers_is_no_second_fault() -> None:
    middle = FROM + timedelta(hours=2)
    incident = ChainEvent(middle, "incident", "app", False, None, "errors")
    assert links(observed(failing("content", "platform", "app"), incident)) == ["content"]


def test_a_planned_work_without_failures_is_no_fault() -> None:
    work = ChainEvent(FROM, "incident", "network", False, None, "planned work")
    assert links(observed(usual, work)) == []


def test_nothing_observed_is_nothing_located() -> None:
    assert locate_faults([], CHAIN) == []
