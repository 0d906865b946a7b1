"""What a channel is: how people call it, whom it reaches, how it is switched on and sends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.utils.functional import Promise

from amends.channels.senders import Sender

Words: TypeAlias = str | Promise
Clock = Callable[[], datetime]


def one_part(text: str) -> int:
    """Most channels send a text in one piece."""
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel. What is not stated it does not do.

    title          as a list names it: "SMS"
    noun, by       within a sentence: "text message", "by text message"
    icon           of the icon sheet
    receives       complaints come by it
    electronic     a complaint by it counts as electronic in indicators
    aliases        what exports of other desks call it
    reaches        the contact on record that a message goes to; "" where nothing is sent
    on_record      the platform writes to the contact on record by it; held in the sandbox
    receipted      the provider says that a message arrived: silence there means something
    proves_number  the network states the sender's number, and a message names none it answers
    variables      of the server that switch it on
    is_configured  whether an operator switched it on; raises `ImproperlyConfigured`
    open_sender    None for a line held open by a job of its own, or for work by hand
    count_parts    in how many parts a text is sent, which is what a provider charges
    """

    name: str
    title: Words
    noun: Words = ""
    by: Words = ""
    icon: str = ""
    receives: bool = False
    electronic: bool = False
    aliases: tuple[str, ...] = ()
    reaches: Literal["", "phone", "email", "post"] = ""
    on_record: bool = False
    receipted: bool = False
    proves_number: bool = False
    variables: tuple[str, ...] = ()
    is_configured: Callable[[], bool] | None = None
    open_sender: Callable[[Clock], AbstractContextManager[Sender]] | None = None
    count_parts: Callable[[str], int] = one_part
