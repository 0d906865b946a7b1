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
        "approvals_question_fixed",
        _TABLE,
        "BEFORE UPDATE",
        changed(_ASKED),
        refuse="A request is not changed; withdraw it and make another.",
    ),
    Trigger(
        "approvals_answer_fixed",
        _TABLE,
        "BEFORE UPDATE",
        f"OLD.state <> 'waiting' AND ({changed(_ANSWERED)})",
        refuse="An answer is not changed; undo what it did.",
    ),
    Trigger(
        "approvals_undone_once",
        _TABLE,
        "BEFORE UPDATE",
        f"OLD.undone_at IS NOT NULL AND ({changed(('undone_at', 'undone_by'))})",
        refuse="It is undone already.",
    ),
    Trigger(
        "approvals_excluded_decides_update",
        _TABLE,
        "BEFORE UPDATE",
        _IS_EXCLUDED,
        refuse="The requester and beneficiaries do not decide.",
    ),
    Trigger(
        "approvals_excluded_decides_insert",
        _TABLE,
        "BEFORE INSERT",
        _IS_EXCLUDED,
        refuse="The requester and beneficiaries do not decide.",
    ),
    Trigger(
        "approvals_item_stays",
        _TABLE,
        "BEFORE DELETE",
        refuse="Requests and answers remain on record.",
    ),
]
