"""Messages to the operator's app, through a push gateway that knows people by number."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.app.send import open_sender
from amends.channels.app.settings import gateway
from amends.channels.channel import Channel

CHANNEL = Channel(
    name="app",
    title=_("App"),
    noun=pgettext_lazy("channel", "app"),
    icon="phone",
    receives=True,
    electronic=True,
    aliases=("app", "mobile app", "客户端", "掌厅", "手机app"),
    reaches="phone",
    variables=("AMENDS_APP_URL", "AMENDS_APP_SECRET_FILE"),
    is_configured=lambda: gateway() is not None,
    open_sender=open_sender,
)
