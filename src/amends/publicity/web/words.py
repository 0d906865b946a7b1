"""How findings read on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amends.kit.formats import is_chinese
from amends.publicity.rules.rulebook import Rulebook

SEVERITIES: dict[str, tuple[str, str | Promise]] = {
    "block": ("bad", _("Blocks")),
    "warn": ("warn", _("Needs proof")),
    "unsure": ("info", _("A person must look")),
    "advice": ("nothing", _("Advice")),
}
FIELDS: dict[str, str | Promise] = {
    "price": _("Price"),
    "data_gb": _("Data (GB)"),
    "voice_min": _("Minutes"),
    "down_nominal_mbps": _("Speed (Mbit/s)"),
    "contract_months": _("Contract (months)"),
    "early_termination_fee": _("Exit fee"),
    "gift_cny": _("Gift"),
    "quota": _("Places"),
}


SALE_STATES: dict[str, tuple[str, str | Promise]] = {
    "": ("ok", _("On sale")),
    "not_yet": ("info", _("Not yet on sale")),
    "ended": ("nothing", _("Sale has ended")),
    "full": ("bad", _("No place left")),
}
COLUMNS: dict[str, str | Promise] = FIELDS | {
    "name": _("Name in Chinese"),
    "name_en": _("Name in English"),
    "promo_price": _("Price of the promotion"),
    "promo_months": _("Months of the promotion"),
    "down_median_peak_mbps": _("Measured median (Mbit/s)"),
    "throttle_after_gb": _("Full speed up to (GB)"),
    "throttle_mbps": _("Reduced speed (Mbit/s)"),
    "one_time_fee": _("One-time fee"),
    "overage_per_gb": _("Price of a further GB"),
    "sale_from": _("Sold from"),
    "sale_to": _("Sold until"),
    "gift_months": _("Months of the gift"),
    "bundle_required": _("Only together with"),
    "sold_alone": _("Sold alone"),
    "conditions_zh": _("Conditions in Chinese"),
    "conditions_en": _("Conditions in English"),
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding in the reader's language."""

    id: int
    code: str
    tone: str
    severity: str | Promise
    title: str
    said: str
    record: str
    suggestion: str
    source: str
    start: int
    end: int
    waived: bool


_CHINESE = (
    (r"([\d.]+) months", r"\1个月"), (r"exit fee ([\d.]+)", r"违约金\1"),
    (r" CNY", "元"), (r"/month", "/月"), (r"/year", "/年"), (r"/once", "（一次性）"),
    (r"≤ ", "最高"), (r", median ", "，忙时实测中位数"), (r", (?=违约金)", "，"),
)  # fmt: skip


def in_words(record: str, *, chinese: bool) -> str:
    """What the record says of a finding, in the reader's language.

    >>> in_words("12 months, exit fee 200 CNY", chinese=True)
    '12个月，违约金200元'
    """
    if not chinese:
        return record.replace("≤ ", "up to ")
    for pattern, words in _CHINESE:
        record = re.sub(pattern, words, record)
    return record


def line_of(
    rulebook: Rulebook, *, code: str, severity: str, said: str, record: str, start: int, end: int,
    number: int = 0, waived: bool = False,
) -> FindingLine:  # fmt: skip
    """The line of one finding."""
    rule = rulebook.rules.get(code)
    tone, words = SEVERITIES.get(severity, ("nothing", severity))
    chinese = is_chinese(get_language() or "")
    record = in_words(record, chinese=chinese)
    title = (rule.zh if chinese else rule.en) if rule else str(_("It is not clear what this says."))
    suggested = (rule.suggest_zh if chinese else rule.suggest_en) if rule else ""
    if "{is}" in suggested:
        suggested = suggested.replace("{is}", record) if record else ""
    source = rule.source if rule else ""
    return FindingLine(
        number, code, tone, words, title, said, record, suggested, source, start, end, waived
    )


def marked(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text cut into parts, with whether each is marked.

    >>> marked("only £8 now", [(5, 7)])
    [('only ', False), ('£8', True), (' now', False)]
    """
    parts, at = [], 0
    for start, end in sorted(set(spans)):
        if end <= start or start < at:
            continue
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]
