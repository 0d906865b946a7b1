"""Bytes of unknown encoding to text: marks first, then strict trials, never silent damage.

Nearly any bytes are characters in several encodings. A trial counts only where it makes a text
that people write: the usual signs of Chinese or Japanese, the usual letters of Russian or Arabic,
letters with accents that stand alone among plain ones.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PROBE_BYTES = 4096
_SAMPLE = 20_000
# The set of characters in use within an encoding, and the first bytes of the common ones in it;
# below these stand the punctuation marks.
_COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5": ("big5", 0xA4, 0xC6)}
_MARKS_FROM, _MARKS_TO = 0xA1, 0xA3
# The ten most frequent letters: more than half of any text of the language.
_FREQUENT = {"cp1251": "оеаинтсрвл", "cp1256": "اليمنوترهب", "koi8-r": "оеаинтсрвл"}
_ENOUGH_FREQUENT = 0.45
_ENOUGH_KANA = 0.25
_DAMAGED_TIMES = 4
# What is written with accents in the west of Europe; "þ" or "³" within words is another encoding.
_WESTERN = frozenset("äöüßàâéèêëîïôùûçñáíóúãõìòåæøœÿÄÖÜÀÂÉÈÊËÎÏÔÙÛÇÑÁÍÓÚÃÕÌÒÅÆØŒ")
_TYPOGRAPHY = frozenset("‘’“”„–—…•·£€§©®™°«»¡¿ªº²½¼´±¢¥ ×\x92")
# A letter with an accent that was taken for half a sign: "dzia豉".
_WITHIN_WORD = re.compile(r"(?<=[a-z])[^\x00-\x7f]|[^\x00-\x7f](?=[a-z])")
# Three such letters in a row are no accents ("aïeul" has two vowels at most).
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]{3,}")
_ENOUGH_WESTERN = 0.97
_USUAL = ("utf-8", "gb18030", "big5", "cp932", "utf-16", "cp1252", "cp1251", "cp1256")


class UnableToDecode(BadInput):
    """No encoding we know reads the bytes without damage."""

    code = "encoding_unknown"


def decode(data: bytes, *, encoding: str | None = "") -> tuple[str, str]:
    """The text and the encoding that read it.

    encoding  a wish of the caller's; None where there is no way to express one

    >>> decode("投诉".encode("gb18030"))
    ('投诉', 'gb18030')
    """
    if encoding and not _is_encoding(encoding):
        raise UnableToDecode(
            _("There is no encoding “%(name)s”."),
            next_step=_("Name one like %(known)s."),
            values={"name": encoding, "known": ", ".join(_USUAL)},
        )
    trials = [encoding] if encoding else _trials(data)
    broken = 0
    for trial in trials:
        try:
            text = data.decode(trial)
        except UnicodeDecodeError as error:
            broken = max(broken, error.start)
            continue
        if encoding or trial not in _PLAUSIBLE or _PLAUSIBLE[trial](text, trial):
            return text, "utf-8" if trial == "utf-8-sig" else trial
    line = data.count(b"\n", 0, broken) + 1
    raise UnableToDecode(
        _("The file is not readable as %(encodings)s: line %(line)s holds bytes that are no text."),
        meaning=_("Nothing was imported."),
        next_step=_("Save it as UTF-8, or mend that line, and send it again.")
        if encoding is None
        else _(
            "Save it as UTF-8, or mend that line, and send it again; or name its encoding with "
            "--encoding. Western European files are often cp1252 or latin-1."
        ),
        values={
            "encodings": " / ".join(trial.removesuffix("-sig").upper() for trial in trials[:2]),
            "line": f"{line:,}",
        },
    )


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _is_common(text: str, encoding: str) -> bool:
    """Whether the characters beyond ASCII are mostly those that Chinese texts are made of.

    Many bytes are characters in several encodings; in the wrong one they are rare ones.
    """
    narrow, low, high = _COMMON[encoding]
    beyond = [char.encode(narrow, "replace")[0] for char in text[:_SAMPLE] if not char.isascii()]
    common = sum(low <= lead <= high or _MARKS_FROM <= lead <= _MARKS_TO for lead in beyond)
    within = len(_WITHIN_WORD.findall(text[:_SAMPLE]))
    return 3 * common >= 2 * len(beyond) and 2 * within <= len(beyond)


def _is_japanese(text: str, encoding: str) -> bool:
    """Whether kana are among the signs beyond ASCII, as in any Japanese sentence."""
    beyond = [char for char in text[:_SAMPLE] if not char.isascii()]
    kana = sum("\u3040" <= char <= "\u30ff" for char in beyond)
    return bool(beyond) and kana >= _ENOUGH_KANA * len(beyond)


def _is_frequent(text: str, encoding: str) -> bool:
    """Whether the letters beyond ASCII are those the language uses most, and fill whole words."""
    beyond = [char for char in text.lower()[:_SAMPLE] if not char.isascii() and char.isalpha()]
    frequent = sum(char in _FREQUENT[encoding] for char in beyond)
    if encoding == "koi8-r" and any(not char.isalpha() for char in text[:_SAMPLE] if char > "\x7f"):
        return False  # its other signs draw boxes
    word_length = sum(len(word) for word in re.findall(r"[^\x00-\x7f]{2,}", text[:_SAMPLE]))
    return (
        bool(beyond)
        and frequent >= _ENOUGH_FREQUENT * len(beyond)
        and 4 * word_length >= 3 * len(beyond)
    )


def _is_western(text: str, encoding: str) -> bool:
    """Whether what is beyond ASCII are accents and typography of the west of Europe.

    Accents stand alone among plain letters; letters of another alphabet fill whole words.
    """
    beyond = [char for char in text[:_SAMPLE] if not char.isascii()]
    usual = sum(char in _WESTERN or char in _TYPOGRAPHY for char in beyond)
    if any(unicodedata.category(char) == "Cc" for char in beyond):
        return False
    letters = sum(map(str.isalpha, beyond))
    word_length = sum(len(word) for word in _FOREIGN.findall(text[:_SAMPLE]))
    return usual >= _ENOUGH_WESTERN * len(beyond) and 4 * word_length <= letters


# In the order in which they are tried.
_PLAUSIBLE = {
    "cp1252": _is_western,
    "koi8-r": _is_frequent,
    "gb18030": _is_common,
    "cp932": _is_japanese,
    "big5": _is_common,
    "cp1251": _is_frequent,
    "cp1256": _is_frequent,
}


def _trials(data: bytes) -> list[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    probe = data[:_PROBE_BYTES]
    if probe.count(0) > len(probe) // 5 or b"\n\0" in probe or b"\0\n" in probe:
        # Text of two bytes a character without a mark: its empty bytes tell which come first.
        return ["utf-16-le" if probe[1::2].count(0) >= probe[::2].count(0) else "utf-16-be"]
    return ["utf-8"] if _is_damaged(probe) else ["utf-8", *_PLAUSIBLE]


def _is_damaged(probe: bytes) -> bool:
    """Whether bytes are UTF-8 but for a few: another encoding would make nonsense of the rest."""
    text = probe.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond = sum(not char.isascii() for char in text) - broken
    return beyond > _DAMAGED_TIMES * broken
