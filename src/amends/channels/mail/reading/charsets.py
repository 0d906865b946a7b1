"""Bytes to text, whatever the label says: mail is often labelled wrongly or not at all."""

from __future__ import annotations

import codecs

# Only codecs that turn bytes into text in linear time; a label may name any codec Python has.
_CODECS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-7": "utf-7",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "gb18030": "gb18030",
    "gb_2312-80": "gb18030",
    "chinese": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_2",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "koi8-r": "koi8-r",
} | {f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)}
_CODECS |= {f"windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Most characters of Chinese prose lie in level 1 of GB 2312 (the 3,755 common ones) or its signs.
_COMMON_SHARE = 0.7
# Fewer double bytes are told from accents only by chance.
_FEWEST_PAIRS = 4


def decode(data: bytes, label: str = "") -> str:
    """The text of `data`; `label` is the character set it claims.

    In order: a byte order mark; UTF-8 if it is surely that; the label; GB 18030 or Big5 if it looks
    like Chinese; then the label again with a mark for each byte that does not fit.

    >>> decode("您好".encode("gb18030"), "us-ascii")
    '您好'
    >>> decode("您好".encode("utf-8"), "gb2312")
    '您好'
    >>> decode("我已經取消了這個服務".encode("big5"))
    '我已經取消了這個服務'
    >>> decode(b"caf\\xe9", "x-unknown")
    'café'
    """
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _tidy(data.decode(codec, "replace"))
    claimed = _CODECS.get(label.strip(" \"'\t").lower().replace("_", "-"), "")
    claimed = claimed or _CODECS.get(label.strip(" \"'\t").lower(), "")
    if not claimed.startswith("utf-16") and (guess := _wide_without_mark(data)):
        return _tidy(data.decode(guess, "replace"))
    as_utf8 = _strict(data, "utf-8")
    if as_utf8 is not None and _surely_utf8(as_utf8, claimed):
        return _tidy(as_utf8)
    if claimed and claimed != "cp1252" and (text := _strict(data, claimed)) is not None:
        return _tidy(text)
    if _looks_chinese(data):
        return _tidy(data.decode("gb18030", "replace"))
    if _looks_like_big5(data) and (text := _strict(data, "big5hkscs")) is not None:
        return _tidy(text)
    return _tidy(data.decode(claimed or "cp1252", "replace"))


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _surely_utf8(text: str, claimed: str) -> bool:
    """Short GB text can be valid UTF-8 by chance, but hardly a three-byte character."""
    if claimed in {"hz", "utf-7", "iso2022_jp_2"}:
        return False
    if not claimed or claimed in {"utf-8", "cp1252"}:
        return True
    return any(char >= "\u0800" for char in text)


def _wide_without_mark(data: bytes) -> str:
    """UTF-16 without a mark shows as a zero in every second byte of its Latin letters."""
    sample = data[:2_000]
    if len(sample) < 8 or len(sample) % 2:
        return ""
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.3 and even < half * 0.02:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.02:
        return "utf-16-be"
    return ""


def _looks_chinese(data: bytes) -> bool:
    sample = data[:20_000]
    common = pairs = 0
    at = 0
    while at < len(sample) - 1:
        lead = sample[at]
        if lead < 0x80:
            at += 1
            continue
        trail = sample[at + 1]
        pairs += 1
        common += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)
        at += 2
    return pairs > 0 and common >= pairs * _COMMON_SHARE


def _looks_like_big5(data: bytes) -> bool:
    """Nearly all pairs are common characters or signs of Big5, and most stand beside another: in
    Latin text a letter with an accent stands between letters without."""
    sample = data[:20_000]
    common = pairs = adjacent = 0
    at, last = 0, -2
    while at < len(sample) - 1:
        lead, trail = sample[at], sample[at + 1]
        if lead < 0x80:
            at += 1
            continue
        pairs += 1
        common += 0xA1 <= lead <= 0xC6 and (0x40 <= trail <= 0x7E or trail >= 0xA1)
        adjacent += last == at - 2
        last = at
        at += 2
    return pairs >= _FEWEST_PAIRS and common >= 0.9 * pairs and adjacent >= 0.5 * pairs


def _tidy(text: str) -> str:
    """One kind of line end, no NUL, no mark, no half characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "").removeprefix("\ufeff")
    return text.encode("utf-8", "ignore").decode("utf-8")
