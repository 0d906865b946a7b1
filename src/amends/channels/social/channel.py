"""Social media: posts are answered where they were written, people reached nowhere else by it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.channel import Channel
from amends.channels.social.send import open_sender
from amends.channels.social.settings import social_settings

CHANNEL = Channel(
    name="social",
    title=_("Social"),
    noun=pgettext_lazy("channel", "social media"),
    icon="message",
    receives=True,
    electronic=True,
    aliases=("social", "facebook", "twitter", "weibo", "wechat", "微博", "微信", "公众号"),
    is_configured=lambda: social_settings().send,
    open_sender=open_sender,
)
