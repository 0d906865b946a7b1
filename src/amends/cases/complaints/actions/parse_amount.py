"""Read an amount a handler writes."""

from __future__ import annotations

import re
from decimal import InvalidOperation

from django.utils.translation import gettext_noop as _

from amends.platform.kit.errors import BadInput
from amends.platform.kit.money import Money

_FIGURES = re.compile(r"([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,2})?")


class UnableToReadAmount(BadInput):
    """The amount is not a figure."""

    code = "amount_unreadable"


def read_amount(text: str, currency: str) -> int:
    """An amount in figures as minor units of its currency; 0 for nothing.

    A comma parts thousands: `12,50` might be twelve and a half or twelve hundred and fifty, and is
    refused.

    >>> read_amount("1,012.50", "CNY"), read_amount("", "CNY")
    (101250, 0)
    """
    amount_text = text.replace("，", ",").strip()
    if not amount_text:
        return 0
    try:
        if not _FIGURES.fullmatch(amount_text):
            raise InvalidOperation
        return Money.parse(amount_text.replace(",", ""), currency).minor
    except InvalidOperation as error:
        raise UnableToReadAmount(
            _("The amount cannot be read."),
            meaning=_("Nothing was decided."),
            next_step=_("Write it in figures, for example 12.50."),
        ) from error
