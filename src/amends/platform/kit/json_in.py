"""JSON from strangers: read strictly, so that what follows can be stored and calculated with."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

_LONGEST_NUMBER = 40
_DEEPEST = 32


class UnableToReadJson(ValueError):
    """The bytes are no JSON document that can be stored."""


def read_json(body: bytes | str) -> Any:
    """The document; UnableToReadJson where it is none.

    Refused are NaN and infinity, numbers that fit no float or have more than 40 characters, halves
    of characters, the character NUL, and documents nested deeper than 32.

    >>> read_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    >>> read_json('{"a": NaN}')
    Traceback (most recent call last):
        ...
    amends.platform.kit.json_in.UnableToReadJson: NaN is no number.
    """
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        document = json.loads(
            text, parse_constant=_refuse, parse_int=_whole_number, parse_float=_number
        )
    except UnableToReadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise UnableToReadJson("This is no JSON document.") from error
    _check(document, 0)
    return document


def can_be_stored(text: str) -> bool:
    """Whether a database and a file in UTF-8 can store the text: no NUL, no half of a character.

    >>> can_be_stored("彩铃"), can_be_stored("\\ud800"), can_be_stored("\\x00")
    (True, False, False)
    """
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _check(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise UnableToReadJson("The document is nested too deeply.")
    if isinstance(value, str):
        if not can_be_stored(value):
            raise UnableToReadJson("A text holds characters that cannot be stored.")
    elif isinstance(value, list):
        for element in value:
            _check(element, depth + 1)
    elif isinstance(value, dict):
        for key, element in value.items():
            _check(key, depth + 1)
            _check(element, depth + 1)


def _refuse(constant: str) -> NoReturn:
    raise UnableToReadJson(f"{constant} is no number.")


def _whole_number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise UnableToReadJson("A number has too many digits.")
    return int(digits)


def _number(text: str) -> float:
    value = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(value):
        raise UnableToReadJson("A number is out of range.")
    return value
