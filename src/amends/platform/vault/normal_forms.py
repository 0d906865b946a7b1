"""Normal forms: one spelling for one number, mailbox or card, so that blind indexes find it."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

_CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_LEAST_DIGITS, _MOST_DIGITS = 7, 15
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


def phone_region(jurisdiction: str) -> str:
    """The country whose telephone numbers a jurisdiction writes without a prefix.

    >>> phone_region("cn-33"), phone_region("uk")
    ('CN', 'GB')
    """
    country = jurisdiction.partition("-")[0].upper()
    return {"UK": "GB"}.get(country, country)


def possible_phone(text: str, region: str = "CN") -> bool:
    """Whether a number is as long as one of `region` with its area code, or of another country.

    >>> possible_phone("139 0000 1234"), possible_phone("010-8765 4321"), possible_phone("15412")
    (True, True, False)
    >>> possible_phone("+44 20 7946 0018"), possible_phone("123")
    (True, False)
    """
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException as refusal:
        # A jurisdiction of several countries has no numbering plan of its own.
        unknown = refusal.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return unknown and not bare.startswith("+") and _LEAST_DIGITS <= len(bare) <= _MOST_DIGITS
    reason = phonenumbers.is_possible_number_with_reason(number)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


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
