"""What the database itself refuses: a measure changed after its start, a verdict or a public
statement rewritten. Whoever fixes the yardstick after the fact always finds that it worked.
"""

from __future__ import annotations

from amends.database.trigger import Trigger

_MEASURE, _JUDGED = "hotissues_measure", "hotissues_judgement"
_SAID = "hotissues_statement"
_FIXED = (
    "number", "issue_id", "brand", "drill", "title", "cause", "action", "owner", "starts_on",
    "judge_on", "wash_out_days", "expected_drop_permille", "treated", "control", "left_from",
    "left_to", "planned_at", "planned_by", "started_at", "started_by", "digest",
)  # fmt: skip
_WORDS = (
    "issue_id", "version", "title_zh", "title_en", "text_zh", "text_en", "published_at",
    "published_by",
)  # fmt: skip


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)


GUARDS = [
    Trigger(
        "hotissues_measure_fixed", _MEASURE, "BEFORE UPDATE",
        f"OLD.started_at IS NOT NULL AND ({_changed(_FIXED)})",
        refuse="What was fixed before a measure started stays; plan another measure.",
    ),
    Trigger(
        "hotissues_measure_stays", _MEASURE, "BEFORE DELETE", "OLD.started_at IS NOT NULL",
        refuse="A measure that was started is kept.",
    ),
    Trigger(
        "hotissues_verdict_final", _MEASURE, "BEFORE UPDATE",
        "OLD.verdict <> '' AND NEW.verdict <> OLD.verdict",
        refuse="The verdict of the day of judgement stays; plan another measure.",
    ),
    Trigger(
        "hotissues_judgement_stays", _JUDGED, "BEFORE UPDATE",
        refuse="A judgement is kept as it was made.",
    ),
    Trigger(
        "hotissues_judgement_kept", _JUDGED, "BEFORE DELETE",
        refuse="A judgement is kept as it was made.",
    ),
    Trigger(
        "hotissues_statement_stays", _SAID, "BEFORE UPDATE", _changed(_WORDS),
        refuse="What the public was told stays; publish another version.",
    ),
    Trigger(
        "hotissues_statement_kept", _SAID, "BEFORE DELETE",
        refuse="What the public was told stays; publish another version.",
    ),
]  # fmt: skip
