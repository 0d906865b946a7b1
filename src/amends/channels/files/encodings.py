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


class UnableToDecode(BadInput):
    """No encoding we know reads the bytes without damage."""

    code = "encoding_unknown"


def decode(data: bytes, *, encoding: str = "") -> tuple[str, str]:
    """The text and the encoding that read it; `encoding` is a wish of the caller's.

    >>> decode("投诉".encode("gb18030"))
    ('投诉', 'gb18030')
    """
    trials = [encoding] if encoding else _trials(data)
    broken = 0
    for trial in trials:
        try:
            text = data.decode(trial)
        except UnicodeDecodeError as error:
            broken = max(broken, error.start)
            continue
        except LookupError:
            continue
        return text, "utf-8" if trial == "utf-8-sig" else trial
    line = data.count(b"\n", 0, broken) + 1
    raise UnableToDecode(
        _("The file is not readable as %(encodings)s: line %(line)s holds bytes that are no text."),
        meaning=_("Nothing was imported."),
        next_step=_("Save it as UTF-8, or mend that line, and send it again."),
        values={
            "encodings": " / ".join(trial.removesuffix("-sig").upper() for trial in trials),
            "line": f"{line:,}",
        },
    )


def _trials(data: bytes) -> list[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    probe = data[:_PROBE_BYTES]
    if probe.count(0) > len(probe) // 5:
        # Text of two bytes a character without a mark: its empty bytes tell which come first.
        return ["utf-16-le" if probe[1::2].count(0) >= probe[::2].count(0) else "utf-16-be"]
    return ["utf-8", "gb18030"]
