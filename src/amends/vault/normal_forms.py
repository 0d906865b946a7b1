"""Normal forms: one spelling for one number, mailbox or card, so that blind indexes find it."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

_CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_NOISE = re.compile(r"[\s\-–—.()（）]")


def normal_phone(text: str, region: str = "CN") -> str:
    """E.164 where the number can be read, else its digits.

    >>> normal_phone("138 1234 8000"), normal_phone("(+86)13812348000")
    ('+8613812348000', '+8613812348000')
    >>> normal_phone("020 7946 0018", region="GB")
    '+442079460018'
    """
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    mobile = _CHINESE_MOBILE.fullmatch(bare)
    if mobile and (region == "CN" or bare.startswith("+86")):
        return f"+86{mobile[1]}"
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return bare
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normal_email(text: str) -> str:
    """Lower case, no surrounding space.

    >>> normal_email(" Ann@Example.COM ")
    'ann@example.com'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


def normal_id_card(text: str) -> str:
    """Upper case, without spaces and dashes.

    >>> normal_id_card("110105 19491231 002x")
    '11010519491231002X'
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
