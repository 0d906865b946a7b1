"""What the database itself holds: the trail of self-examination is only ever added to."""

from __future__ import annotations

from amends.platform.database.trigger import Trigger

_TABLE = "examinations_examinationstep"
_REFUSAL = "Steps of self-examination stay as they were written."

GUARDS = [
    Trigger("examinations_step_stays", _TABLE, "BEFORE UPDATE", "", refuse=_REFUSAL),
    Trigger(
        "examinations_step_not_removed",
        _TABLE,
        "BEFORE DELETE",
        "",
        refuse=_REFUSAL,
    ),
]
