"""The columns an import of complaints looks for, by the names desks and regulators give them."""

from __future__ import annotations

from collections.abc import Callable

from amends.channels.queries.capabilities import channel_aliases
from amends.tabular.columns import dates, digits, one_of, prose, times, wanted
from amends.tabular.dates import date_form
from amends.vault.masks import mask_email, mask_name, mask_phone
from amends.vault.redaction import redact_person

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

_CHANNEL_WORDS = [word for words in CHANNELS.values() for word in words]
_STATE_WORDS = [word for words in STATES.values() for word in words]
_YES_NO = ["yes", "no", "y", "n", "true", "false", "1", "0", "是", "否"]

WANTED = (
    wanted("text", prose, required=True, by_content_alone=True),
    wanted("received", dates, required=True, by_content_alone=True),
    wanted("time", times),
    wanted("closed", dates),
    wanted("original_id"),
    wanted("channel", one_of(_CHANNEL_WORDS), by_content_alone=True),
    wanted("state", one_of(_STATE_WORDS), by_content_alone=True),
    wanted("place"),
    wanted("province"),
    wanted("phone", digits),
    wanted("email"),
    wanted("name"),
    wanted("company"),
    wanted("service"),
    wanted("language", one_of(["zh", "en", "zh-hans", "中文", "英文"])),
    wanted("wanted"),
    wanted("on_behalf", one_of(_YES_NO)),
    wanted("brand"),
    wanted("urgent", one_of(_YES_NO)),
)


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
    return next((key for key, words in table.items() if plain in words or plain == key), "")
