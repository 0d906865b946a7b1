"""What other systems state of a line's limits: topped up, another plan, a balance.

They come by the same door as the events of the life cycle and reach the engine as `LineChange`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.enrolled_lines import enrolled
from amends.causes.notices.engine_models import LineChange, UsagePlan
from amends.engines.metering.engine.marks import BYTES_PER_MB, SECONDS_PER_MIN
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries import columns_of

LINE_EVENTS = ("top_up", "balance", "plan_change")
_AMOUNTS = {
    "amount_mb": ("data", BYTES_PER_MB),
    "amount_min": ("voice", SECONDS_PER_MIN),
    "amount_count": ("sms", 1),
    "amount_minor": ("money", 1),
}
_ORDERS_BACK = timedelta(days=3)
_REFERENCE = 40


@dataclass(frozen=True, slots=True)
class StatedChange:
    """A change of a line as it was stated: `figures` hold its amount, `offer` its plan."""

    ref: str
    kind: str
    service: str
    at: datetime
    offer: str
    figures: Mapping[str, str | int]


def record_changes(changes: Sequence[StatedChange]) -> int:
    """Write changes down in the caller's transaction; how many were new."""
    return sum(_recorded(change) for change in changes)


def check_change(change: StatedChange) -> None:
    """Refuse a change that cannot be used, with what is wrong."""
    if change.kind == "plan_change":
        _check_plan(_plan_of(change))
        return
    counter, amount = _amount_of(change)
    if change.kind == "balance" and counter != "money":
        raise BadInput(
            _("A balance is stated as amount_minor."),
            next_step=_("Fill in amount_minor."),
            code="line_change_malformed",
        )
    if change.kind == "top_up" and amount <= 0:
        raise BadInput(
            _("A top-up has an amount above zero."),
            next_step=_("State a corrected balance with the event balance."),
            code="line_change_malformed",
        )


def strangers(services: Collection[str]) -> set[str]:
    """Those that are not enrolled: a statement about them could change nothing."""
    wanted = sorted(set(services))
    return set(wanted) - set(enrolled(wanted)) if wanted else set()


def apply_executed_orders(*, now: datetime) -> int:
    """Plans changed by orders that were carried out, here or elsewhere; how many were new.

    The fact `ServiceChanged` names the offer; it moves the line to the plan of that name, where
    lines were enrolled with one.
    """
    plans = set(UsagePlan.objects.values_list("name", flat=True))
    if not plans:
        return 0
    facts = columns_of("ServiceChanged", start=now - _ORDERS_BACK, end=now).to_pylist()
    changes_by_order = {
        fact["id"]: StatedChange(
            ref=fact["id"],
            kind="plan_change",
            service=fact["subject"],
            at=from_ms(fact["happened_at_ms"]),
            offer=fact["to_offer"],
            figures={},
        )
        for fact in facts
        if fact["to_offer"] in plans and fact["to_offer"] != fact["from_offer"]
    }
    ids = [_reference(order_ref) for order_ref in changes_by_order]
    known_refs: set[str] = set()
    for part in slices(ids):
        rows = LineChange.objects.filter(reference__in=part)
        known_refs |= set(rows.values_list("reference", flat=True))
    return record_changes(
        [change for ref, change in changes_by_order.items() if _reference(ref) not in known_refs]
    )


def _recorded(change: StatedChange) -> bool:
    reference = _reference(change.ref)
    if change.kind == "plan_change":
        return change_line(
            change.service, "plan", reference=reference, at=change.at, plan=_plan_of(change)
        )
    counter, amount = _amount_of(change)
    return change_line(
        change.service,
        change.kind,
        reference=reference,
        at=change.at,
        amount=amount,
        counter=counter if change.kind == "top_up" else "",
    )


def _reference(ref: str) -> str:
    """What is part of the keys of what is armed again: the given reference, or its print."""
    return ref if len(ref) <= _REFERENCE else sha256(ref.encode()).hexdigest()[:_REFERENCE]


def _plan_of(change: StatedChange) -> str:
    return str(change.figures.get("plan") or change.offer)


def _check_plan(plan: str) -> None:
    if not plan:
        raise BadInput(
            _("A change of plan names the plan."),
            next_step=_("Fill in offer (or plan)."),
            code="line_change_malformed",
        )
    if not UsagePlan.objects.filter(name=plan).exists():
        raise BadInput(
            _("No line was ever enrolled with a plan “%(plan)s”, so its limits are not known."),
            next_step=_("Enrol a line with that plan first (amends notices enrol)."),
            values={"plan": plan},
            code="line_change_malformed",
        )


def _amount_of(change: StatedChange) -> tuple[str, int]:
    """The counter and the amount in its own unit."""
    given_amounts = [name for name in _AMOUNTS if name in change.figures]
    if len(given_amounts) != 1:
        raise BadInput(
            _("A %(kind)s states one amount."),
            next_step=_("Fill in one of %(known)s."),
            values={"kind": change.kind.replace("_", "-"), "known": ", ".join(_AMOUNTS)},
            code="line_change_malformed",
        )
    counter, scale = _AMOUNTS[given_amounts[0]]
    value = change.figures[given_amounts[0]]
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**40:
        raise BadInput(
            _("%(field)s “%(cell)s” is not a whole number that an amount can be."),
            next_step=_("Write it in whole units."),
            values={"field": given_amounts[0], "cell": value},
            code="line_change_malformed",
        )
    return counter, value * scale
