"""Pages of the operator's own are fetched politely, and nothing else is; on a loopback site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from amends.causes.publicity.actions import crawler as crawling
from amends.causes.publicity.actions.crawler import Crawler, UnableToFetch, host_of
from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.actions.watch_pages import (
    PagesFetched,
    UnableToWatchPage,
    fetch_pages,
    watch,
)
from amends.causes.publicity.models import PublishedCopy, WatchedPage
from amends.platform.kit.actors import Actor
from amends.record.facts.offers.key_facts import KeyFacts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("manager",))


class Site(BaseHTTPRequestHandler):
    said = "畅享59每月49元"

    def do_GET(self) -> None:
        moved = {"/away": "http://elsewhere.invalid/", "/here": "/plan"}
        if self.path in moved:
            self.send_response(302)
            self.send_header("Location", moved[self.path])
            self.end_headers()
            return
        kind, body = "text/html; charset=utf-8", b""
        if self.path == "/robots.txt":
            kind, body = "text/plain", b"User-agent: *\nDisallow: /secret\nCrawl-delay: 2\n"
        elif self.path == "/plan":
            body = f"<h1>{Site.said}</h1><script>alert('1元')</script>".encode()
        elif self.path == "/file":
            kind = "application/pdf"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        try:
            self.wfile.write(body)
            while self.path == "/endless":
                self.wfile.write(b"<p>more</p>" * 5_000)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_is_read_checked_and_seen_again(site: str) -> None:
    register_offers([KeyFacts("p59", "畅享59", price=59, sold_alone=True)], actor=MANAGER, now=NOW)
    watch(f"{site}/plan", offer="p59", channel="web", actor=MANAGER)
    assert fetch_pages(now=NOW) == PagesFetched(pages=1, new=1, failed=0)
    row = PublishedCopy.objects.get()
    assert (row.state, row.text) == ("live", "畅享59每月49元")
    assert {one.code for one in row.findings.all()} == {"PRICE_MISMATCH"}
    later = NOW + timedelta(minutes=10)
    assert fetch_pages(now=later).new == 0
    assert PublishedCopy.objects.get().last_seen_at == later
    Site.said = "畅享59每月59元"
    assert fetch_pages(now=later).new == 1
    assert PublishedCopy.objects.get(state="live").findings.count() == 0
    assert PublishedCopy.objects.get(state="withdrawn").ref == row.ref
    with pytest.raises(UnableToWatchPage):
        watch("file:///etc/passwd", offer="", channel="web", actor=MANAGER)


@pytest.mark.parametrize("path", ["/away", "/secret", "/file", "/endless"])
def test_what_may_not_be_fetched_is_refused(
    site: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling, "MOST_BYTES", 100_000)
    with pytest.raises(UnableToFetch):
        Crawler(frozenset({host_of(site)}), sleep=lambda _s: None).text(site + path)
    watch(site + path, offer="", channel="web", actor=MANAGER)
    page = WatchedPage.objects.get()
    assert page.error == ""
    polite = Crawler(frozenset({host_of(site)}), sleep=lambda _s: None)
    assert fetch_pages(now=NOW, crawler=polite).failed == 1
    assert WatchedPage.objects.get().error


def test_it_waits_as_long_as_the_site_asks_and_follows_within_the_list(site: str) -> None:
    waited: list[float] = []
    polite = Crawler(frozenset({host_of(site)}), sleep=waited.append)
    assert polite.text(f"{site}/here") == polite.text(f"{site}/plan")
    assert len(waited) == 1
    assert waited[0] > 1
    with pytest.raises(UnableToFetch):
        polite.text("http://127.0.0.1:1/other")
