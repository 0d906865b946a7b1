"""Triggers that refuse a request that changes, an answer that changes or is deleted, an
answer of an excluded person."""

from __future__ import annotations

from amends.platform.database.trigger import Trigger, changed

_TABLE = "approvals_waitingitem"
_ASKED = (
    "ref",
    "kind",
    "decision",
    "subject_kind",
    "subject_key",
    "part",
    "brands",
    "asked_by",
    "asked_at",
    "addressee_kind",
    "addressee",
    "excluded",
    "payload",
    "due_at",
    "on_silence",
    "hold_hours",
    "in_force_since",
    "in_force_until",
)
_ANSWERED = ("state", "answered_by", "answered_at", "rule", "rule_version", "evidence")
_IS_EXCLUDED = (
    "NEW.state IN ('approved', 'refused') AND NEW.answered_by <> ''"
    " AND CAST(NEW.excluded AS TEXT) LIKE '%\"' || NEW.answered_by || '\"%'"
)

GUARDS = [
    Trigger(
        name="approvals_question_fixed",
        table=_TABLE,
        events="BEFORE UPDATE",
        when=changed(_ASKED),
        refuse="A request is not changed; withdraw it and make another.",
    ),
    Trigger(
        name="approvals_answer_fixed",
        table=_TABLE,
        events="BEFORE UPDATE",
        when=f"OLD.state <> 'waiting' AND ({changed(_ANSWERED)})",
        refuse="An answer is not changed; undo what it did.",
    ),
    Trigger(
        name="approvals_undone_once",
        table=_TABLE,
        events="BEFORE UPDATE",
        when=f"OLD.undone_at IS NOT NULL AND ({changed(('undone_at', 'undone_by'))})",
        refuse="It is undone already.",
    ),
    Trigger(
        name="approvals_excluded_decides_update",
        table=_TABLE,
        events="BEFORE UPDATE",
        when=_IS_EXCLUDED,
        refuse="The requester and beneficiaries do not decide.",
    ),
    Trigger(
        name="approvals_excluded_decides_insert",
        table=_TABLE,
        events="BEFORE INSERT",
        when=_IS_EXCLUDED,
        refuse="The requester and beneficiaries do not decide.",
    ),
    Trigger(
        "approvals_item_stays",
        _TABLE,
        "BEFORE DELETE",
        refuse="Requests and answers remain on record.",
    ),
]
