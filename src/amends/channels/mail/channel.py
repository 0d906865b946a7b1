"""Mail: over IMAP in, over SMTP out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.channel import Channel
from amends.channels.mail.send import open_sender
from amends.channels.mail.settings import mail_settings

CHANNEL = Channel(
    name="mail",
    title=_("Email"),
    noun=pgettext_lazy("channel", "email"),
    by=_("by email"),
    icon="mail",
    receives=True,
    electronic=True,
    aliases=("email", "e-mail", "mail", "邮件", "电子邮件", "邮箱"),
    reaches="email",
    on_record=True,
    variables=("AMENDS_SMTP_URL", "AMENDS_MAIL_FROM", "AMENDS_IMAP_URL"),
    is_configured=lambda: mail_settings().smtp is not None,
    open_sender=open_sender,
)
