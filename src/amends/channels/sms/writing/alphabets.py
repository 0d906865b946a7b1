"""The alphabets of text messages: the 7-bit default alphabet and UCS-2 (3GPP TS 23.038)."""

from __future__ import annotations

# TS 23.038, 6.2.1: position is code. The escape (0x1B) stands as NUL, which no text may hold.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x00ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {  # 6.2.1.1: after an escape
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B
_CODES: dict[str, bytes] = {
    char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE
} | {char: bytes([_ESCAPE, code]) for code, char in _EXTENDED.items()}


def gsm7_units(text: str) -> list[bytes] | None:
    """Each character in the default alphabet, one octet a septet; None if one is not in it.

    >>> gsm7_units("5€")
    [b'5', b'\\x1be']
    >>> gsm7_units("费") is None
    True
    """
    try:
        return [_CODES[char] for char in text]
    except KeyError:
        return None


def ucs2_units(text: str) -> list[bytes]:
    """Each character in UTF-16, so that a character beyond 0xFFFF (an emoji) is never cut in two.

    >>> [len(unit) for unit in ucs2_units("费🙂")]
    [2, 4]
    """
    return [char.encode("utf-16-be") for char in text]


def gsm7_text(octets: bytes) -> str:
    """The text of octets of the default alphabet; a code it does not have becomes `�`.

    An escape before a code without an extension is a space, as 6.2.1 says.

    >>> gsm7_text(b"5\\x1be \\x00")
    '5€ @'
    """
    text: list[str] = []
    escaped = False
    for octet in octets:
        if escaped:
            text.append(_EXTENDED.get(octet) or (_BASIC[octet] if octet < 0x80 else "�"))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            text.append(_BASIC[octet] if octet < 0x80 else "�")
    return "".join(text) + (" " if escaped else "")
