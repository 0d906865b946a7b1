"""Services with their chains: a delivery that fails, a partner that bills without confirmation.

The fault lasts until it is corrected: with gates an hour after the probes located it, without
them the next day. The same people lose patience after the same time in both worlds.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.queries.received import complaints_by_offer
from amends.causes.vetting.actions.locate_service_faults import locate_service_faults
from amends.causes.vetting.actions.register_services import (
    LinkEntry,
    ServiceEntry,
    register_service,
)
from amends.causes.vetting.actions.score_partners import score_partners
from amends.causes.vetting.actions.store_results import store_results
from amends.causes.vetting.actions.watch_service import watch_service
from amends.causes.vetting.rules.chain_events import PROBE, ChainEvent
from amends.causes.vetting.rules.chains import chain_of
from amends.causes.vetting.rules.fault_location import locate_faults
from amends.causes.vetting.rules.partner_scores import (
    UNCONFIRMED,
    ComponentCount,
    partner_standings,
)
from amends.people.subscribers.queries import services_on
from amends.platform.kit.actors import system
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries.columns import columns_of
from amends_demo.actions.play import DeskProgress
from amends_demo.rules.catalogue import OFFERS

FAILING = "video-pod"
_DAYS, _BEGAN = 7, timedelta(days=3, hours=5)
_UNNOTICED, _CORRECTED = timedelta(hours=30), timedelta(hours=1)
_EVERY = timedelta(minutes=10)
_PATIENCE_H = 14.0
_LOOK_BACK_DAYS = 90
_CHAIN = (
    ("provider", ("health", "catalogue")),
    ("delivery", ("api", "content")),
    ("network", ("dns", "edge")),
    ("billing", ("charge", "balance")),
    ("app", ("start", "journey")),
)
_MEETS = {"delivery": ("delivery", "app")}


@dataclass(frozen=True, slots=True)
class ServicesWatched:
    """Findings of probes and scores, with their times against the peak of complaints.

    located_after_min    minutes from the beginning of the fault to its location; None where missed
    fault_h              hours the fault lasted
    complaints           about the failing service; `complaints_without`: had nothing watched it
    unconfirmed          partner that bills without confirmation, "" where there is none
    before_peak_days     days from its score to the peak of complaints about its services
    """

    link: str
    located_after_min: int | None
    fault_h: float
    complaints: int
    complaints_without: int
    unconfirmed: str
    before_peak_days: int | None

    def as_dict(self) -> dict[str, Any]:
        """For the document of the command."""
        return {
            "services": {
                "link": self.link,
                "located_after_min": self.located_after_min,
                "fault_h": self.fault_h,
                "complaints": self.complaints,
                "complaints_without": self.complaints_without,
                "unconfirmed": self.unconfirmed,
                "before_peak_days": self.before_peak_days,
            }
        }


def watch_services(desk: DeskProgress, *, seed: int, now: datetime, gates: bool) -> ServicesWatched:
    """Register the services, let the delivery of one fail, score the partners."""
    world = desk.loaded.world
    subscriber_by_pseudonym = dict(
        zip(desk.loaded.pseudonyms, world.subscribers.to_pylist(), strict=True)
    )
    owners = [owner for _ref, owner in services_on(FAILING, at=now, limit=10_000)]
    users = [subscriber_by_pseudonym[owner] for owner in owners if owner in subscriber_by_pseudonym]
    return play_services(users, seed=seed, now=now, gates=gates)


def play_services(
    users: Sequence[dict[str, Any]], *, seed: int, now: datetime, gates: bool
) -> ServicesWatched:
    """The same for users of the failing service, each with `name` and `phone`."""
    chance = random.Random(f"services-{seed}")  # noqa: S311 (invented figures)
    for offer in OFFERS:
        if offer.provider:
            _register(offer.ref, offer.zh, offer.en, offer.provider, now)
    began = now - _BEGAN
    drawn = chance.getrandbits(32)
    unnoticed = _results(FAILING, (began, began + _UNNOTICED), now, random.Random(drawn))  # noqa: S311
    located_at = _located(unnoticed, began)
    lasted = _UNNOTICED
    if gates and located_at is not None:
        lasted = min(_UNNOTICED, located_at - began + _CORRECTED)
    corrected = _results(FAILING, (began, began + lasted), now, random.Random(drawn))  # noqa: S311
    store_results(FAILING, corrected)
    for offer in OFFERS:
        if offer.provider and offer.ref != FAILING:
            store_results(offer.ref, _results(offer.ref, None, now, chance))
    patience = [chance.expovariate(1 / _PATIENCE_H) for _ in users]
    without = sum(patience_hours < _UNNOTICED.total_seconds() / 3600 for patience_hours in patience)
    refs = [
        _complain(user, began + timedelta(hours=waited), number)
        for number, (user, waited) in enumerate(zip(users, patience, strict=True))
        if waited < lasted.total_seconds() / 3600
    ]
    investigate_many(refs, actor=system("desk"), now=now)
    locate_service_faults(now=now)
    score_partners(now=now)
    partner, days = _unconfirmed_partner(now)
    return ServicesWatched(
        link="delivery",
        located_after_min=(
            None if located_at is None else round((located_at - began).total_seconds() / 60)
        ),
        fault_h=round(lasted.total_seconds() / 3600, 1),
        complaints=len(refs),
        complaints_without=without,
        unconfirmed=partner,
        before_peak_days=days,
    )


def _register(ref: str, zh: str, en: str, provider: str, now: datetime) -> None:
    links = [
        LinkEntry(kind, kind, provider if kind in ("provider", "delivery") else "")
        for kind, _probes in _CHAIN
    ]
    register_service(
        ServiceEntry(
            ref=ref,
            origin="third_party",
            name_zh=zh,
            name_en=en,
            provider=provider,
            offer=ref,
            charge_text=zh,
            stop_zh="在“我的业务”页面，或致电客服",
            stop_en="On the page “My services”, or by our hotline",
            links=links,
        ),
        now=now,
    )
    host = f"https://{ref}.example"
    probes = [
        {
            "id": kind,
            "kind": kind,
            "probes": [
                {"id": probe, "kind": "http", "target": f"{host}/{kind}/{probe}"} for probe in names
            ],
        }
        for kind, names in _CHAIN
    ]
    # Hosts of the demonstration do not exist: its results are simulated, none is fetched.
    watch_service({"service": ref, "links": probes}, now=now + timedelta(days=3_650))


def _results(
    ref: str, fails: tuple[datetime, datetime] | None, now: datetime, chance: random.Random
) -> list[ChainEvent]:
    """Results of a week: of the failing service each ten minutes, of the others hourly."""
    every = _EVERY if fails else 6 * _EVERY
    events = []
    for kind, names in _CHAIN:
        for name in names:
            at = now - timedelta(days=_DAYS)
            while at < now:
                is_down = fails and kind in _MEETS["delivery"] and fails[0] <= at < fails[1]
                passed = chance.random() > (0.9 if is_down else 0.004)
                ms = chance.lognormvariate(4.5, 0.2) if passed else None
                events.append(
                    ChainEvent(at=at, source=PROBE, link=kind, ok=passed, ms=ms, what=name)
                )
                at += every * chance.uniform(0.8, 1.2)
    return events


def _located(events: Sequence[ChainEvent], began: datetime) -> datetime | None:
    """When the fault is located from what was known by then, looking each quarter of an hour."""
    chain = chain_of(FAILING, [(kind, kind, names) for kind, names in _CHAIN])
    for quarter in range(1, 48):
        at = began + quarter * timedelta(minutes=15)
        located_faults = locate_faults((event for event in events if event.at < at), chain)
        if any(located_fault.link == "delivery" for located_fault in located_faults):
            return at
    return None


def _complain(user: dict[str, Any], at: datetime, number: int) -> str:
    receipt = receive(
        Submission(
            channel="app",
            key=f"service-{FAILING}-{number}",
            text="豆荚视频包打不开，一直转圈，但是每月照样扣15元。",
            received_at=at,
            name=user["name"],
            phone=user["phone"],
            identity="operator_login",
        ),
        now=at,
    )
    return receipt.complaint


def _unconfirmed_partner(now: datetime) -> tuple[str, int | None]:
    """The partner with services that no user confirmed, and how long before the complaint peak its
    score shows it, made each day from the facts of that day."""
    start = now - timedelta(days=2 * _LOOK_BACK_DAYS)
    provider = {offer.ref: offer.provider for offer in OFFERS if offer.provider}
    opened = columns_of("ServiceActivated", start=start, end=now, fields=("subject", "offer"))
    given_confirmations = columns_of(
        "ConfirmationGiven", start=start, end=now, fields=("subject", "offer")
    )
    confirmed = {row["subject"] for row in given_confirmations.to_pylist()}
    services = [
        (from_ms(row["happened_at_ms"]), provider[row["offer"]], row["subject"] in confirmed)
        for row in opened.to_pylist()
        if row["offer"] in provider
    ]
    for day in range(2 * _LOOK_BACK_DAYS, -1, -1):
        at = now - timedelta(days=day)
        judged = Counter(partner_ref for when, partner_ref, _ok in services if when < at)
        wrong = Counter(partner_ref for when, partner_ref, ok in services if when < at and not ok)
        standings = partner_standings(
            ComponentCount(partner=ref, component=UNCONFIRMED, bad=wrong[ref], exposure=count)
            for ref, count in judged.items()
        )
        worse = [
            partner_standing.partner for partner_standing in standings if partner_standing.worse
        ]
        if worse:
            peak = _peak(
                [ref for ref, provider_ref in provider.items() if provider_ref == worse[0]],
                start,
                now,
            )
            return worse[0], None if peak is None else (peak - at).days
    return "", None


def _peak(offers: Sequence[str], start: datetime, end: datetime) -> datetime | None:
    """The end of the week with most complaints about some offers."""
    times = [
        at
        for complaint_times in complaints_by_offer(offers, start, end).values()
        for at in complaint_times
    ]
    if not times:
        return None
    week = timedelta(days=7)
    return max(times, key=lambda at: sum(at - week < time <= at for time in times))
