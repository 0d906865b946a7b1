"""Play a world through the desk: feeds deliver, people complain, rules and handlers decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from amends.access.actors import system
from amends.complaints.actions.investigate import investigate_many
from amends.complaints.actions.receive import receive_many
from amends.complaints.actions.settle import settle_alone
from amends.complaints.jobs.clocks import turn
from amends.complaints.submission import Receipt, Submission
from amends.demo.actions.handle import Handlers
from amends.demo.actions.load import FEED_DAYS, Loaded, Progress, load, quietly
from amends.demo.actions.staff import Staff, add_staff
from amends.demo.rules.comparison import Answer, Report, compare
from amends.demo.rules.simulate import World
from amends.demo.rules.tables import DAY_MS
from amends.kit.errors import Refused
from amends.kit.periods import from_ms, to_ms
from amends.remedies.actions.export import acknowledge, export
from amends.remedies.queries import remedies_of

_DESK = system("decide")
_KNOWN_BY = {"web": "operator_login", "app": "operator_login", "counter": "counter_document"}
_NEVER = 1 << 62
_REMEDIES_AT_ONCE = 500
_LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A complaint just opened: its deadline, and whether its words only ask something."""

    due_ms: int | None
    enquiry: bool


@dataclass(slots=True)
class Desk:
    """What the desk has received and decided so far, by the keys of the world's contacts."""

    loaded: Loaded
    handlers: Handlers
    receipts: dict[str, Receipt] = field(default_factory=dict)
    rulings: dict[str, tuple[str, int]] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)


def play(
    world: World, *, staff: Staff | None = None, progress: Progress = quietly
) -> tuple[Desk, Report]:
    """Load `world`, let its weeks pass, and compare what was decided with what is true.

    staff  who decides by hand; created here when left out
    """
    loaded = load(world, progress=progress)
    chance = np.random.default_rng([world.seed, 1])
    desk = Desk(loaded, Handlers((staff or add_staff()).actors, world.scenario.end_ms, chance))
    for step in run(desk):
        progress("days", step, _days(world))
    return desk, report(desk)


def _days(world: World) -> int:
    return (world.scenario.end_ms - world.scenario.start_ms) // DAY_MS


def run(desk: Desk) -> Iterator[int]:
    """Let the world's days pass, a delivery of the feeds at a time; yields the days gone by."""
    scenario = desk.loaded.world.scenario
    asks = desk.loaded.world.truth.select(["complaint"]).to_pylist()
    contacts = [
        row | kind for row, kind in zip(desk.loaded.world.contacts.to_pylist(), asks, strict=True)
    ]
    first = from_ms(scenario.start_ms)
    desk.loaded.feeds.deliver(until_ms=scenario.start_ms, now=first)
    done = 0
    for from_day_ms in range(scenario.start_ms, scenario.end_ms, FEED_DAYS * DAY_MS):
        until_ms = min(from_day_ms + FEED_DAYS * DAY_MS, scenario.end_ms)
        last = done
        while last < len(contacts) and contacts[last]["received_ms"] < until_ms:
            last += 1
        _pass_days(desk, contacts[done:last], until_ms)
        done = last
        yield (until_ms - scenario.start_ms) // DAY_MS


@transaction.atomic
def _pass_days(desk: Desk, contacts: list[dict[str, Any]], until_ms: int) -> None:
    """What happens between two deliveries, in one transaction: nobody else writes meanwhile."""
    now = from_ms(until_ms)
    fresh = _receive(desk, contacts)
    desk.loaded.feeds.deliver(until_ms=until_ms, now=now)
    _decide(desk, fresh, until_ms)
    desk.handlers.work(until_ms=until_ms)
    _book_refunds(now)
    turn(now=now)


def _decide(desk: Desk, fresh: dict[str, Opened], until_ms: int) -> None:
    """Rules settle what they may; the rest waits for a handler."""
    now = from_ms(until_ms)
    for found in investigate_many(fresh, actor=_DESK, now=now):
        ruling = found.ruling
        if ruling is not None:
            desk.rulings[found.complaint.id] = (ruling.verdict, ruling.amount_minor)
    desk.alone.update(dict.fromkeys(_settle_alone(list(fresh), now), until_ms))
    for ref, opened in fresh.items():
        if ref not in desk.alone:
            verdict, amount = desk.rulings.get(ref, ("", 0))
            desk.handlers.wait_for(
                ref, since_ms=until_ms, due_ms=opened.due_ms, verdict=verdict,
                amount_minor=amount, enquiry=opened.enquiry,
            )  # fmt: skip


def _settle_alone(refs: list[str], now: datetime) -> list[str]:
    """Settle together; where one is refused (its charge is refunded elsewhere), one by one."""
    try:
        return settle_alone(refs, now=now)
    except Refused:
        if len(refs) == 1:
            return []
        half = len(refs) // 2
        return _settle_alone(refs[:half], now) + _settle_alone(refs[half:], now)


def _receive(desk: Desk, contacts: list[dict[str, Any]]) -> dict[str, Opened]:
    """Receive contacts a day at a time; returns the complaints they opened."""
    opened: dict[str, Opened] = {}
    for day in _by_day(contacts):
        now = from_ms(day[-1]["received_ms"])
        receipts = receive_many([_submission(row) for row in day], now=now)
        for row, receipt in zip(day, receipts, strict=True):
            desk.receipts[row["key"]] = receipt
            if receipt.joined == "new":
                due_ms = to_ms(receipt.due_at) if receipt.due_at else None
                opened[receipt.complaint] = Opened(due_ms, enquiry=not row["complaint"])
    return opened


def _by_day(contacts: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    days: dict[int, list[dict[str, Any]]] = {}
    for row in contacts:
        days.setdefault(row["received_ms"] // DAY_MS, []).append(row)
    return list(days.values())


def _submission(row: dict[str, Any]) -> Submission:
    return Submission(
        channel=row["channel"],
        key=row["key"],
        text=row["text"],
        received_at=from_ms(row["received_ms"]),
        name=row["name"],
        phone=row["phone"],
        language=_LANGUAGES[row["language"]],
        identity=_KNOWN_BY.get(row["channel"], "challenge") if row["verified"] else "",
    )


def _book_refunds(now: datetime) -> None:
    """Billing takes the approved remedies and books them."""
    _, rows = export(now=now)
    if rows:
        acknowledge([(row.remedy, f"booking-{row.remedy[-12:]}") for row in rows], now=now)


def report(desk: Desk) -> Report:
    """Compare every contact's truth with what became of it."""
    contacts = desk.loaded.world.contacts["received_ms"].to_pylist()
    truths = desk.loaded.world.truth.to_pylist()
    granted = _granted({receipt.complaint for receipt in desk.receipts.values()})
    return compare(
        (truth, _answer(desk, truth, received_ms, granted))
        for truth, received_ms in zip(truths, contacts, strict=True)
    )


def _granted(complaints: set[str]) -> dict[str, int]:
    """What each complaint was granted, in fen."""
    money: dict[str, int] = {}
    refs = sorted(complaints)
    for first in range(0, len(refs), _REMEDIES_AT_ONCE):
        causes = [f"complaint:{ref}" for ref in refs[first : first + _REMEDIES_AT_ONCE]]
        for cause, some in remedies_of(causes).items():
            money[cause.removeprefix("complaint:")] = sum(
                one.amount_minor for one in some if one.state not in ("rejected", "failed")
            )
    return money


def _answer(desk: Desk, truth: dict[str, Any], received_ms: int, granted: dict[str, int]) -> Answer:
    receipt = desk.receipts[truth["key"]]
    ref = receipt.complaint
    verdict, amount = desk.rulings.get(ref, ("", 0))
    settled_ms = _settled_ms(desk, ref)
    first = desk.receipts.get(truth["contact_of"])
    return Answer(
        complaint=ref,
        joined=receipt.joined,
        code=receipt.code,
        verdict=verdict,
        amount_minor=amount,
        alone=ref in desk.alone,
        decided=settled_ms is not None,
        in_time=_in_time(desk, receipt, settled_ms),
        refunded_minor=granted.get(ref, 0),
        joinable=first is not None and (_settled_ms(desk, first.complaint) or _NEVER) > received_ms,
    )


def _settled_ms(desk: Desk, complaint: str) -> int | None:
    return desk.alone.get(complaint) or desk.handlers.decided.get(complaint)


def _in_time(desk: Desk, receipt: Receipt, settled_ms: int | None) -> bool | None:
    """Whether the answer came by the deadline; None while there is still time, or no deadline."""
    if receipt.due_at is None:
        return None
    due_ms = to_ms(receipt.due_at)
    if settled_ms is not None:
        return settled_ms <= due_ms
    return False if due_ms < desk.loaded.world.scenario.end_ms else None
