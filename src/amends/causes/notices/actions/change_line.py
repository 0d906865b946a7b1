"""Tell the engine that a line has other limits, or that its user consents."""

from __future__ import annotations

from datetime import datetime

from amends.causes.notices.engine_models import LineChange, UsagePlan
from amends.engines.metering.engine.change import KINDS
from amends.engines.metering.engine.layout import COUNTERS
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.periods import to_ms


def change_line(
    service: str,
    kind: str,
    *,
    reference: str,
    at: datetime,
    counter: str = "",
    amount: int = 0,
    plan: str = "",
) -> bool:
    """Write down a change in the caller's transaction; False where its reference is known already.

    kind       top_up (counter and amount, in the counter's unit; of money: paid in), balance (what
               it stands at), plan (its name), own_mark, roaming_cap (amount), consent, or withdrawn
               (of a consent)
    at         from when on it holds; the engine takes it up then
    reference  unique; part of the keys of what it arms again
    """
    if kind not in KINDS:
        raise BadInput(
            gettext_noop("There is no change %(kind)s."),
            next_step=gettext_noop("Choose %(known)s."),
            values={"kind": kind, "known": ", ".join(KINDS)},
            code="line_change_malformed",
        )
    if kind == "top_up" and (counter not in COUNTERS or amount <= 0):
        raise BadInput(
            gettext_noop("A top-up names its counter and an amount above zero."),
            next_step=gettext_noop("Name one of %(known)s."),
            values={"known": ", ".join(COUNTERS)},
            code="line_change_malformed",
        )
    if kind == "plan" and not UsagePlan.objects.filter(name=plan).exists():
        raise BadInput(
            gettext_noop(
                "No line was ever enrolled with a plan “%(plan)s”, so its limits are not known."
            ),
            meaning=gettext_noop("The line keeps the plan it has."),
            next_step=gettext_noop("Enrol a line with that plan first (amends notices enrol)."),
            values={"plan": plan},
            code="line_change_malformed",
        )
    _, fresh = LineChange.objects.get_or_create(
        reference=reference,
        defaults={
            "service": service,
            "kind": kind,
            "counter": counter,
            "amount": amount,
            "plan": plan,
            "at_ms": to_ms(at),
        },
    )
    return fresh
