"""What the engine takes for plausible: rule data, because an operator may know better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class PlausibilityLimits:
    """Bounds on usage records.

    largest       most one record can hold, by kind: bytes, seconds, messages, minor units
    charge_minor  most one record can charge
    future_ms     how much later than its file a record may be
    keep_days     how long record ids are stored; an older record is not counted
    jump_bits     change of the usual size of records, in powers of two, that stops a file
    jump_records  from how many records on a change of size is believed
    """

    largest: tuple[int, int, int, int]
    charge_minor: int
    future_ms: int
    keep_days: int
    jump_bits: int
    jump_records: int


def limits_in_force(on: date) -> PlausibilityLimits:
    """The bounds of the newest rule file in force.

    >>> limits_in_force(date(2026, 12, 1)).keep_days
    45
    """
    rows = {
        str(row["id"]): int(row["value"])
        for row in load_rules("amends.engines.metering", "usage", on).rules
    }
    return PlausibilityLimits(
        largest=(
            rows["largest_data"],
            rows["largest_voice"],
            rows["largest_sms"],
            rows["largest_charge"],
        ),
        charge_minor=rows["largest_charge"],
        future_ms=rows["future"] * 60_000,
        keep_days=rows["keep"],
        jump_bits=rows["jump_bits"],
        jump_records=rows["jump_records"],
    )
