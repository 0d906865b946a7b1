"""Bytes of unknown encoding to text: marks first, then strict trials, never silent damage."""

from __future__ import annotations

import codecs

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

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
_USUAL = ("utf-8", "gb18030", "big5", "utf-16", "cp1252", "latin-1")


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
        if encoding or trial not in _COMMON or _is_common(text, trial):
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
    return 3 * common >= 2 * len(beyond)


def _trials(data: bytes) -> list[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    probe = data[:_PROBE_BYTES]
    if probe.count(0) > len(probe) // 5:
        # Text of two bytes a character without a mark: its empty bytes tell which come first.
        return ["utf-16-le" if probe[1::2].count(0) >= probe[::2].count(0) else "utf-16-be"]
    return ["utf-8", *_COMMON]
