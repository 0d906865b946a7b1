from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class ChannelsConfig(registry.AmendsApp):
    name = "amends.channels"
    label = "channels"
    verbose_name = _("Channels")
    commands = {
        "messages": "amends.channels.cli:app",
    }
    jobs = (
        registry.Job("send", 2, "amends.channels.jobs.send_due.send_due", group="send"),
        registry.Job("mail", 30, "amends.channels.jobs.fetch_mail.fetch_mail"),
        registry.Job(
            "unknown", 300, "amends.channels.jobs.resolve_unknown.look_up_unknown", group="send"
        ),
        registry.Job("tidy", 3600, "amends.channels.jobs.remove_orphaned_files.tidy"),
    )

    def ready(self) -> None:
        from amends.channels.app.settings import gateway
        from amends.channels.by_hand.settings import by_hand
        from amends.channels.mail.settings import mail_settings
        from amends.channels.sms.settings import sms_settings

        mail_settings()  # a setting that cannot be used stops the start
        sms_settings()
        by_hand()
        gateway()
        register_mail()
        register_sms()
        register_by_hand()
        register_app()


def register_mail() -> None:
    """Let the outbox know how mail is switched on and sent."""
    from amends.channels.mail.send import open_sender
    from amends.channels.mail.settings import mail_settings
    from amends.channels.senders import Switch, register_sender

    register_sender("mail", Switch(lambda: mail_settings().smtp is not None, open_sender))


def register_sms() -> None:
    """Let the outbox know how text messages are switched on; `jobs.hold_line` sends them."""
    from amends.channels.senders import Switch, register_sender
    from amends.channels.sms.settings import sms_settings

    register_sender("sms", Switch(lambda: sms_settings().centre is not None, None))


def register_by_hand() -> None:
    """Let the outbox know whether people call and post letters; `by_hand.work` is how they do."""
    from amends.channels.by_hand.settings import by_hand
    from amends.channels.senders import Switch, register_sender

    register_sender("phone", Switch(lambda: "phone" in by_hand(), None))
    register_sender("letter", Switch(lambda: "letter" in by_hand(), None))


def register_app() -> None:
    """Let the outbox know how messages to the operator's app are switched on and sent."""
    from amends.channels.app.send import open_sender
    from amends.channels.app.settings import gateway
    from amends.channels.senders import Switch, register_sender

    register_sender("app", Switch(lambda: gateway() is not None, open_sender))
