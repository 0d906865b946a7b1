"""How late a notice may arrive, and how early it may be sent, and still be in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.platform.kit.packs import load_rules

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How the auditor reads times: the same figures as the dossier of a complaint.

    late_minutes    by name of the duty; `""` for the others
    ahead_hours     how long before its due time a notice may have been sent, likewise
    receipt_hours   how long receipts may take
    names           names that mean the same duty: older name → name of today
    """

    late_minutes: dict[str, int]
    ahead_hours: dict[str, int]
    receipt_hours: int
    names: dict[str, str]

    def family(self, duty: str) -> str:
        """The name of a duty without its place, as it is called today."""
        own = duty.partition(".")[2] or duty
        return self.names.get(own, own)

    def late_ms(self, duty: str) -> int:
        """How much later than due a notice of this duty may arrive, in milliseconds."""
        minutes = self.late_minutes.get(self.family(duty), self.late_minutes[""])
        return minutes * MINUTE_MS

    def ahead_ms(self, duty: str) -> int:
        """How long before it is due a notice of this duty may be sent, in milliseconds."""
        hours = self.ahead_hours.get(self.family(duty), self.ahead_hours[""])
        return hours * HOUR_MS


def tolerance(on: date) -> Tolerance:
    """The tolerances in force on a day (`data/audit@….toml`)."""
    file = load_rules("amends.engines.duties", "audit", on)
    numbers = file.data["numbers"]
    return Tolerance(
        late_minutes=dict(file.data["late_minutes"]) | {"": int(numbers["late_minutes"])},
        ahead_hours=dict(file.data["ahead_hours"]) | {"": int(numbers["ahead_hours"])},
        receipt_hours=int(numbers["receipt_hours"]),
        names=dict(file.data["names"]),
    )
