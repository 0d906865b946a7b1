"""A person's chats in a subject access export."""

from __future__ import annotations

from typing import Any

from amends.entrances.chats.models import Chat
from amends.entrances.chats.texts.transcripts import transcript_text


def subject_access_export(pseudonym: str) -> dict[str, Any]:
    """The chats in which the person showed who they are, with their transcripts."""
    rows = Chat.objects.filter(subscriber=pseudonym).order_by("began_at", "id")
    return {
        "chats": [
            {"began_at": row.began_at, "state": row.state, "transcript": transcript_text(row)}
            for row in rows
        ]
    }
