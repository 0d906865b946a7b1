"""What the database itself refuses: a public statement rewritten."""

from __future__ import annotations

from amends.database.trigger import Trigger, changed

_SAID = "emergencies_statement"
_WORDS = (
    "issue_id", "version", "title_zh", "title_en", "text_zh", "text_en", "published_at",
    "published_by",
)  # fmt: skip


GUARDS = [
    Trigger(
        "emergencies_statement_stays", _SAID, "BEFORE UPDATE", changed(_WORDS),
        refuse="What the public was told stays; publish another version.",
    ),
    Trigger(
        "emergencies_statement_kept", _SAID, "BEFORE DELETE",
        refuse="What the public was told stays; publish another version.",
    ),
]  # fmt: skip
