"""A wave of scams after the leak: through the real reports, consequences and delivery decisions.

Those whose data were accessed without a case get messages from two numbers. How people behave is
assumed; each person complains at most once, by the same chance with and without protection. The
complaints are counted and not stored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext_noop

from amends.causes.protection.actions.block_number import DECISION as BLOCK
from amends.causes.protection.actions.decide_delivery import DeliveryQuestion, decide_delivery
from amends.causes.protection.actions.report import NewReport, UnableToReportMore, report
from amends.causes.protection.demonstration import FRAUDS
from amends.causes.protection.queries import Step, first_step_at
from amends.people.access.actions.reach import reach_many
from amends.people.access.queries.staff import actor_with_ref
from amends.people.subscribers.queries import pseudonyms
from amends.platform.kit.actors import system
from amends.record.ledger.queries import columns_of
from amends.work.approvals.actions.decide import approve
from amends.work.approvals.queries import WaitingItem, deciders

DAYS = 10
MESSAGES_A_DAY = 0.4
"""Messages that each person in the wave gets daily, from either number."""
COMPLAIN, REPORT = 0.06, 0.15
"""Shares of the messages that were delivered without a warning and are complained of, reported."""
REPORT_MARKED = 0.3
"""The share reported of those with a warning; there are no complaints of these (assumed)."""
DECIDED_AFTER = timedelta(hours=2)
"""How long a request for a block waits for a second person (assumed)."""
MOST_PEOPLE, LEAST_PEOPLE = 80, 30


@dataclass(frozen=True, slots=True)
class ScamWave:
    """Figures of the wave; hours from its first message, None for what did not happen.

    complaints          people who complained; without: of the same world unprotected
    marked, blocked     messages of the wave, in the decisions of the network
    """

    people: int
    messages: int
    marked: int
    blocked: int
    reports: int
    complaints: int
    complaints_without: int
    marked_after_h: float | None
    blocked_after_h: float | None
    protected: bool

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document about the wave."""
        return {"scam_wave": asdict(self)}


def play_scam_wave(*, seed: int, now: datetime, gates: bool) -> ScamWave:
    """Play the last ten days; with `gates` the network requests a decision on each message."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    people = _leaked(chance, now)
    phones = {
        person_ref: contact_way.phone
        for person_ref, contact_way in reach_many(
            system("protection"),
            dict.fromkeys(people, "demo"),
            reason=gettext_noop("messages of the demonstration"),
            now=now - timedelta(days=DAYS + 1),
        ).items()
        if contact_way.phone
    }
    counts = {"messages": 0, "mark": 0, "block": 0, "reports": 0}
    complained: set[str] = set()
    without: set[str] = set()
    begin = None
    for message_index, (at, person, sender, text) in enumerate(
        _messages(chance, sorted(phones), now)
    ):
        begin = begin or at
        _decide_blocks(at)
        counts["messages"] += 1
        complains, reports = chance.random(), chance.random()
        if complains < COMPLAIN:
            without.add(person)
        action = "pass"
        if gates:
            delivery_question = DeliveryQuestion(
                key=f"demo:wave:{message_index}", thing="message", number=sender, to=phones[person]
            )
            action = decide_delivery(delivery_question, now=at).action
        if action in counts:
            counts[action] += 1
        if action == "pass" and complains < COMPLAIN:
            complained.add(person)
        likely = {"pass": REPORT, "mark": REPORT_MARKED}.get(action, 0.0)
        if reports < likely:
            counts["reports"] += _report(person, sender, text, f"demo:wave:{message_index}", at)
    senders, since = [sender for sender, _text in FRAUDS[:2]], begin or now
    return ScamWave(
        people=len(phones),
        messages=counts["messages"],
        marked=counts["mark"],
        blocked=counts["block"],
        reports=counts["reports"],
        complaints=len(complained),
        complaints_without=len(without),
        marked_after_h=_hours(begin, first_step_at(senders, Step.MARK, since=since)),
        blocked_after_h=_hours(begin, first_step_at(senders, Step.BLOCK, since=since)),
        protected=gates,
    )


def _decide_blocks(at: datetime) -> None:
    """A second person approves the blocks requested two hours ago or earlier."""
    waiting = WaitingItem.objects.filter(
        decision=BLOCK, state="waiting", asked_at__lte=at - DECIDED_AFTER
    )
    for item in waiting:
        if able := sorted(deciders(item, now=at)):
            approve(item.ref, actor=actor_with_ref(able[0]), now=at)


def _leaked(chance: random.Random, now: datetime) -> list[str]:
    """People whose data were accessed without a case; others too, where these are few."""
    access_facts = pl.from_arrow(
        columns_of(
            "DataAccessed",
            start=now - timedelta(days=200),
            end=now,
            fields=("subscriber", "case", "role"),
        )
    )
    assert isinstance(access_facts, pl.DataFrame)
    leaked = access_facts.filter(
        (pl.col("case") == "") & ~pl.col("role").is_in(["system", "subscriber"])
    )
    people = sorted(set(leaked["subscriber"].cast(pl.String).to_list()) - {"", None})
    people = people if len(people) <= MOST_PEOPLE else chance.sample(people, MOST_PEOPLE)
    if len(people) < LEAST_PEOPLE:
        other_people = sorted(set(pseudonyms()) - set(people))
        people += chance.sample(other_people, min(LEAST_PEOPLE - len(people), len(other_people)))
    return people


def _messages(
    chance: random.Random, people: list[str], now: datetime
) -> Iterator[tuple[datetime, str, str, str]]:
    """Time, person, sender and text of each message, in order."""
    scam_messages = []
    for day in range(DAYS, 0, -1):
        for person in people:
            if chance.random() < MESSAGES_A_DAY:
                at = now - timedelta(days=day) + timedelta(minutes=chance.randrange(24 * 60))
                scam_messages.append((at, person, *chance.choice(FRAUDS[:2])))
    yield from sorted(scam_messages)


def _report(person: str, sender: str, text: str, key: str, at: datetime) -> int:
    try:
        report(
            NewReport(
                key=key,
                thing="message",
                channel="app",
                number=sender,
                text=text,
                subscriber=person,
                proven=True,
            ),
            now=at,
        )
    except UnableToReportMore:
        return 0
    return 1


def _hours(begin: datetime | None, at: datetime | None) -> float | None:
    return round((at - begin).total_seconds() / 3600, 1) if begin and at else None
