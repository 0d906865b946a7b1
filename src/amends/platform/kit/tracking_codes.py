"""Finding the code of a complaint in what somebody wrote."""

from __future__ import annotations

import re

_GROUP, _DASH = r"([0-9A-Za-z]{4})", r"[-–— ]"
_CODE = re.compile(
    rf"(?<![0-9A-Za-z-]){_GROUP}{_DASH}{_GROUP}{_DASH}{_GROUP}(?![0-9A-Za-z-])", re.ASCII
)
_ALPHABET = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def find_tracking_code(*texts: str) -> str:
    """The first tracking code in `texts`, in its written form; "" if there is none.

    O, I and L are read as 0, 1 and 1 (the alphabet has no such letters, so that codes can be read
    aloud). Four plain words of four letters are not a code: it must hold a digit.

    >>> find_tracking_code("Re: [7qx2-m9t4-0ab8] your complaint")
    '7QX2-M9T4-0AB8'
    >>> find_tracking_code("They said they will call back")
    ''
    """
    for text in texts:
        for match in _CODE.finditer(text):
            code = "-".join(match.groups()).upper().translate(_READ_AS)
            body = code.replace("-", "")
            if set(body) <= _ALPHABET and any(c.isdigit() for c in "".join(match.groups())):
                return code
    return ""
