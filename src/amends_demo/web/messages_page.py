"""The messages that invented customers receive: letters, codes and replies, as they arrive."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amends.channels.queries.capabilities import channel_sign
from amends.channels.queries.delivered import delivered
from amends.people.access.web.permission import public
from amends_demo.delivery import CHANNELS, is_open

_SHOWN = 50


@require_safe
@never_cache
@public
def messages_page(request: HttpRequest) -> HttpResponse:
    """The newest messages, of one address or of all; 404 outside a demonstration."""
    if not is_open():
        raise Http404
    address = request.GET.get("to", "").strip()
    context = {
        "address": address,
        "messages_shown": [
            (message, channel_sign(message.channel))
            for message in delivered(CHANNELS, address=address, limit=_SHOWN)
        ],
        "most": _SHOWN,
    }
    return render(request, "demo/messages.html", context)
