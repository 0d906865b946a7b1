"""On which channel a notice is told next."""

from __future__ import annotations

from collections.abc import Collection, Sequence

RECEIPTED = frozenset({"sms"})
"""Channels whose provider says that a message arrived; silence there means something."""


BY_POST = "by post"
"""Stands for the postal address, which only whoever prints the letter opens, through access."""


def addresses(
    phone: str, email: str, *, app: bool = False, calls: bool = False, letters: bool = False
) -> dict[str, str]:
    """The channels a person can be reached on, with the address on each.

    app             whether there is a gateway to the operator's app, which knows people by number
    calls, letters  whether the operator has people who call, and who post letters

    >>> addresses("", "li@example.com")
    {'mail': 'li@example.com'}
    >>> addresses("15400000001", "", calls=True, letters=True)
    {'sms': '15400000001', 'phone': '15400000001', 'letter': 'by post'}
    """
    given = {
        "sms": phone, "mail": email, "phone": phone if calls else "",
        "letter": BY_POST if letters else "", "app": phone if app else "",
    }  # fmt: skip
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
