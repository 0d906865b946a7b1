"""Numbers that name a person: identity cards, cards of a bank, devices, addresses of the net.

Each recogniser takes a `Reading` and claims what it is sure of. A check digit decides where there
is one; where there is none, the word in front does.
"""

from __future__ import annotations

import re

from amends.platform.vault.recognisers.checks import (
    iban_valid,
    id_card_valid,
    is_day,
    luhn_valid,
    old_id_card_valid,
)
from amends.platform.vault.recognisers.scanned_text import ScannedText

_SEPARATORS = str.maketrans("", "", " -–\u3000")
_LOCAL_PART = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_AT_DOMAIN = re.compile(r"@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
_ID_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}[ \-\u3000]?(?:18|19|20)\d{2}[ \-\u3000]?[01]\d[ \-\u3000]?[0-3]\d"
    r"[ \-\u3000]?\d{3}[ \-\u3000]?[\dXx](?![0-9A-Za-z])"
)
_SPACED_ID_CARD = re.compile(r"(?<![0-9A-Za-z])[1-8](?:[ \-]?\d){16}[ \-]?[\dXx](?![0-9A-Za-z])")
_OLD_ID_CARD = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{5}[ \-]?\d{6}[ \-]?\d{3}(?![0-9A-Za-z])")
_ID_WORDS = re.compile(
    r"(?:身份证|证件|身份號|身份号|identity|\bID\b|national id)[^，。；\n\d]{0,10}$", re.IGNORECASE
)
_CARD = re.compile(r"(?<![0-9A-Za-z.])\d{4}(?:[ \-]?\d{2,6}){2,4}(?![0-9A-Za-z])")
_CARD_WORDS = re.compile(
    r"(?:\bcards?\b|\bcc\b|credit|debit|visa|mastercard|amex|account"
    r"|银行卡|信用卡|储蓄卡|借记卡|工资卡|卡号|账号|帐号|账户)[^，。；\n\d]{0,12}$",
    re.IGNORECASE,
)
# First digits and lengths of the card schemes (ISO/IEC 7812): Amex, Visa, Mastercard, UnionPay,
# JCB, Diners, Discover, Maestro.
_SCHEMES = re.compile(
    r"3[47]\d{13}|4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|62\d{14,17}|35\d{14}|(?:1800|2131)\d{11}|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|(?:5018|5020|5038|5[68]\d\d|6304|6[37]\d\d)\d{8,15}"
)
_SIM = re.compile(r"(?<!\d)8986\d{15,16}(?!\d)")
_DEVICE = re.compile(r"(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])")
_DEVICE_WORDS = re.compile(r"(?:imei|串号|串码|设备号)[^，。；\n\d]{0,8}$", re.IGNORECASE)
_DEVICE_STARTS = ("01", "35", "44", "45", "49", "86", "99")
_IBAN = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?"
    r"(?![0-9A-Za-z])"
)
_SSN = re.compile(r"(?<![\d\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d\-])")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\d.A-Za-z])(?:{_OCTET}\.){{3}}{_OCTET}(?![\d.])")
_IPV6 = re.compile(
    r"(?<![\w:])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
    r"|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![\w:])"
)
# Quick to look for: what every such address has in it.
_DOTTED, _COLONS = re.compile(r"\.\d{1,3}\.\d"), re.compile(":[0-9A-Fa-f]{0,4}:")
_VERSION_WORDS = re.compile(r"(?:版本|version|ver\.?|firmware|固件|build)[^，。；\n\d]{0,4}$", re.I)
_PASSPORT = re.compile(
    r"(?:护照|通行证|军官证|回乡证|passport|driver'?s?\s+licen[cs]e|licen[cs]e\s+number)"
    r"[^，。；\n\d]{0,14}?((?<![A-Za-z])[A-Za-z]{0,2}\d[\d\-]{5,12}\d)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_CHAT = re.compile(
    r"(?:(?<!Q)QQ|(?<!q)qq|微信|[Ww]e[Cc]hat)(?:账号|号码|号| id| ID)?[：:是为 ]{0,3}"
    r"((?=[A-Za-z_\-]{0,19}\d)[A-Za-z0-9_\-]{6,20})(?![0-9A-Za-z])"
)


def emails(reading: ScannedText) -> None:
    """Mailboxes: each @ with what stands before and after it."""
    work, consumed, at = reading.work, 0, reading.work.find("@")
    while at >= 0:
        domain = _AT_DOMAIN.match(work, at)
        start = consumed + len(work[consumed:at].rstrip(_LOCAL_PART))
        consumed = at + 1
        if domain and start < at:
            reading.claim("email", start, domain.end())
            consumed = domain.end()
        at = work.find("@", consumed)


def id_cards(reading: ScannedText) -> None:
    """Identity cards: 18 characters with a right check, also spaced; after the word, also wrong."""
    for pattern in (_ID_CARD, _SPACED_ID_CARD):
        for match in pattern.finditer(reading.work):
            bare = match.group().translate(_SEPARATORS)
            likely = bare[6:14].isdigit() and is_day(bare[6:14])
            if id_card_valid(bare) or (likely and _ID_WORDS.search(reading.before(match.start()))):
                reading.claim("id_card", *match.span())


def old_id_cards(reading: ScannedText) -> None:
    """Identity cards of 15 digits; they carry no check, so an order number is left alone."""
    for match in _OLD_ID_CARD.finditer(reading.work):
        bare = match.group().translate(_SEPARATORS)
        if old_id_card_valid(bare) and not reading.names_a_thing(match.start()):
            reading.claim("id_card", *match.span())


def bank_cards(reading: ScannedText) -> None:
    """Cards of a known scheme with a right Luhn digit; any 12 to 19 digits after the word card."""
    for match in _CARD.finditer(reading.work):
        bare = match.group().translate(_SEPARATORS)
        if not 12 <= len(bare) <= 19:
            continue
        if _CARD_WORDS.search(reading.before(match.start())) or (
            _SCHEMES.fullmatch(bare)
            and luhn_valid(bare)
            and not reading.names_a_thing(match.start())
        ):
            reading.claim("bank_card", *match.span())


def sim_cards(reading: ScannedText) -> None:
    """Serial numbers of SIM cards (ICCID, issued in China)."""
    for match in _SIM.finditer(reading.work):
        reading.claim("sim_card", *match.span())


def devices(reading: ScannedText) -> None:
    """IMEI: 15 digits with a right Luhn digit and a known reporting body, or named as one."""
    for match in _DEVICE.finditer(reading.work):
        bare = match.group()
        if _DEVICE_WORDS.search(reading.before(match.start())) or (
            bare.startswith(_DEVICE_STARTS)
            and luhn_valid(bare)
            and not reading.names_a_thing(match.start())
        ):
            reading.claim("imei", *match.span())


def accounts(reading: ScannedText) -> None:
    """IBAN with a right checksum."""
    for match in _IBAN.finditer(reading.work):
        if iban_valid(match.group().replace(" ", "").upper()):
            reading.claim("iban", *match.span())


def social_security(reading: ScannedText) -> None:
    """US social security numbers in their written form."""
    if "-" not in reading.work:
        return
    for match in _SSN.finditer(reading.work):
        reading.claim("us_ssn", *match.span())


def net_addresses(reading: ScannedText) -> None:
    """IPv4 and IPv6 addresses, not versions of software."""
    for shape, pattern in ((_DOTTED, _IPV4), (_COLONS, _IPV6)):
        if not shape.search(reading.work):
            continue
        for match in pattern.finditer(reading.work):
            if not _VERSION_WORDS.search(reading.before(match.start())):
                reading.claim("ip", *match.span())


def documents(reading: ScannedText) -> None:
    """Passports, permits and licences after the word for them."""
    for match in _PASSPORT.finditer(reading.work):
        reading.claim("passport", *match.span(1))


def chat_accounts(reading: ScannedText) -> None:
    """Accounts of a messenger after its name."""
    for match in _CHAT.finditer(reading.work):
        reading.claim("account", *match.span(1))
