"""Whether a colour can be read and a file is a picture that browsers show."""

from __future__ import annotations

import re
import struct

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text against its ground."""
MOST_LOGO_BYTES = 200 * 1024
MOST_LOGO_PX = 1_024
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PNG = b"\x89PNG\r\n\x1a\n"


def is_colour(text: str) -> bool:
    """Whether a text is a colour as #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def contrast_to_white(colour: str) -> float:
    """The contrast ratio of a colour #rrggbb to white (WCAG 2.2).

    >>> round(contrast_to_white("#000000"), 1), round(contrast_to_white("#ffffff"), 1)
    (21.0, 1.0)
    """
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def mixed(colour: str, share: float, target_level: int) -> str:
    """A colour with a share (0 to 1) of white (`other` 255) or black (0).

    >>> mixed("#0b5d70", 0.2, 0)
    '#094a5a'
    """
    values = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(
        f"{round(level * (1 - share) + target_level * share):02x}" for level in values
    )


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG picture in pixels; None for anything else.

    >>> png_size(b"GIF89a") is None
    True
    """
    if not content.startswith(_PNG) or len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height
