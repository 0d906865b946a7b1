"""The console's words for what rules and rows name by code."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.channels.queries.capabilities import channel_nouns

Words: TypeAlias = str | Promise

STATES: dict[str, Words] = {
    "waiting": pgettext_lazy("orders", "Waiting"),
    "confirmed": pgettext_lazy("orders", "Confirmed"),
    "executed": pgettext_lazy("orders", "Carried out"),
    "refused": pgettext_lazy("orders", "Refused"),
    "lapsed": pgettext_lazy("orders", "Lapsed"),
    "cancelled": pgettext_lazy("orders", "Cancelled"),
}
TONES = {"waiting": "info", "confirmed": "info", "executed": "ok", "refused": "warn"}
ORDERS: dict[str, Words] = {
    "open": pgettext_lazy("order kind", "open"),
    "change": pgettext_lazy("order kind", "change"),
    "stop": pgettext_lazy("order kind", "stop"),
}
INITIATORS: dict[str, Words] = {
    "subscriber": _("the subscriber"),
    "operator": _("the operator"),
    "system": _("a system"),
    "partner": _("a partner"),
}
METHODS: dict[str, Words] = {
    "sms_reply": _("reply by text message"),
    "code": _("one-time code"),
    "click": _("click on the link"),
    "signature": _("signature"),
    "voice": _("word of mouth"),
}
CHANNELS: dict[str, Words] = channel_nouns() | {
    "phone": pgettext_lazy("channel", "phone"),
    "partner": pgettext_lazy("channel", "the partner's system"),
    "agent": pgettext_lazy("channel", "agent"),
    "api": pgettext_lazy("channel", "interface"),
}
VERDICTS: dict[str, Words] = {
    "confirmed": pgettext_lazy("verdict", "confirmed"),
    "unconfirmed": pgettext_lazy("verdict", "no confirmation"),
    "late": pgettext_lazy("verdict", "confirmed only later"),
    "withdrawn": pgettext_lazy("verdict", "refused or withdrawn before"),
    "not_covered": pgettext_lazy("verdict", "records not complete: cannot be judged"),
    "not_demanded": pgettext_lazy("verdict", "no confirmation asked by the rules of its day"),
}
