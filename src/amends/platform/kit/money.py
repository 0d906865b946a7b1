"""Money: integer minor units and an ISO 4217 code; never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = {"JPY": 0, "KRW": 0}
_SIGNS = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$", "AUD": "A$", "INR": "₹"}


def sign_of(currency: str) -> str:
    """The sign of a currency, or its code.

    >>> sign_of("CNY"), sign_of("CHF")
    ('¥', 'CHF')
    """
    return _SIGNS.get(currency, currency)


def digits_of(currency: str) -> int:
    """How many digits of its minor unit a currency is written with.

    >>> digits_of("CNY"), digits_of("JPY")
    (2, 0)
    """
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (fen, cent, penny) of one currency.

    >>> Money(1234, "CNY") + Money(66, "CNY")
    Money(minor=1300, currency='CNY')
    >>> str(Money(123456, "CNY"))
    '¥1,234.56'
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("Money counts minor units in integers.")

    def _same(self, amount: Money) -> None:
        if self.currency != amount.currency:
            raise ValueError(f"{self.currency} and {amount.currency} do not add.")

    def __add__(self, amount: Money) -> Money:
        self._same(amount)
        return Money(self.minor + amount.minor, self.currency)

    def __sub__(self, amount: Money) -> Money:
        self._same(amount)
        return Money(self.minor - amount.minor, self.currency)

    @property
    def major(self) -> Decimal:
        """The amount in whole units of its currency, exactly.

        >>> str(Money(1230, "CNY").major), str(Money(1230, "JPY").major)
        ('12.30', '1230')
        """
        return Decimal(self.minor).scaleb(-digits_of(self.currency))

    def __str__(self) -> str:
        return format_minor(self.minor, self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a decimal amount; halves of a minor unit go up.

        >>> Money.parse("12.345", "CNY")
        Money(minor=1235, currency='CNY')
        """
        digits = digits_of(currency)
        scaled = Decimal(text.replace(",", "").strip()).scaleb(digits)
        return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)


def format_amount(amount: float, currency: str) -> str:
    """A calculated amount in the reader's form; from a thousand on without its minor units.

    >>> format_amount(-205_412_949.4, "CNY"), format_amount(12.5, "CNY")
    ('-¥205,412,949', '¥12.50')
    """
    if abs(amount) < 1000:
        return format_minor(round(amount * 10 ** digits_of(currency)), currency)
    return f"{'-' if amount < 0 else ''}{_SIGNS.get(currency, f'{currency} ')}{abs(amount):,.0f}"


def format_minor(minor: int, currency: str) -> str:
    """Minor units in the reader's form, the sign of the currency first.

    >>> format_minor(-500, "GBP")
    '-£5.00'
    """
    digits = digits_of(currency)
    sign = _SIGNS.get(currency, f"{currency} ")
    major_part, minor_part = divmod(abs(minor), 10**digits)
    fraction = f".{minor_part:0{digits}d}" if digits else ""
    return f"{'-' if minor < 0 else ''}{sign}{major_part:,}{fraction}"
