"""The next channel of a notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

BY_POST = "by post"
"""Stands for the postal address, which only the person who prints the letter opens, through
access."""


def addresses(phone: str, email: str, *, reaching: Mapping[str, str]) -> dict[str, str]:
    """The channels a person can be reached on, with the address on each.

    reaching  the channels that take messages now → the contact each reaches: phone, email, post

    >>> addresses("15400000001", "", reaching={"text": "phone", "mail": "email", "letter": "post"})
    {'text': '15400000001', 'letter': 'by post'}
    """
    values_by_kind = {"phone": phone, "email": email, "post": BY_POST}
    return {
        channel: values_by_kind[kind] for channel, kind in reaching.items() if values_by_kind[kind]
    }


def next_channel(
    listed: Sequence[str], *, chosen: str, tried: Collection[str], reachable: Collection[str]
) -> str:
    """The user's own channel if the duty lists it, else the duty's first; "" if none is left.

    Channels that were tried, or that do not reach this person, are passed by.

    >>> next_channel(["app", "push", "mail"], chosen="", tried=["app"], reachable={"app", "mail"})
    'mail'
    """
    order = [chosen, *listed] if chosen in listed else list(listed)
    return next((channel for channel in order if channel in reachable and channel not in tried), "")
