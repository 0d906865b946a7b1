"""Where platforms call us: each callback is signed, bounded, and counted where it is refused."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from amends.channels.actions.take_posts import LATEST, StoredPosts, take_in
from amends.channels.social import wechat, weibo
from amends.channels.social.connector import FoundPost
from amends.channels.social.models import CallbackRefusal
from amends.channels.social.refused_callback import RefusedCallback
from amends.channels.social.settings import PlatformAccount, social_settings
from amends.channels.social.webhook import read_events
from amends.channels.social.webhook import verify as verify_webhook
from amends.people.access.web.permission import public

log = logging.getLogger("amends.social")
MOST_BYTES = 16 * 1024 * 1024
"""An image of 10 MB in base64, and its post."""
Reason = CallbackRefusal.Reason


# Its body is signed by the platform: no session or cookie gives it any weight.
@public
@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, name: str) -> HttpResponse:
    """One callback of the account `name`."""
    account = social_settings().accounts.get(name)
    if account is None:
        raise Http404
    now = timezone.now()
    try:
        return _ANSWERS[account.platform](request, account, now)
    except RefusedCallback as refused:
        count_refusal(account.name, refused.reason, now=now)
        return JsonResponse({"error": refused.reason.value}, status=_STATUS[refused.reason])


_STATUS = {
    Reason.FORGED: 401,
    Reason.OLD: 401,
    Reason.REPLAYED: 409,
    Reason.UNREADABLE: 400,
    Reason.FUTURE: 400,
    Reason.TOO_LARGE: 413,
}


def count_refusal(account: str, reason: CallbackRefusal.Reason, *, now: datetime) -> None:
    """One more refused callback of today; nothing of it is stored."""
    row, _created = CallbackRefusal.objects.get_or_create(
        account=account, reason=reason, day=timezone.localdate(now)
    )
    CallbackRefusal.objects.filter(pk=row.pk).update(count=F("count") + 1)
    log.warning("a callback of %s was refused: %s", account, reason.value)


def body_of(request: HttpRequest) -> bytes:
    """The body; raises `RefusedCallback` where it is larger than `MOST_BYTES`."""
    content = request.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RefusedCallback(Reason.TOO_LARGE)
    return content


def _webhook(request: HttpRequest, account: PlatformAccount, now: datetime) -> HttpResponse:
    if request.method != "POST":
        raise Http404
    body = body_of(request)
    verify_webhook(account.secret, request.headers, body, now=now)
    posts, changes = read_events(body, now=now)
    _refuse_future(posts, now)
    stored_posts = take_in(account, posts, changes, now=now)
    if posts and not changes and not stored_posts.stored and not stored_posts.own:
        # The gateway may repeat a callback it believes lost; nothing is stored twice.
        count_refusal(account.name, Reason.REPLAYED, now=now)
    return JsonResponse(
        {
            "stored": stored_posts.stored,
            "known": stored_posts.known,
            "own": stored_posts.own,
            "edited": stored_posts.edited,
            "deleted": stored_posts.deleted,
        }
    )


def _refuse_future(posts: Sequence[FoundPost], now: datetime) -> None:
    """Refuse posts that are dated later than now: they would head every list for years."""
    if any(post.posted_at > now + LATEST for post in posts):
        raise RefusedCallback(Reason.FUTURE)


def _weibo(request: HttpRequest, account: PlatformAccount, now: datetime) -> HttpResponse:
    """A private message to a Weibo account; an empty answer accepts it."""
    weibo.verify(account, request.GET.dict(), now=now)
    if request.method == "GET":
        echoed = request.GET.get("echostr", "")
        return _plain(echoed if echoed.isalnum() else "")
    query, body = request.GET.dict(), body_of(request)
    posts = weibo.read_push(account, query, body)
    if posts:
        weibo.refuse_replay(account, query, body, now=now)
    stored_posts = take_in(account, posts, now=now)
    return _accepted(account, stored_posts, now)


def _wechat(request: HttpRequest, account: PlatformAccount, now: datetime) -> HttpResponse:
    """An encrypted message to an official account; an empty answer stops its repeats."""
    query = request.GET.dict()
    if request.method == "GET":
        return _plain(wechat.echo(account, query, now=now))
    posts = wechat.read_callback(account, query, body_of(request), now=now)
    _refuse_future(posts, now)
    return _accepted(account, take_in(account, posts, now=now), now)


def _accepted(account: PlatformAccount, stored_posts: StoredPosts, now: datetime) -> HttpResponse:
    """Both platforms repeat what was answered late: a repeat is counted and accepted."""
    if stored_posts.known and not stored_posts.stored:
        count_refusal(account.name, Reason.REPLAYED, now=now)
    return _plain("")


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _none(request: HttpRequest, account: PlatformAccount, now: datetime) -> HttpResponse:
    """Mastodon is read; it calls no address."""
    raise Http404


_ANSWERS = {"webhook": _webhook, "weibo": _weibo, "wechat": _wechat, "mastodon": _none}
