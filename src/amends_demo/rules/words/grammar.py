"""The shape of a grammar: for each matter, ways to say what happened, what more, and what is asked.

Slots in braces are filled from the person's own matter: `{svc}` the service, `{fee}` the amount,
`{total}` the sum, `{plan}` the plan, `{mbps}` the speed sold, `{when}` a time, `{land}` a country.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageGrammar:
    """Ways to say one matter. `what` must stand in every message; the rest may."""

    what: tuple[str, ...]
    more: tuple[str, ...]
    ask: tuple[str, ...]
