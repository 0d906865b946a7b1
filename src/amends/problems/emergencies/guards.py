"""What the database itself refuses: a public statement rewritten."""

from __future__ import annotations

from amends.platform.database.trigger import Trigger, changed

_STATEMENT = "emergencies_statement"
_STATEMENT_COLUMNS = (
    "issue_id",
    "version",
    "title_zh",
    "title_en",
    "text_zh",
    "text_en",
    "published_at",
    "published_by",
)


GUARDS = [
    Trigger(
        name="emergencies_statement_stays",
        table=_STATEMENT,
        events="BEFORE UPDATE",
        when=changed(_STATEMENT_COLUMNS),
        refuse="Public statements stays; publish another version.",
    ),
    Trigger(
        "emergencies_statement_kept",
        _STATEMENT,
        "BEFORE DELETE",
        refuse="Public statements stays; publish another version.",
    ),
]
