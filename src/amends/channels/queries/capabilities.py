"""Questions about the channels there are: their words, whom they reach, what they can do."""

from __future__ import annotations

from collections.abc import Mapping

from amends.channels.register import channels
from amends.channels.senders import sends as sends
from amends.people.access.web.signs import Sign, Words


def channel_titles() -> dict[str, Words]:
    """The channels complaints come by, with their titles, in the order of pages."""
    return {name: channel.title for name, channel in channels().items() if channel.receives}


def writing_channels() -> tuple[str, ...]:
    """The channels by which somebody writes to us now; history is no channel."""
    return tuple(name for name in channel_titles() if name != "import")


def channel_sign(name: str) -> Sign:
    """The badge of a channel; one nobody knows is shown by its name."""
    channel = channels().get(name)
    return Sign(channel.title, icon=channel.icon) if channel else Sign(name)


def channel_noun(name: str) -> str:
    """A channel within a sentence: "text message"."""
    channel = channels().get(name)
    return str(channel.noun or channel.title) if channel else name


def channel_nouns() -> dict[str, Words]:
    """Every channel that has a word within a sentence → that word."""
    return {name: channel.noun for name, channel in channels().items() if channel.noun}


def text_channels() -> tuple[str, ...]:
    """The channels of text messages, on which the network states the sender's number."""
    return tuple(name for name, channel in channels().items() if channel.proves_number)


def by_channel(name: str) -> str:
    """How something was sent: "by text message"."""
    return str(channels()[name].by)


def reached_by(contact: str) -> str:
    """The channel by which the platform writes to a contact on record, "phone" or "email"."""
    return next(
        channel.name
        for channel in channels().values()
        if channel.on_record and channel.reaches == contact
    )


def contact_of(name: str) -> str:
    """The contact a channel reaches: "phone", "email", "post"; "" where nothing is sent."""
    channel = channels().get(name)
    return channel.reaches if channel else ""


def written_contacts() -> Mapping[str, str]:
    """Channels that the platform writes to contacts on record by → the contact each reaches."""
    return {channel.name: channel.reaches for channel in channels().values() if channel.on_record}


def reaching() -> Mapping[str, str]:
    """Channel → the contact it reaches, where messages go now, or wait in the sandbox."""
    return {
        channel.name: channel.reaches
        for channel in channels().values()
        if channel.reaches and (channel.on_record or sends(channel.name))
    }


def outgoing() -> tuple[str, ...]:
    """The channels by which messages can reach a person at all."""
    return tuple(channel.name for channel in channels().values() if channel.reaches)


def codes_can_leave() -> bool:
    """Whether a code to a contact on record is sent out, or waits in the sandbox."""
    return any(sends(name) for name in written_contacts())


def parts_of(name: str, text: str) -> int:
    """In how many parts a text is sent on a channel."""
    channel = channels().get(name)
    return channel.count_parts(text) if channel else 1


def most_parts(text: str) -> int:
    """The parts of a text on the channel that needs the most."""
    return max(channel.count_parts(text) for channel in channels().values())


def receipted() -> frozenset[str]:
    """Channels whose provider says that a message arrived."""
    return frozenset(channel.name for channel in channels().values() if channel.receipted)


def electronic() -> frozenset[str]:
    """Channels whose complaints count as electronic."""
    return frozenset(channel.name for channel in channels().values() if channel.electronic)


def proves_number(name: str) -> bool:
    """Whether the network states the sender's number on a channel, as with a text message."""
    channel = channels().get(name)
    return channel is not None and channel.proves_number


def channel_aliases() -> dict[str, tuple[str, ...]]:
    """Channel → what exports of other desks call it."""
    return {channel.name: channel.aliases for channel in channels().values() if channel.aliases}
