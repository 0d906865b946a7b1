"""State that the platform read whose services there are, to count people; nobody's value is opened.

One fact for the whole count, about nobody in particular, so that it costs the same for ten people
and for a million. Whoever shows or tells one of them goes through a case, with a fact for each.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from amends.people.access.actions.disclosure import Disclosure, disclose
from amends.platform.kit.actors import Actor


def note_count(actor: Actor, *, about: str, fields: Collection[str], now: datetime) -> None:
    """Call it in the transaction that keeps the count; if the fact fails, nothing is kept.

    about  what the count is for: a hot issue
    """
    disclose(
        [
            Disclosure(
                actor=actor,
                role="system",
                subscriber="",
                purpose="quality",
                fields=tuple(fields),
                case=about,
            )
        ],
        now=now,
    )
