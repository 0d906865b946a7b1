"""Choices of a field that pages show as a badge: a value, its tone and its translated label."""

from __future__ import annotations

from typing import Self

from django.db import models


class BadgeChoices(models.TextChoices):
    """`TextChoices` whose members are written `value, tone, label`.

    tone  ok, warn, bad, info, plum, plain, nothing or uncovered: colour and sign of the badge

    The template tag `{% status member %}` shows one.
    """

    tone: str

    def __new__(cls, value: str, tone: str = "plain") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member
