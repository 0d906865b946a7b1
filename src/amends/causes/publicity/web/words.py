"""How findings read on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from amends.causes.publicity.models import FindingSeverity
from amends.causes.publicity.queries import FindingJudgement, FindingView
from amends.causes.publicity.rules.rulebook import Rulebook
from amends.platform.kit.formats import is_chinese

FIELDS: dict[str, str | Promise] = {
    "price": gettext_lazy("Price"),
    "data_gb": gettext_lazy("Data (GB)"),
    "voice_min": gettext_lazy("Minutes"),
    "down_nominal_mbps": gettext_lazy("Speed (Mbit/s)"),
    "contract_months": gettext_lazy("Contract (months)"),
    "early_termination_fee": gettext_lazy("Exit fee"),
    "gift_cny": gettext_lazy("Gift"),
    "quota": gettext_lazy("Places"),
}


SALE_STATES: dict[str, tuple[str, str | Promise]] = {
    "": ("ok", gettext_lazy("On sale")),
    "not_yet": ("info", gettext_lazy("Not yet on sale")),
    "ended": ("nothing", gettext_lazy("Sale has ended")),
    "full": ("bad", gettext_lazy("No place left")),
}
COLUMNS: dict[str, str | Promise] = FIELDS | {
    "name": gettext_lazy("Name in Chinese"),
    "name_en": gettext_lazy("Name in English"),
    "promo_price": gettext_lazy("Price of the promotion"),
    "promo_months": gettext_lazy("Months of the promotion"),
    "down_median_peak_mbps": gettext_lazy("Measured median (Mbit/s)"),
    "throttle_after_gb": gettext_lazy("Full speed up to (GB)"),
    "throttle_mbps": gettext_lazy("Reduced speed (Mbit/s)"),
    "one_time_fee": gettext_lazy("One-time fee"),
    "overage_per_gb": gettext_lazy("Price of a further GB"),
    "sale_from": gettext_lazy("Sold from"),
    "sale_to": gettext_lazy("Sold until"),
    "gift_months": gettext_lazy("Months of the gift"),
    "bundle_required": gettext_lazy("Only together with"),
    "sold_alone": gettext_lazy("Sold alone"),
    "conditions_zh": gettext_lazy("Conditions in Chinese"),
    "conditions_en": gettext_lazy("Conditions in English"),
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding in the reader's language; `instead` is in the language of the copy."""

    id: int
    code: str
    status: FindingSeverity
    title: str
    said: str
    record: str
    instead: str
    suggestion: str
    law: str
    start: int
    end: int
    waived: bool = False
    judgement: FindingJudgement | None = None

    @property
    def blocks(self) -> bool:
        """Whether the copy cannot go live because of it."""
        return self.status == FindingSeverity.BLOCK and not self.waived


_CHINESE = (
    (r"([\d.]+) months", r"\1个月"),
    (r"exit fee ([\d.]+)", r"违约金\1"),
    (r" CNY", "元"),
    (r"/month", "/月"),
    (r"/year", "/年"),
    (r"/once", "（一次性）"),
    (r"≤ ", "最高"),
    (r", median ", "，忙时实测中位数"),
    (r", (?=违约金)", "，"),
)


def in_words(record: str, *, chinese: bool) -> str:
    """What the record says of a finding, in the reader's language.

    >>> in_words("12 months, exit fee 200 CNY", chinese=True)
    '12个月，违约金200元'
    """
    if not chinese:
        return record.replace("≤ ", "up to ")
    for pattern, replacement in _CHINESE:
        record = re.sub(pattern, replacement, record)
    return record


def line_of(
    rulebook: Rulebook,
    finding: FindingView,
    *,
    number: int = 0,
    waived: bool = False,
    judgement: FindingJudgement | None = None,
) -> FindingLine:
    """The line of one finding."""
    chinese = is_chinese(get_language() or "")
    rule = rulebook.rules.get(finding.code)
    record = in_words(finding.record, chinese=chinese)
    suggested = (rule.suggest_zh if chinese else rule.suggest_en) if rule else ""
    if "{is}" in suggested:
        suggested = suggested.replace("{is}", record) if record else ""
    return FindingLine(
        id=number,
        code=finding.code,
        status=FindingSeverity(finding.severity),
        title=title_of(rulebook, finding.code),
        said=finding.said,
        record=record,
        instead=finding.instead,
        suggestion="" if finding.instead else suggested,
        law=rule.source if rule else "",
        start=finding.start,
        end=finding.end,
        waived=waived,
        judgement=judgement,
    )


def title_of(rulebook: Rulebook, code: str) -> str:
    """The title of a finding in plain words, in the reader's language."""
    rule = rulebook.rules.get(code)
    if rule is None:
        return _("It is not clear what this says.")
    return rule.zh if is_chinese(get_language() or "") else rule.en


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
