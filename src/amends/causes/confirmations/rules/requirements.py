"""What an order needs before it may be carried out: how often, by which methods, how long ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import RuleFile, Verified, rules_in_force

ORDERS = ("open", "change", "stop")
INITIATORS = ("subscriber", "operator", "system", "partner")
_ANY = "*"


class UnableToDemand(BadInput):
    """The kind of order or of initiator is unknown, or the pack has no rules of confirmation."""

    code = "order_unknown"


@dataclass(frozen=True, slots=True)
class Challenges:
    """How long a challenge lives and how often it may be tried and sent again."""

    valid_minutes: int
    attempts: int
    asks_per_step: int
    asks_per_day: int
    order_valid_hours: int


@dataclass(frozen=True, slots=True)
class RequirementGround:
    """A rule or exception in both languages, with its source."""

    id: str
    zh: str
    en: str
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class LegalException:
    """A stop or change a law allows without the user's word; it has to be named.

    disputed  classes of complaints that bar it while one is undecided, and how many days back
    """

    ground: RequirementGround
    orders: tuple[str, ...]
    initiators: tuple[str, ...]
    notice_days: int
    unpaid_days: int
    disputed: tuple[str, ...] = ()
    disputed_days: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What the rules of a day ask for one kind of order.

    times            confirmations needed, each by another challenge; 0 where no rule applies
    methods          those every rule that applies accepts
    notice_days      days between telling the user and carrying it out
    success_message  the result is sent at once
    monthly_bill     the list of running services is sent each month
    versions         the rule files, as facts and receipts cite them
    """

    times: int
    methods: tuple[str, ...]
    notice_days: int
    success_message: bool
    monthly_bill: bool
    grounds: tuple[RequirementGround, ...]
    exceptions: tuple[LegalException, ...]
    challenges: Challenges
    versions: tuple[str, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that apply."""
        return tuple(ground.id for ground in self.grounds)

    def exception(self, named: str) -> LegalException | None:
        """The exception of this name, if it may be claimed for the order."""
        return next(
            (exception for exception in self.exceptions if exception.ground.id == named), None
        )


@lru_cache(maxsize=4096)
def demand(jurisdiction: str, *, order: str, kind: str, initiator: str, on: date) -> Demand:
    """What a pack asks on a day for an order of one kind by one initiator; the strictest counts.

    >>> ring = demand("cn", order="open", kind="value_added", initiator="subscriber",
    ...               on=date(2026, 11, 24))
    >>> ring.times, ring.success_message, "click" in ring.methods
    (2, True, False)
    >>> demand("cn", order="open", kind="gift", initiator="operator", on=date(2024, 1, 1)).times
    0
    """
    if order not in ORDERS or initiator not in INITIATORS:
        raise UnableToDemand(
            gettext_noop("There is no order “%(order)s” by “%(initiator)s”."),
            next_step=gettext_noop("An order is %(orders)s; by %(initiators)s."),
            values={
                "order": order,
                "initiator": initiator,
                "orders": ", ".join(ORDERS),
                "initiators": ", ".join(INITIATORS),
            },
        )
    files = _files(jurisdiction, on)
    rows = [row for file in files for row in file.rules if _applies(row, order, kind, initiator)]
    return Demand(
        times=max((int(row["times"]) for row in rows), default=0),
        methods=_accepted_by_all(rows),
        notice_days=max((int(row.get("notice_days", 0)) for row in rows), default=0),
        success_message=any(row.get("success_message", False) for row in rows),
        monthly_bill=any(row.get("monthly_bill", False) for row in rows),
        grounds=tuple(_ground(row) for row in rows),
        exceptions=tuple(_exceptions(files, order, initiator)),
        challenges=Challenges(**files[-1].data["challenge"]),
        versions=tuple(file.version for file in files),
    )


def ground_of(jurisdiction: str, rule: str, on: date) -> RequirementGround | None:
    """A rule or exception by its id."""
    for file in _files(jurisdiction, on):
        for row in (*file.rules, *file.data.get("exceptions", [])):
            if row["id"] == rule:
                return _ground(row)
    return None


def _files(jurisdiction: str, on: date) -> tuple[RuleFile, ...]:
    files = rules_in_force(jurisdiction, "confirmations", "demands", on)
    if not files:
        raise UnableToDemand(
            gettext_noop("The pack %(pack)s has no rules of confirmation on %(day)s."),
            meaning=gettext_noop("Without them nothing may be carried out."),
            next_step=gettext_noop(
                "Name the rules under [apps.confirmations.demands] of the pack."
            ),
            values={"pack": jurisdiction, "day": on},
        )
    return files


def _applies(row: dict[str, Any], order: str, kind: str, initiator: str) -> bool:
    criteria = (("orders", order), ("kinds", kind), ("initiators", initiator))
    return all(_ANY in row[name] or value in row[name] for name, value in criteria)


def _accepted_by_all(rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    if not rows:
        return ()
    first, *other_methods = [list(row["methods"]) for row in rows]
    return tuple(
        method
        for method in first
        if all(method in methods_of_row for methods_of_row in other_methods)
    )


def _exceptions(files: Sequence[RuleFile], order: str, initiator: str) -> list[LegalException]:
    return [
        LegalException(
            ground=_ground(row),
            orders=tuple(row["orders"]),
            initiators=tuple(row["initiators"]),
            notice_days=int(row["notice_days"]),
            unpaid_days=int(row["unpaid_days"]),
            disputed=tuple(row.get("disputed", ())),
            disputed_days=int(row.get("disputed_days", 0)),
        )
        for file in files
        for row in file.data.get("exceptions", [])
        if order in row["orders"] and initiator in row["initiators"]
    ]


def _ground(row: dict[str, Any]) -> RequirementGround:
    return RequirementGround(
        id=row["id"], zh=row["zh"], en=row["en"], source=row["source"], verified=row["verified"]
    )
