"""Letters that people post."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.by_hand.settings import by_hand
from amends.channels.channel import Channel

CHANNEL = Channel(
    name="letter",
    title=_("Letter"),
    noun=pgettext_lazy("channel", "letter"),
    icon="file",
    aliases=("letter", "post", "fax", "来信", "信件", "信函", "传真"),
    reaches="post",
    is_configured=lambda: "letter" in by_hand(),
)
