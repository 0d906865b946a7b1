"""A clock that stands and chance that repeats, so that two records of one code are alike."""

from __future__ import annotations

import random
import re
import secrets
from datetime import datetime, timedelta
from itertools import count

END = "2026-11-24T10:00:00+08:00"


def fix() -> None:
    """From here on it is `END`, and what is drawn at random is drawn from one seed."""
    from django.utils import timezone

    chance, calls = random.Random(77), count()
    moment = datetime.fromisoformat(END)
    timezone.now = lambda: moment + timedelta(microseconds=next(calls))
    secrets.randbits = chance.getrandbits
    secrets.randbelow = chance.randrange
    secrets.choice = chance.choice
    secrets.token_bytes = lambda size=32: chance.randbytes(size)
    secrets.token_hex = lambda size=32: chance.randbytes(size).hex()


# A change of the code draws others.
_RANDOM = re.compile(
    r"""(?<![\w/+])(?:
        [0-9a-f]{16} | [0-9a-f]{32} | [0-9a-f]{40} | [0-9a-f]{64}         # hashes
        | (?=[a-z]*\d)[0-9a-hjkmnp-tv-z]{20}                              # ids
        | [a-z]{1,5}[-_](?=[a-z]*\d)[0-9a-hjkmnp-tv-z]{12,20} | [a-z]{3}-…\w{4}
        | [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}                             # tracking codes
        | amends/ledger/[0-9a-f]{16}(?:\+\S+)? | [A-Za-z0-9+/]{43,}=*      # keys, signatures
    )(?![\w/+])""",
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text without what is drawn at random."""
    return _RANDOM.sub("<random>", text)
