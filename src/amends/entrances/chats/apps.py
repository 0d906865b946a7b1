from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ChatsConfig(registry.AmendsApp):
    name = "amends.entrances.chats"
    label = "chats"
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
    erasure = "amends.entrances.chats.actions.forget.erase"
    demonstration = "amends.entrances.chats.demonstration.chapter"
    export = "amends.entrances.chats.queries.export.subject_access_export"

    def ready(self) -> None:
        from amends.channels.queries.conversations import figures_requested
        from amends.entrances.chats.queries.chat_settings import chat_settings
        from amends.entrances.chats.queries.figures import chat_figures

        # A value that cannot be used stops the start.
        chat_settings()
        figures_requested.connect(chat_figures)
