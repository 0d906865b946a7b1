"""What the database itself holds: the trail of self-examination is only ever added to."""

from __future__ import annotations

from amends.platform.database.trigger import Trigger

_TABLE = "examinations_examinationstep"
_REFUSAL = "Steps of self-examination stay as they were written."

GUARDS = [
    Trigger(
        name="examinations_step_stays",
        table=_TABLE,
        events="BEFORE UPDATE",
        when="",
        refuse=_REFUSAL,
    ),
    Trigger(
        name="examinations_step_not_removed",
        table=_TABLE,
        events="BEFORE DELETE",
        when="",
        refuse=_REFUSAL,
    ),
]
