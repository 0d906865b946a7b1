"""A chat as plain text."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.entrances.chats.choices import ChatAuthor
from amends.entrances.chats.models import Chat
from amends.entrances.chats.queries import lines_of


def transcript_text(chat: Chat) -> str:
    """The conversation as plain text in its language, with local times."""
    with override("zh-hans" if chat.language == "zh" else "en"):
        names = {
            ChatAuthor.VISITOR: _("You"),
            ChatAuthor.STAFF: _("Staff"),
            ChatAuthor.AMENDS: _("Automatic answer"),
        }
        lines = [
            f"[{timezone.localtime(line.at):%Y-%m-%d %H:%M}] "
            f"{names[ChatAuthor(line.author)]}: {line.text}"
            + "".join(f"\n  - {each.title}" for each in line.articles)
            + "".join(f"\n  [{each.name}]" for each in line.files)
            for line in lines_of(chat)
        ]
    return "\n".join(lines)
