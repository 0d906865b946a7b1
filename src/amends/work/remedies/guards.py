"""What the database itself holds: the refunds of a charge never exceed it.

Triggers keep `ChargeBalance.refunded_minor` equal to the sum of its remedies that are not rejected
or failed; the check constraint on that row refuses, and its row lock makes it true when two
refunds meet.
"""

from __future__ import annotations

from amends.platform.database.trigger import Trigger

_COUNTED = "{row}.charge IS NOT NULL AND {row}.state NOT IN ('rejected', 'failed')"
_IS_NEW = _COUNTED.format(row="NEW")
_IS_OLD = _COUNTED.format(row="OLD")
_TO_BALANCE = (
    "UPDATE remedies_chargebalance SET refunded_minor = refunded_minor {change}"
    " WHERE charge = {row}.charge;"
)
# One statement for an update: two triggers fire in no stated order and would pass the charge.
_CHANGE = (
    f"+ (CASE WHEN {_IS_NEW} THEN NEW.amount_minor ELSE 0 END)"
    f" - (CASE WHEN {_IS_OLD} THEN OLD.amount_minor ELSE 0 END)"
)

GUARDS = [
    Trigger(
        name="remedies_refund_added",
        table="remedies_remedy",
        events="AFTER INSERT",
        when=_IS_NEW,
        sqlite=_TO_BALANCE.format(change="+ NEW.amount_minor", row="NEW"),
    ),
    Trigger(
        name="remedies_refund_taken",
        table="remedies_remedy",
        events="AFTER DELETE",
        when=_IS_OLD,
        sqlite=_TO_BALANCE.format(change="- OLD.amount_minor", row="OLD"),
    ),
    Trigger(
        name="remedies_refund_changed",
        table="remedies_remedy",
        events="AFTER UPDATE",
        when="NEW.charge IS NOT NULL",
        sqlite=_TO_BALANCE.format(change=_CHANGE, row="NEW"),
    ),
    Trigger(
        name="remedies_charge_of_a_remedy_stays",
        table="remedies_remedy",
        events="BEFORE UPDATE",
        when="COALESCE(OLD.charge, '') <> COALESCE(NEW.charge, '')",
        refuse="The charge of a remedy cannot be exchanged; reject it and propose another.",
    ),
]
