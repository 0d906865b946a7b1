"""On which channel a notice is told next."""

from __future__ import annotations

from collections.abc import Collection, Sequence

RECEIPTED = frozenset({"sms"})
"""Channels whose provider says that a message arrived; silence there means something."""


def addresses(phone: str, email: str) -> dict[str, str]:
    """The channels a person can be reached on by themselves, with the address on each.

    >>> addresses("", "li@example.com")
    {'mail': 'li@example.com'}
    """
    given = {"sms": phone, "mail": email}
    return {channel: address for channel, address in given.items() if address}


def next_channel(
    listed: Sequence[str], *, chosen: str, tried: Collection[str], reachable: Collection[str]
) -> str:
    """The user's own channel if the duty lists it, else the duty's first; "" if none is left.

    Channels that were tried, or that do not reach this person, are passed by.

    >>> next_channel(["sms", "app", "mail"], chosen="", tried=["sms"], reachable={"sms", "mail"})
    'mail'
    """
    order = [chosen, *listed] if chosen in listed else list(listed)
    return next((one for one in order if one in reachable and one not in tried), "")
