"""The channels of the installation: what is switched on, and a test message to oneself."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.channels.actions.send_test_message import newest_test_message, send_test_message
from amends.channels.models import OutboxMessage
from amends.channels.queries import held_by_channel
from amends.channels.register import channels
from amends.channels.senders import SWITCHES
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import Words

_TONES = {
    OutboxMessage.State.SENT: "ok",
    OutboxMessage.State.FAILED: "bad",
    OutboxMessage.State.UNKNOWN: "warn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel that sends messages.

    held       messages that wait for the channel
    variables  of the server that switch it on; "" where the page of operation describes it
    """

    title: Words
    icon: str
    is_on: bool
    held: int
    variables: str


@require_safe
@requires("admin")
def channels_page(request: HttpRequest) -> HttpResponse:
    """The channels with their state and variables, and the last test message."""
    held = held_by_channel()
    rows = [
        ChannelRow(
            title=channel.title,
            icon=channel.icon,
            is_on=SWITCHES[name].is_configured(),
            held=held.get(name, 0),
            variables=", ".join(channel.variables),
        )
        for name, channel in channels().items()
        if name in SWITCHES
    ]
    test = newest_test_message(actor_of(request))
    context = {
        "rows": rows,
        "mail_is_on": SWITCHES["mail"].is_configured(),
        "email": _email(request),
        "test": test,
        "test_tone": _TONES.get(OutboxMessage.State(test.state), "info") if test else "",
    }
    return render(request, "channels/settings_page.html", context)


@require_POST
@requires("admin")
@refusals_as_pages
def test_message(request: HttpRequest) -> HttpResponse:
    """Send a mail to the reader's own address."""
    send_test_message(email=_email(request), actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The test message is on its way. Its state appears below."))
    return redirect("channels")


def _email(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", ""))
