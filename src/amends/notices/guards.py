"""What the database itself holds: the trail of self-examination is only ever added to."""

from __future__ import annotations

from amends.database.trigger import Trigger

_REFUSAL = "Steps of self-examination stay as they were written."

GUARDS = [
    Trigger(
        "notices_step_stays", "notices_examinationstep", "BEFORE UPDATE", "", refuse=_REFUSAL
    ),
    Trigger(
        "notices_step_not_removed", "notices_examinationstep", "BEFORE DELETE", "",
        refuse=_REFUSAL,
    ),
]  # fmt: skip
