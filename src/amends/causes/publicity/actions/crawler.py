"""Fetch pages of the operator's own: an allow-list of hosts, robots.txt, a polite rate.

A redirect off the list, a page of more than 2 MB, one that takes longer than 15 seconds, and what
is no HTML are refused. The text is extracted by inscriptis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from email.message import Message
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener
from urllib.robotparser import RobotFileParser

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

AGENT = "AmendsPublicity/1"
MOST_BYTES = 2_000_000
MOST_SECONDS = 15.0
LEAST_PAUSE_S = 1.0
_CHUNK = 65_536


class UnableToFetch(BadInput):
    """The page may not be fetched, or does not end."""

    code = "page_not_fetched"


def host_of(url: str) -> str:
    """Scheme, host and port of an address, as the allow-list names them; "" for no web address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


class _StayOnList(HTTPRedirectHandler):
    def __init__(self, hosts: Collection[str]) -> None:
        self.hosts = hosts

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Follow within the list only."""
        if host_of(newurl) not in self.hosts:
            raise UnableToFetch(
                _("The page leads to %(host)s, which is not on the list."),
                next_step=_("Watch the page it leads to, if it is your own."),
                values={"host": host_of(newurl) or newurl[:100]},
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(slots=True)
class Crawler:
    """Fetches pages of some hosts, one after another, with a pause between two of one host."""

    hosts: frozenset[str]
    sleep: Callable[[float], None] = time.sleep
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    def text(self, url: str) -> str:
        """The visible text of a page. Raises UnableToFetch."""
        host = host_of(url)
        if host not in self.hosts:
            raise UnableToFetch(
                _("%(host)s is not on the list."),
                next_step=_("Add the page to those that are watched."),
                values={"host": host or url[:100]},
            )
        robots = self._robots_of(host)
        if not robots.can_fetch(AGENT, url):
            raise UnableToFetch(
                _("robots.txt of the site does not allow it."),
                next_step=_("Allow %(agent)s there, or enter the copy by hand."),
                values={"agent": AGENT},
            )
        self._pause(host, float(robots.crawl_delay(AGENT) or LEAST_PAUSE_S))
        headers, body = self._get(url)
        if headers.get_content_type() not in ("text/html", "application/xhtml+xml"):
            raise UnableToFetch(
                _("The page is no HTML."), next_step=_("Watch the page that shows the text.")
            )
        return text_of(body.decode(headers.get_content_charset() or "utf-8", "replace"))

    def _pause(self, host: str, min_seconds: float) -> None:
        waited = time.monotonic() - self._last.get(host, -min_seconds)
        if waited < min_seconds:
            self.sleep(min_seconds - waited)
        self._last[host] = time.monotonic()

    def _robots_of(self, host: str) -> RobotFileParser:
        """The rules of a site; a site without the file allows all, one that fails allows nothing
        (RFC 9309)."""
        if host not in self._robots:
            rules = RobotFileParser()
            try:
                _headers, body = self._get(f"{host}/robots.txt")
                rules.parse(body.decode("utf-8", "replace").splitlines())
            except HTTPError as error:
                rules.parse([] if error.code < 500 else ["User-agent: *", "Disallow: /"])
            self._robots[host] = rules
        return self._robots[host]

    def _get(self, url: str) -> tuple[Message, bytes]:
        opener = build_opener(ProxyHandler({}), _StayOnList(self.hosts))
        began, body = time.monotonic(), b""
        try:
            page_request = Request(url, headers={"User-Agent": AGENT})  # noqa: S310 - http(s) on the list
            with opener.open(page_request, timeout=MOST_SECONDS) as answer:
                while chunk := answer.read1(_CHUNK):
                    body += chunk
                    if len(body) > MOST_BYTES or time.monotonic() - began > MOST_SECONDS:
                        raise UnableToFetch(
                            _("The page has more than 2 MB, or takes longer than 15 seconds."),
                            next_step=_("Watch a page that shows the copy alone."),
                        )
                return answer.headers, body
        except HTTPError:
            if url.endswith("/robots.txt"):
                raise
            raise UnableToFetch(
                _("The page is not there."), next_step=_("Check its address.")
            ) from None
        except (URLError, OSError, ValueError) as error:
            raise UnableToFetch(
                _("The page cannot be reached: %(why)s."),
                next_step=_("Check its address."),
                values={"why": str(error)[:100]},
            ) from error


def text_of(html: str) -> str:
    """The visible text of a page, scripts and mark-up left out."""
    from inscriptis import get_text

    lines = (" ".join(line.split()) for line in get_text(html).splitlines())
    return "\n".join(line for line in lines if line)
