"""Read an amount a handler writes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_noop as _

from amends.kit.errors import BadInput
from amends.kit.money import Money


class UnableToReadAmount(BadInput):
    """The amount is not a figure."""

    code = "amount_unreadable"


def read_amount(text: str, currency: str) -> int:
    """An amount in figures as minor units of its currency; 0 for nothing.

    >>> read_amount("1,012.50", "CNY"), read_amount("", "CNY")
    (101250, 0)
    """
    plain = text.replace(",", "").replace("，", "").strip()
    if not plain:
        return 0
    try:
        if Decimal(plain) < 0 or not Decimal(plain).is_finite():
            raise InvalidOperation
        return Money.parse(plain, currency).minor
    except InvalidOperation as error:
        raise UnableToReadAmount(
            _("The amount cannot be read."),
            meaning=_("Nothing was decided."),
            next_step=_("Write it in figures, for example 12.50."),
        ) from error
