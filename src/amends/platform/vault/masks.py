"""Masks: enough of a value to recognise one's own, too little to learn another's."""

from __future__ import annotations

import re

STAR = "*"
_HAN = re.compile(r"[\u3400-\u9fff]")
_SEPARATORS = re.compile(r"[\s\-–—.()（）]")
_EXTENSION = re.compile(r"转|ext|x")
# The part of a Chinese address that names the place of government, not the door.
_DISTRICT = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?:[\u4e00-\u9fff]{2,8}?(?:市|自治州|地区|盟))?"
    r"(?:[\u4e00-\u9fff]{1,8}?(?:区|县|旗|市))?"
)


def mask_phone(text: str) -> str:
    """Keep three digits in front and four behind; a country code stays.

    >>> mask_phone("13812348000"), mask_phone("+86 138 1234 8000")
    ('138****8000', '+86138****8000')
    >>> mask_phone("010-12345678"), mask_phone("12345")
    ('010****5678', '****')
    """
    digits = _SEPARATORS.sub("", _EXTENSION.split(text)[0])
    country = ""
    if digits.startswith("+86"):
        country, digits = "+86", digits[3:]
    if digits.startswith("+"):
        return _middle(digits, 3, 4)
    return country + _middle(digits, 3, 4)


def mask_id_card(text: str) -> str:
    """Keep three characters in front and four behind.

    >>> mask_id_card("11010519491231002X")
    '110***********002X'
    """
    return _middle(_SEPARATORS.sub("", text).upper(), 3, 4)


def mask_number(text: str) -> str:
    """Keep the last four characters of a card, account, passport or device number.

    >>> mask_number("6222 0212 3456 7890")
    '************7890'
    """
    return _middle(_SEPARATORS.sub("", text), 0, 4)


def mask_name(text: str) -> str:
    """Keep the first character of each part; a Chinese name keeps its surname.

    >>> mask_name("王小明"), mask_name("欧阳小明"), mask_name("Ann Lee")
    ('王**', '欧**明', 'A** L**')
    """
    name = text.strip()
    if _HAN.search(name):
        if len(name) >= 4 and "·" not in name:
            return name[0] + STAR * (len(name) - 2) + name[-1]
        return name[:1] + STAR * max(len(name) - 1, 1)
    return " ".join(part[0] + STAR * max(len(part) - 1, 1) for part in name.split())


def mask_address(text: str) -> str:
    """Keep province, city and district of a Chinese address, the last part of any other.

    >>> mask_address("北京市朝阳区建国路88号2单元301室")
    '北京市朝阳区****'
    >>> mask_address("12 High Street, Bath")
    '****, Bath'
    """
    address = text.strip()
    if _HAN.search(address):
        district = _DISTRICT.match(address)
        return (district.group() if district else "") + STAR * 4
    head, comma, town = address.rpartition(",")
    if not comma or not head or re.search(r"\d", town):
        return STAR * 4
    return f"{STAR * 4},{town}"


def mask_email(text: str) -> str:
    """Keep the first character and the domain.

    >>> mask_email("ann.lee@example.com")
    'a***@example.com'
    """
    local, at, domain = text.strip().rpartition("@")
    return f"{local[:1]}{STAR * 3}{at}{domain}" if at else STAR * 4


def _middle(text: str, front: int, behind: int) -> str:
    """Star what lies between; a text too short to hide anything is starred whole."""
    if len(text) < front + behind + 3:
        return STAR * 4
    return text[:front] + STAR * (len(text) - front - behind) + text[len(text) - behind :]
