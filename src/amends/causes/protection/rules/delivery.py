"""Decide whether a message or call to a subscriber is passed, marked, delayed or blocked.

In this order: numbers that are never stopped, the subscriber's choice for this number, reports of
the number and the judgement of the text, quiet hours. The strictest applicable action is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from amends.platform.kit.packs import load_rules

ACTIONS = ("pass", "mark", "hold", "block")
"""Mildest first."""

_OF_STEP = {"mark": "number_marked", "warn": "number_warned", "block": "number_blocked"}


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The dated table.

    levels          level → what is known ("mark", "fraud", …) → action
    certain         label → least score (0 to 1) at which the text decides
    earlier_weight  reports of this weight have a number marked for minors and elders
    texts           reason → (Chinese, English) text of the warning
    """

    levels: Mapping[str, Mapping[str, str]]
    certain: Mapping[str, float]
    earlier_weight: float
    never: frozenset[str]
    quiet_prefixes: tuple[str, ...]
    likely_frauds: int
    within: timedelta
    texts: Mapping[str, tuple[str, str]]
    version: str


def delivery_rules(on: date) -> DeliveryRules:
    """The table in force on a day.

    >>> delivery_rules(date(2026, 12, 1)).levels["strict"]["fraud"]
    'block'
    """
    file = load_rules("amends.causes.protection", "delivery", on)
    rows: dict[str, Any] = {row["id"]: row for row in file.rules}
    label_names = ("mark", "warn", "block", "spam", "fraud")
    return DeliveryRules(
        levels={
            name: {label_name: rows[name][label_name] for label_name in label_names}
            for name in ("off", "marked", "strict", "careful")
        },
        certain={label: float(rows["certain"][label]) for label in ("spam", "fraud")},
        earlier_weight=float(rows["careful"]["earlier_weight"]),
        never=frozenset(rows["never"]["numbers"]),
        quiet_prefixes=tuple(rows["quiet"]["prefixes"]),
        likely_frauds=int(rows["second_contact"]["likely_frauds"]),
        within=timedelta(hours=rows["second_contact"]["within_hours"]),
        texts={
            name: (row["zh"], row["en"])
            for name, row in rows.items()
            if name.startswith(("number_", "text_"))
        },
        version=file.version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDelivery:
    """A message or call, and what is known of it.

    thing   "message" or "call"
    number  of the sender, without the code of our own country
    protected  "emergency", or "service" for a number that is never blocked, "" for any other
    step, weight, frauds  what the number is subject to, and its reports
    label, score  of the text of a message; "" and 0.0 of a call
    """

    thing: str
    number: str
    foreign: bool = False
    protected: str = ""
    step: str = ""
    weight: float = 0.0
    frauds: int = 0
    label: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Settings of the subscriber that matter now.

    level      off, marked or strict
    careful    a minor, or an elder with a second contact
    chosen     "allow" or "block" for this number, "" for neither
    quiet_until  end of the quiet hours that are now, None where there are none
    """

    level: str = "marked"
    careful: bool = False
    chosen: str = ""
    international_calls_off: bool = False
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The action for a message or call; `until` is when a delayed message is delivered."""

    action: str
    reason: str
    fraud: bool = False
    until: datetime | None = field(default=None)


def decide(incoming: IncomingDelivery, wishes: Wishes, *, rules: DeliveryRules) -> Delivery:
    """The action for a message or call.

    >>> rules = delivery_rules(date(2026, 12, 1))
    >>> warned = IncomingDelivery(thing="call", number="1", step="warn")
    >>> decide(warned, Wishes(), rules=rules).action
    'mark'
    """
    fraud = is_likely_fraud(incoming, rules=rules)
    if incoming.number in rules.never or incoming.protected == "emergency":
        return Delivery("pass", "never_stopped")
    if wishes.chosen == "block":
        return Delivery("block", "do_not_disturb", fraud)
    if wishes.chosen == "allow" and incoming.step != "block":
        return Delivery("pass", "allowed", fraud)
    if incoming.thing == "call" and incoming.foreign and wishes.international_calls_off:
        return Delivery("block", "international", fraud)
    action, reason = _by_what_is_known(incoming, wishes, rules)
    if incoming.protected and action != "pass":
        # The number of a bank or an operator may be forged, so that a warning remains.
        action = "mark"
    if wishes.quiet_until is not None and _disturbs(incoming, rules):
        quiet = "hold" if incoming.thing == "message" else "block"
        if ACTIONS.index(quiet) > ACTIONS.index(action):
            until = wishes.quiet_until if quiet == "hold" else None
            return Delivery(action=quiet, reason="quiet_hours", fraud=fraud, until=until)
    return Delivery(action, reason, fraud)


def is_likely_fraud(incoming: IncomingDelivery, *, rules: DeliveryRules) -> bool:
    """Whether the number is known for fraud, or the text certainly looks like one."""
    by_number = incoming.step in ("warn", "block") and incoming.frauds > 0
    return by_number or (incoming.label == "fraud" and incoming.score >= rules.certain["fraud"])


def quiet_until(local: datetime, *, quiet_from: time | None, until: time | None) -> datetime | None:
    """The end of the quiet hours that a local time is in; None outside them.

    >>> quiet_until(datetime(2026, 12, 1, 23), quiet_from=time(22), until=time(7))
    datetime.datetime(2026, 12, 2, 7, 0)
    >>> quiet_until(datetime(2026, 12, 1, 6), quiet_from=time(22), until=time(7))
    datetime.datetime(2026, 12, 1, 7, 0)
    >>> quiet_until(datetime(2026, 12, 1, 12), quiet_from=time(22), until=time(7)) is None
    True
    """
    if quiet_from is None or until is None or quiet_from == until:
        return None
    now = local.time()
    crosses = quiet_from > until
    inside = (now >= quiet_from or now < until) if crosses else quiet_from <= now < until
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if crosses and now >= quiet_from else 0)
    return datetime.combine(day, until, tzinfo=local.tzinfo)


def _by_what_is_known(
    incoming: IncomingDelivery, wishes: Wishes, rules: DeliveryRules
) -> tuple[str, str]:
    evidence = [(incoming.step, _OF_STEP[incoming.step])] if incoming.step else []
    if incoming.label in rules.certain and incoming.score >= rules.certain[incoming.label]:
        evidence.append((incoming.label, f"text_{incoming.label}"))
    levels = [wishes.level, *(["careful"] if wishes.careful else [])]
    candidates = [("pass", "nothing_known")]
    candidates += [
        (rules.levels[level][what], reason) for what, reason in evidence for level in levels
    ]
    if wishes.careful and incoming.weight >= rules.earlier_weight:
        candidates.append(("mark", "number_reported"))
    return max(candidates, key=lambda pair: ACTIONS.index(pair[0]))


def _disturbs(incoming: IncomingDelivery, rules: DeliveryRules) -> bool:
    """Whether quiet hours stop it: calls of companies and reported numbers, advertising messages.

    A code of a bank, or a person's own message, is legitimate and passes.
    """
    if incoming.thing == "message":
        return incoming.label in ("bulk", "spam", "fraud")
    return bool(incoming.step) or incoming.number.startswith(rules.quiet_prefixes)
