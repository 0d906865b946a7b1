from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class ChatsConfig(registry.AmendsApp):
    name = "amends.chats"
    label = "chats"
    verbose_name = _("Chats")
    urls = (("desk/chats/", "amends.chats.web.urls"),)
    navigation = (
        registry.Entry(
            "work",
            "chats",
            _("Chats"),
            "message",
            "/desk/chats/",
            "complaints.handle",
            20,
            within="inbox",
        ),
    )
    case_kinds = ("amends.chats.case_kind.ChatKind",)
    jobs = (
        registry.Job("chats", 10, "amends.chats.jobs.watch.watch_chats", group="receive"),
        registry.Job("old chats", 3600, "amends.chats.actions.forget.forget_old"),
    )
    erasure = "amends.chats.actions.forget.erase"
    demonstration = "amends.chats.demonstration.chapter"
    export = "amends.chats.queries.export.subject_access_export"

    def ready(self) -> None:
        from amends.chats.queries.chat_settings import chat_settings

        # A value that cannot be used stops the start.
        chat_settings()
