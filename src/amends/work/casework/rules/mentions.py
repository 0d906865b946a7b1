"""Mentions in internal notes: `@name` of a colleague or of a team."""

from __future__ import annotations

import re

# An `@` within a word is a mailbox, not a mention.
_MENTION = re.compile(r"(?<![A-Za-z0-9_.+-])@([A-Za-z0-9_.+-]+|[^\W\d_A-Za-z]+)")


def mentions_in(text: str) -> list[str]:
    """The names mentioned, each once, in their order; a full stop at the end is no part of one.

    >>> mentions_in("@li_na please ask @billing-team. Mail a@b.example; @li_na?")
    ['li_na', 'billing-team']
    """
    names = (name.rstrip(".-+") for name in _MENTION.findall(text))
    return list(dict.fromkeys(name for name in names if name))
