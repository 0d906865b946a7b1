from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

if TYPE_CHECKING:
    from amends.channels.queries.conversations import ConversationFigures


class ChatsConfig(registry.AmendsApp):
    name = "amends.entrances.chats"
    label = "chats"
    waiting = "amends.entrances.chats.waiting.SOURCES"
    part = registry.Part(
        name="chat",
        title=_("Chat"),
        description=_("Customers write on the public site; articles or staff answer."),
        modules=("amends.entrances.portals.public.chat",),
    )
    verbose_name = _("Chats")
    urls = (("desk/chats/", "amends.entrances.chats.web.urls"),)
    navigation = (
        registry.Entry(
            area="work",
            name="chats",
            label=_("Chats"),
            icon="message",
            path="/desk/chats/",
            permission="complaints.handle",
            order=20,
            within="inbox",
        ),
    )
    case_kinds = ("amends.entrances.chats.case_kind.ChatKind",)
    jobs = (
        registry.Job("chats", 10, "amends.entrances.chats.jobs.watch.watch_chats", group="receive"),
        registry.Job("old chats", 3600, "amends.entrances.chats.actions.forget.forget_old"),
    )
    demonstration = "amends.entrances.chats.demonstration.chapter"
    personal_data = registry.PersonalData(
        export="amends.entrances.chats.texts.export.subject_access_export",
        erase="amends.entrances.chats.actions.forget.erase",
    )

    def ready(self) -> None:
        from amends.channels.queries.conversations import figures_requested
        from amends.entrances.chats.settings import chat_settings

        # A value that cannot be used stops the start.
        chat_settings()
        figures_requested.connect(_chat_figures)


def _chat_figures(**period: Any) -> ConversationFigures:
    """Load the queries of chats when figures are wanted: a command starts faster without them."""
    from amends.entrances.chats.queries.figures import chat_figures

    return chat_figures(**period)
