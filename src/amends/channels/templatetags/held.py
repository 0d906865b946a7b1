"""Messages that wait because no channel sends: a banner for staff, a note for everybody else."""

from __future__ import annotations

from typing import Any

from django import template

from amends.channels.queries import held_messages
from amends.channels.queries.capabilities import codes_can_leave, sends
from amends.channels.senders import delivers_here
from amends.people.operator.queries import operator

register = template.Library()
COUNTED = 9_999


@register.inclusion_tag("channels/held_banner.html")
def held_banner() -> dict[str, Any]:
    """How many messages are held while no channel is switched on; nothing where one is."""
    return {"held": 0 if codes_can_leave() else held_messages(limit=COUNTED + 1), "most": COUNTED}


@register.simple_tag
def messages_can_leave() -> bool:
    """Whether messages to contacts on record are sent, or wait in the sandbox."""
    return codes_can_leave()


@register.inclusion_tag("channels/codes_note.html")
def codes_note(channel: str = "") -> dict[str, Any]:
    """Where a page would promise a code that cannot be sent: that it cannot, and whom to call.

    channel  the only one that the code is sent by; "" for any to a contact on record
    """
    can_send = sends(channel) if channel else codes_can_leave()
    return {
        "cannot_send": not can_send,
        "hotline": operator().hotline,
        "is_demonstration": can_send and delivers_here(),
    }


@register.inclusion_tag("channels/demo_messages_note.html")
def demo_messages_note() -> dict[str, Any]:
    """In a demonstration: where the messages to its invented customers are."""
    return {"is_demonstration": delivers_here()}
