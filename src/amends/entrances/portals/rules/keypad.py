"""Tracking codes on the keypad of a phone (ITU-T E.161)."""

from __future__ import annotations

KEYPAD_DIGITS = 8
"""A caller types the last eight characters of the code: two groups of four."""
_KEYS = {
    letter: key
    for key, letters in {
        "2": "ABC",
        "3": "DEF",
        "4": "GHI",
        "5": "JKL",
        "6": "MNO",
        "7": "PQRS",
        "8": "TUV",
        "9": "WXYZ",
    }.items()
    for letter in letters
}


def keypad_digits(code: str) -> str:
    """The keys for the end of a tracking code.

    >>> keypad_digits("7QX2-M9T4-0AB8")
    '69840228'
    """
    body = code.replace("-", "").upper()[-KEYPAD_DIGITS:]
    return "".join(_KEYS.get(character, character) for character in body)
