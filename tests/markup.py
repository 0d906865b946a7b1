"""Pages as tests compare them: without the white space that templates put between elements."""

from __future__ import annotations

import re


def squeezed(html: str) -> str:
    """HTML with no white space beside a tag, and single spaces elsewhere.

    >>> squeezed("<td>\\n  Offer  <b> ring\\n service</b></td>")
    '<td>Offer<b>ring service</b></td>'
    """
    return re.sub(r" ?(<[^>]*>) ?", r"\1", re.sub(r"\s+", " ", html))
