"""Figures of chats for the indicators by channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from amends.channels.queries.conversations import ConversationFigures
from amends.entrances.chats.choices import ChatOutcome
from amends.entrances.chats.models import Chat

SATISFIED_FROM = 4
"""From this rating of 1 to 5 on a visitor counts as satisfied."""


def chat_figures(
    *, start: datetime, end: datetime, brand: str = "", **_signal: Any
) -> ConversationFigures:
    """Figures of the chats that began in `[start, end)`."""
    chats = Chat.objects.filter(began_at__gte=start, began_at__lt=end)
    if brand:
        chats = chats.filter(brand=brand)
    rows = list(chats.values_list("asked_at", "first_answer_at", "ended_at", "outcome", "rating"))
    outcomes = [outcome for _asked_at, _first, _ended, outcome, _rating in rows]
    ratings = [rating for *_columns, rating in rows if rating is not None]
    return ConversationFigures(
        channel="chat",
        conversations=len(rows),
        first_answer_s=tuple(
            int((first - asked_at).total_seconds())
            for asked_at, first, *_columns in rows
            if first is not None and asked_at is not None
        ),
        ended=sum(ended is not None for _asked_at, _first, ended, *_columns in rows),
        transferred=outcomes.count(ChatOutcome.TRANSFERRED),
        solved_alone=outcomes.count(ChatOutcome.SOLVED_ALONE),
        rated=len(ratings),
        content=sum(rating >= SATISFIED_FROM for rating in ratings),
    )
