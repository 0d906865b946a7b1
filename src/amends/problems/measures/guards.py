"""What the database itself refuses: a measure changed after its start, a verdict
rewritten. Whoever fixes the yardstick after the fact always finds that it worked.
"""

from __future__ import annotations

from amends.platform.database.trigger import Trigger, changed

_MEASURE, _JUDGED = "measures_measure", "measures_judgement"
_FIXED = (
    "number",
    "issue_id",
    "brand",
    "drill",
    "title",
    "cause",
    "action",
    "owner",
    "starts_on",
    "judge_on",
    "wash_out_days",
    "expected_drop_permille",
    "treated",
    "control",
    "left_from",
    "left_to",
    "planned_at",
    "planned_by",
    "started_at",
    "started_by",
    "digest",
)


GUARDS = [
    Trigger(
        name="measures_measure_fixed",
        table=_MEASURE,
        events="BEFORE UPDATE",
        when=f"OLD.started_at IS NOT NULL AND ({changed(_FIXED)})",
        refuse="What was fixed before a measure started stays; plan another measure.",
    ),
    Trigger(
        name="measures_measure_stays",
        table=_MEASURE,
        events="BEFORE DELETE",
        when="OLD.started_at IS NOT NULL",
        refuse="A measure that was started is kept.",
    ),
    Trigger(
        name="measures_verdict_final",
        table=_MEASURE,
        events="BEFORE UPDATE",
        when="OLD.verdict <> '' AND NEW.verdict <> OLD.verdict",
        refuse="The verdict of the day of judgement stays; plan another measure.",
    ),
    Trigger(
        "measures_judgement_stays",
        _JUDGED,
        "BEFORE UPDATE",
        refuse="A judgement is kept as it was made.",
    ),
    Trigger(
        "measures_judgement_kept",
        _JUDGED,
        "BEFORE DELETE",
        refuse="A judgement is kept as it was made.",
    ),
]
