"""Figures of conversations that an app of its own leads on a channel, such as the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.dispatch import Signal

figures_requested = Signal()
"""Sent with `start`, `end`, `brand`; a receiver answers with its `ConversationFigures`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFigures:
    """Conversations that began in a period.

    first_answer_s  seconds from the wish for a person to the first answer, of those that got one
    ended           conversations that have ended; transferred of them became complaints,
                    solved_alone were answered by an article
    rated           conversations with a rating; content of them with 4 or 5
    """

    channel: str
    conversations: int
    first_answer_s: tuple[int, ...]
    ended: int
    transferred: int
    solved_alone: int
    rated: int
    content: int


def conversation_figures(
    *, start: datetime, end: datetime, brand: str = ""
) -> dict[str, ConversationFigures]:
    """Channel → figures of the conversations that began in `[start, end)`."""
    answers = figures_requested.send(None, start=start, end=end, brand=brand)
    return {figures.channel: figures for _receiver, figures in answers}
