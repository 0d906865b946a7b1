"""The channels, in the order in which pages list them. A new channel is one folder and one line.

A name stands for `amends.channels.NAME.channel.CHANNEL`; what only takes complaints in, and needs
no code, is described here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.channel import Channel
from amends.channels.senders import Switch, register_sender

CHANNELS: tuple[str | Channel, ...] = (
    Channel(
        name="web",
        title=_("Web"),
        noun=pgettext_lazy("channel", "website"),
        icon="web",
        receives=True,
        electronic=True,
        aliases=(
            "internet",
            "web",
            "website",
            "online",
            "portal",
            "form",
            "网站",
            "网上",
            "官网",
            "网厅",
        ),
    ),
    "mail",
    "sms",
    "phone",
    Channel(
        name="counter",
        title=_("Counter"),
        noun=pgettext_lazy("channel", "shop"),
        icon="counter",
        receives=True,
        aliases=("counter", "shop", "store", "walk-in", "branch", "营业厅", "门店", "柜台"),
    ),
    Channel(
        name="kiosk",
        title=_("Kiosk"),
        noun=pgettext_lazy("channel", "kiosk"),
        icon="counter",
        receives=True,
        electronic=True,
        aliases=("kiosk", "terminal", "自助终端", "自助机"),
    ),
    Channel(
        name="ivr",
        title=_("Voice menu"),
        noun=pgettext_lazy("channel", "voice menu"),
        icon="phone",
        receives=True,
        electronic=True,
        aliases=("ivr", "voice menu", "自助语音", "语音菜单"),
    ),
    "chat",
    "app",
    "social",
    Channel(name="api", title=_("API"), icon="api", receives=True, electronic=True),
    Channel(name="import", title=_("Import"), icon="file", receives=True),
    "letter",
)


@cache
def channels() -> Mapping[str, Channel]:
    """Every channel by its name."""
    all_channels = (
        import_module(f"amends.channels.{channel}.channel").CHANNEL
        if isinstance(channel, str)
        else channel
        for channel in CHANNELS
    )
    return {channel.name: channel for channel in all_channels}


def register_senders() -> None:
    """Let the outbox know every channel that sends; a wrong setting stops the start."""
    for channel in channels().values():
        if channel.is_configured is not None:
            channel.is_configured()
            register_sender(channel.name, Switch(channel.is_configured, channel.open_sender))
