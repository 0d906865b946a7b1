"""The columns an import of complaints looks for, by the names desks and regulators give them."""

from __future__ import annotations

from collections.abc import Callable

from amends.channels.queries.capabilities import channel_aliases
from amends.platform.tabular.columns import role
from amends.platform.tabular.dates import date_form
from amends.platform.tabular.narrative import narrative_roles
from amends.platform.tabular.values import one_of
from amends.platform.vault.masks import mask_email, mask_name, mask_phone
from amends.platform.vault.redaction import redact_person

CHANNELS = channel_aliases() | {
    "chat": (
        "chat",
        "live chat",
        "在线客服",
    ),
    "regulator": (
        "regulator",
        "ombudsman",
        "fcc",
        "申诉",
        "工信部",
        "通信管理局",
    ),
}

STATES = {
    "received": ("new", "received", "registered", "新建", "已受理", "待处理", "未处理"),
    "investigating": (
        "open",
        "pending",
        "in progress",
        "assigned",
        "on hold",
        "waiting",
        "processing",
        "处理中",
        "跟进中",
        "待回复",
    ),
    "resolved": ("solved", "resolved", "fixed", "已解决", "已办结", "处理完成"),
    "closed_unconfirmed": (
        "closed",
        "done",
        "finished",
        "completed",
        "已关闭",
        "已结案",
        "办结",
        "结束",
    ),
    "withdrawn": ("withdrawn", "cancelled", "canceled", "撤诉", "已撤销", "撤回"),
    "inadmissible": ("rejected", "invalid", "inadmissible", "不予受理", "无效"),
}

_CHANNEL_WORDS = frozenset(word for synonyms in CHANNELS.values() for word in synonyms) | set(
    CHANNELS
)
_STATE_WORDS = frozenset(word for synonyms in STATES.values() for word in synonyms) | set(STATES)

ROLES = (
    *narrative_roles(),
    role("received", by_values=True),
    role("time"),
    role("closed"),
    role("original_id"),
    role("channel", test=one_of(_CHANNEL_WORDS), by_values=True),
    role("state", test=one_of(_STATE_WORDS), by_values=True),
    role("place"),
    role("province"),
    role("phone"),
    role("email"),
    role("name"),
    role("service"),
    role("language"),
    role("wanted"),
    role("on_behalf"),
    role("brand"),
    role("inbound"),
    role("urgent"),
)

IN_DOCUMENT = {
    "text": ("title", "text", "details"),
    "id": ("original_id",),
    "received_at": ("received", "time"),
    "email": ("email",),
    "phone": ("phone",),
    "name": ("name",),
    "area": ("place",),
    "class": ("topic",),
    "service": ("service",),
    "channel": ("channel",),
}
"""The roles as the document of the command names them."""

ALIASES = {"id": "original_id", "received_at": "received", "area": "place", "class": "topic"}
"""What `--map` takes beside the roles' own names."""


def date_shown(cell: str) -> str:
    """A date as it is; where masking would change it, its form without the digits."""
    return cell if redact_person(cell) == cell else date_form(cell)


# How a refused row shows what stands in these columns.
MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "email": mask_email,
    "name": mask_name,
    "received": date_shown,
    "closed": date_shown,
}


def known(word: str, table: dict[str, tuple[str, ...]]) -> str:
    """The key of `table` whose words hold `word`, or "".

    >>> known("Customer Care Call", CHANNELS)
    'phone'
    """
    plain = word.strip().lower()
    return next((key for key, synonyms in table.items() if plain in synonyms or plain == key), "")
