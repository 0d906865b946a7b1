"""Changes of a line, in the language of the reader."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language, pgettext

from amends.platform.kit.formats import format_money, is_chinese
from amends.record.catalogue.queries import offer_name


def change_words(kind: str, counter: str, amount: int, plan: str, currency: str) -> tuple[str, str]:
    """What a change of a line is, and how much: "paid in", "¥50.00"."""
    if kind == "plan":
        chinese = is_chinese(get_language() or "")
        return pgettext("line", "another plan"), offer_name(plan, timezone.now(), chinese=chinese)
    if kind == "balance":
        return pgettext("line", "balance corrected"), format_money(amount, currency)
    if counter == "money":
        return pgettext("line", "paid in"), format_money(amount, currency)
    size, unit = {"data": (1_048_576, "MB"), "voice": (60, pgettext("unit", "min"))}.get(
        counter, (1, pgettext("unit", "messages"))
    )
    if counter == "roaming":
        return pgettext("line", "bought for abroad"), format_money(amount, currency)
    return pgettext("line", "bought"), f"{amount // size:,} {unit}"
