from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ChannelsConfig(registry.AmendsApp):
    name = "amends.channels"
    label = "channels"
    waiting = "amends.channels.waiting.SOURCES"
    decisions = (
        registry.ExemptDecision(
            name="channels.answer_post",
            title=_("Answer a post in public"),
            effect="speak",
            decides="social.approve",
            rule=_(
                "One person writes the answer and another approves it; it is checked for "
                "personal data."
            ),
            undo_note=_("The answer is deleted at the platform."),
        ),
    )
    personal_data = registry.PersonalData(erase="amends.channels.actions.forget.erase")
    verbose_name = _("Channels")
    commands = {
        "messages": "amends.channels.cli:app",
        "social": "amends.channels.social.cli:app",
    }
    urls = (
        ("hooks/social/", "amends.channels.social.urls"),
        ("desk/settings/channels/", "amends.channels.web.urls"),
    )
    settings_pages = (
        registry.SettingsPage(
            title=_("Channels"),
            description=_("Which channels send messages; a test message to yourself."),
            icon="message",
            name="channels",
            permission="admin",
        ),
    )
    queues = {"received": "amends.channels.queries.received.oldest_undispatched_at"}
    jobs = (
        registry.Job("send", 2, "amends.channels.jobs.send_due.send_due", group="send"),
        registry.Job("mail", 30, "amends.channels.jobs.fetch_mail.fetch_mail", group="fetch"),
        registry.Job(
            "unknown", 300, "amends.channels.jobs.resolve_unknown.look_up_unknown", group="fetch"
        ),
        registry.Job("social", 30, "amends.channels.jobs.fetch_social.fetch_social", group="fetch"),
        registry.Job(
            "lost answers",
            300,
            "amends.channels.jobs.resolve_lost_answers.resolve_lost_answers",
            group="fetch",
        ),
        registry.Job(
            "tidy", 3600, "amends.channels.jobs.remove_orphaned_files.tidy", group="heavy"
        ),
    )

    def ready(self) -> None:
        from amends.channels.register import register_senders

        register_senders()
