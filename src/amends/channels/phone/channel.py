"""Calls: taken down by a handler, and made by people where the operator has some."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.by_hand.settings import by_hand
from amends.channels.channel import Channel

CHANNEL = Channel(
    name="phone",
    title=_("Phone"),
    noun=pgettext_lazy("channel", "call"),
    icon="phone",
    receives=True,
    aliases=(
        "phone",
        "call",
        "customer care call",
        "telephone",
        "hotline",
        "voice",
        "电话",
        "热线",
        "来电",
        "10086",
        "10000",
        "10010",
    ),
    reaches="phone",
    is_configured=lambda: "phone" in by_hand(),
)
