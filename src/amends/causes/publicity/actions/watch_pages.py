"""Watch pages of the operator's own: add one, and fetch them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from amends.causes.publicity.actions.authority import require
from amends.causes.publicity.actions.crawler import Crawler, host_of
from amends.causes.publicity.actions.see_copy import see_copy
from amends.causes.publicity.models import WatchedPage
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput


class UnableToWatchPage(BadInput):
    """The address is no page of the web."""

    code = "page_not_watched"


@dataclass(frozen=True, slots=True)
class PageAdded:
    """A page that is fetched and checked from now on."""

    url: str
    offer: str
    channel: str


@dataclass(frozen=True, slots=True)
class PagesFetched:
    """How many watched pages there are, hold a new wording, and could not be fetched."""

    pages: int
    new: int
    failed: int


def watch(url: str, *, offer: str, channel: str, actor: Actor) -> PageAdded:
    """Put a page on the list of those that are fetched."""
    require(actor, "publicity.decide")
    if not host_of(url):
        raise UnableToWatchPage(
            _("“%(url)s” is no web address.") % {"url": url[:100]},
            next_step=_("Write it whole, as https://www.example.cn/plan."),
        )
    WatchedPage.objects.update_or_create(url=url, defaults={"offer": offer, "channel": channel})
    return PageAdded(url, offer, channel)


def fetch_pages(*, now: datetime, crawler: Crawler | None = None) -> PagesFetched:
    """Fetch every watched page and check what it says."""
    pages = list(WatchedPage.objects.all())
    crawler = crawler or Crawler(frozenset(host_of(page.url) for page in pages))
    new = failed = 0
    actor = Actor("system", "crawler", ("manager",))
    for page in pages:
        page.fetched_at, page.error = now, ""
        try:
            page_text = crawler.text(page.url)
            _ref, is_new = see_copy(
                page_text,
                offer=page.offer,
                channel=page.channel,
                location=page.url,
                actor=actor,
                now=now,
            )
            new += is_new
        except AmendsError as why:
            page.error = why.in_words(_)[:300]
            failed += 1
        page.save(update_fields=["fetched_at", "error"])
    return PagesFetched(len(pages), new, failed)
