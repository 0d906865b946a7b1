"""What became of one try to send: data, not exceptions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MAX_ERROR = 200
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}|\+?\d[\d -]{5,}\d")


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The result of one try.

    kind                 `sent`: the provider took it; `not_sent`: it surely did not;
                         `unknown`: it may have (the answer was lost after the message was out)
    permanent            trying again will not help
    said                 what the provider said; addresses in it are removed when it is stored
    provider_message_id  the provider's own name for it
    """

    kind: Literal["sent", "not_sent", "unknown"]
    permanent: bool = False
    said: str = ""
    provider_message_id: str = ""


def without_addresses(text: str) -> str:
    """What a provider said, without the addresses it repeats, at most `MAX_ERROR` characters.

    >>> without_addresses("550 5.1.1 <li.lei@example.com>: no such user")
    '550 5.1.1 <…>: no such user'
    """
    return _ADDRESS.sub("…", " ".join(text.split()))[:MAX_ERROR]
