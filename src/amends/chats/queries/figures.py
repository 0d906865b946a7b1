"""Figures of chats for the indicators by channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.chats.choices import ChatOutcome
from amends.chats.models import Chat

CONTENT_FROM = 4
"""From this rating of 1 to 5 on a visitor counts as satisfied."""


@dataclass(frozen=True, slots=True)
class ChatFigures:
    """Chats that began in a period.

    first_answer_s  seconds from the wish for a person to the first answer, of chats that got one
    ended           chats that have ended; transferred of them became complaints, solved_alone were
                    answered by an article
    rated           chats with a rating; content of them with 4 or 5
    """

    chats: int
    first_answer_s: tuple[int, ...]
    ended: int
    transferred: int
    solved_alone: int
    rated: int
    content: int


def chat_figures(*, start: datetime, end: datetime, brand: str = "") -> ChatFigures:
    """Figures of the chats that began in `[start, end)`."""
    rows = Chat.objects.filter(began_at__gte=start, began_at__lt=end)
    if brand:
        rows = rows.filter(brand=brand)
    found = list(rows.values_list("asked_at", "first_answer_at", "ended_at", "outcome", "rating"))
    outcomes = [outcome for _asked, _first, _ended, outcome, _rating in found]
    ratings = [rating for *_others, rating in found if rating is not None]
    return ChatFigures(
        chats=len(found),
        first_answer_s=tuple(
            int((first - asked).total_seconds())
            for asked, first, *_others in found
            if first is not None and asked is not None
        ),
        ended=sum(ended is not None for _asked, _first, ended, *_others in found),
        transferred=outcomes.count(ChatOutcome.TRANSFERRED),
        solved_alone=outcomes.count(ChatOutcome.SOLVED_ALONE),
        rated=len(ratings),
        content=sum(rating >= CONTENT_FROM for rating in ratings),
    )
