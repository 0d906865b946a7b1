"""The chat of the public site: read and answered in the app `chats`, sends nothing by itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.channel import Channel

CHANNEL = Channel(
    name="chat",
    title=_("Web chat"),
    noun=pgettext_lazy("channel", "chat"),
    icon="message",
    receives=True,
    electronic=True,
    aliases=("chat", "live chat", "webchat", "在线客服", "聊天"),
)
