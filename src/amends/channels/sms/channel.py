"""Text messages, by SMPP; `session.hold_line` sends them and takes them in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.channel import Channel
from amends.channels.sms.settings import sms_settings
from amends.channels.sms.writing.parts import count_parts

CHANNEL = Channel(
    name="sms",
    title=_("SMS"),
    noun=pgettext_lazy("channel", "text message"),
    by=_("by text message"),
    icon="message",
    receives=True,
    electronic=True,
    aliases=("sms", "text", "text message", "短信"),
    reaches="phone",
    on_record=True,
    receipted=True,
    proves_number=True,
    variables=("AMENDS_SMPP_URL", "AMENDS_SMS_FROM"),
    is_configured=lambda: sms_settings().centre is not None,
    count_parts=count_parts,
)
