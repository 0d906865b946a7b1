"""Numbers as SMPP names them: type and numbering plan beside the digits."""

from __future__ import annotations

from dataclasses import dataclass

_INTERNATIONAL, _UNKNOWN, _ALPHANUMERIC = 1, 0, 5
_E164, _NO_PLAN = 1, 0


@dataclass(frozen=True, slots=True)
class Address:
    """Type of number, numbering plan, and the number or name itself."""

    ton: int
    npi: int
    digits: str


def address_of(number: str) -> Address:
    """The address of a number in E.164, of a service number, or of a name to send under.

    Raises `ValueError` for what is neither.

    >>> address_of("+8613812348000")
    Address(ton=1, npi=1, digits='8613812348000')
    >>> address_of("10086").ton, address_of("Amends").ton
    (0, 5)
    """
    bare = number.strip()
    digits = bare.removeprefix("+")
    if digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 20:
        is_international = bare.startswith("+") and 7 <= len(digits) <= 15
        return Address(_INTERNATIONAL if is_international else _UNKNOWN, _E164, digits)
    if bare.isascii() and bare.isalnum() and 1 <= len(bare) <= 11:
        return Address(_ALPHANUMERIC, _NO_PLAN, bare)
    raise ValueError("neither a telephone number nor a name of at most eleven letters and digits")


def recipient_of(number: str) -> Address:
    """The address of somebody's telephone; `ValueError` for anything a person cannot be called at.

    >>> recipient_of("+8613812348000").digits
    '8613812348000'
    """
    address = address_of(number)
    if address.ton == _ALPHANUMERIC:
        raise ValueError("a name is no telephone number")
    return address


def number_of(ton: int, digits: str) -> str:
    """A number as we write it, from what a message centre delivers it as.

    >>> number_of(1, "8613812348000"), number_of(0, "10086")
    ('+8613812348000', '10086')
    """
    is_international = ton == _INTERNATIONAL and digits.isdigit()
    return f"+{digits}" if is_international else digits
