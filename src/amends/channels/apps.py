from __future__ import annotations

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "amends.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amends.channels.mail.settings import mail_settings

        mail_settings()  # a setting of mail that cannot be used stops the start
        register_mail()


def register_mail() -> None:
    """Let the outbox know how mail is switched on and sent."""
    from amends.channels.mail.send import open_sender
    from amends.channels.mail.settings import mail_settings
    from amends.channels.switches import Switch, register_sender

    register_sender("mail", Switch(lambda: mail_settings().smtp is not None, open_sender))
