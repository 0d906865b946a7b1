"""Arithmetic that tells a real number from a row of digits."""

from __future__ import annotations

from datetime import date

# GB/T 2260: the first two digits of an identity card, by region of the country.
PROVINCES = frozenset(
    f"{code}"
    for code in (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    )
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def id_card_valid(text: str) -> bool:
    """Whether 18 characters are a Chinese identity number: region, date, ISO 7064 MOD 11-2 check.

    GB 11643-1999.

    >>> id_card_valid("11010519491231002X"), id_card_valid("110105194912310021")
    (True, False)
    """
    if len(text) != 18 or not text[:17].isascii() or not text[:17].isdigit():
        return False
    if text[:2] not in PROVINCES or not is_day(text[6:14]):
        return False
    return text[17].upper() == id_card_check(text[:17])


def id_card_check(first_17: str) -> str:
    """The eighteenth character of an identity number.

    >>> id_card_check("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def old_id_card_valid(text: str) -> bool:
    """Whether 15 digits have the form of an identity number before 1999: region and day of birth.

    >>> old_id_card_valid("110105491231002"), old_id_card_valid("202611241830123")
    (True, False)
    """
    return (
        len(text) == 15
        and text.isascii()
        and text.isdigit()
        and text[:2] in PROVINCES
        and is_day("19" + text[6:12])
    )


def luhn_valid(text: str) -> bool:
    """Whether the last digit is the Luhn check of the others (ISO/IEC 7812-1 annex B).

    >>> luhn_valid("79927398713"), luhn_valid("79927398710")
    (True, False)
    """
    if len(text) < 2 or not text.isascii() or not text.isdigit():
        return False
    digits = [ord(digit) - 48 for digit in reversed(text)]
    return (sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0


def iban_valid(text: str) -> bool:
    """Whether the account number leaves 1 modulo 97 (ISO 13616).

    >>> iban_valid("GB82WEST12345698765432"), iban_valid("GB83WEST12345698765432")
    (True, False)
    """
    moved = text[4:] + text[:4]
    if not 15 <= len(text) <= 34 or not moved.isascii() or not moved.isalnum():
        return False
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def is_day(text: str) -> bool:
    """Whether eight digits are a day between 1880 and 2099.

    >>> is_day("20240229"), is_day("20230229")
    (True, False)
    """
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if not 1880 <= year <= 2099:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
