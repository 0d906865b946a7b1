"""What a link in a message says by its host alone: nothing is fetched."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from amends.platform.kit.packs import load_rules


class HostKind(StrEnum):
    """What the host of a link is, most telling first."""

    LOOKALIKE = "lookalike"
    SUBSCRIPTION = "subscription"
    PUNYCODE = "punycode"
    ADDRESS = "address"
    SHORTENED = "shortened"
    ODD = "odd"
    OFFICIAL = "official"
    PLAIN = "plain"


SUSPICIOUS = frozenset(
    (HostKind.LOOKALIKE, HostKind.SUBSCRIPTION, HostKind.PUNYCODE, HostKind.ADDRESS)
)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The dated table of hosts."""

    official: frozenset[str]
    brands: tuple[str, ...]
    shorteners: frozenset[str]
    odd_endings: frozenset[str]
    subscription: frozenset[str]
    version: str


@lru_cache(maxsize=8)
def hosts_on(day: date) -> Hosts:
    """The table of hosts in force on a day.

    >>> "gov.cn" in hosts_on(date(2026, 12, 1)).official
    True
    """
    file = load_rules("amends.engines.classification", "links", day)
    rows = {row["id"]: row for row in file.rules}
    return Hosts(
        official=frozenset(rows["official"]["hosts"]),
        brands=tuple(rows["brands"]["names"]),
        shorteners=frozenset(rows["shorteners"]["hosts"]),
        odd_endings=frozenset(rows["odd_endings"]["endings"]),
        subscription=frozenset(rows["subscription"]["hosts"]),
        version=file.version,
    )


_ENDINGS = (
    "com|cn|net|org|uk|us|co|io|gov|edu|au|ca|eu|de|fr|sg|hk|tw|jp|kr|ng|za|ru|nz|tv|biz|mobi|info|"
    "xyz|vip|cc|icu|cyou|tk|ml|gq|cfd|sbs|ltd"
)
_WORD_ENDINGS = (
    "me|la|im|nu|ly|gl|gd|gg|at|to|is|it|ai|my|ph|id|ie|so|in|th|app|dev|asia|cloud|store|tech|top|club|live|buzz|"
    "shop|site|online|win|bet|fun|pw|ga|cf|work|rest|monster|click|link|loan|men|bid|lol|ink|ws|mom|"
    "life|pro|vn|pk|lk|bd"
)
"""Endings that are words as well: “ok.so” is a link only with a path, a hyphen or a figure."""

_LABEL = r"[A-Za-z0-9À-ɏͰ-ӿ][A-Za-z0-9À-ɏͰ-ӿ-]{0,62}"
_PATH = r"(?:[:/?#][^\s，。；！？【】“”（）一-鿿<>\"']{0,2000})"
LINK = re.compile(
    r"(?:h[tx]{2}ps?[:：]//|www\.)[^\s，。；！？【】“”（）<>\"']{2,2000}"
    rf"|(?<![@A-Za-z0-9.-])(?:{_LABEL}\.){{1,6}}(?:(?:{_ENDINGS})(?![A-Za-z0-9-]){_PATH}?"
    rf"|(?:{_WORD_ENDINGS})(?![A-Za-z0-9-]){_PATH})"
    rf"|(?<![@A-Za-z0-9.-])(?=[A-Za-z0-9.]*[\d-])(?:{_LABEL}\.){{1,6}}(?:{_WORD_ENDINGS})(?![A-Za-z0-9-])"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?/[^\s，。]{0,2000}",
    re.IGNORECASE,
)
"""A link as people and senders write it: with its scheme, with `www.`, or a bare host."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link and what its host is."""

    host: str
    kind: HostKind


def links_in(text: str, *, hosts: Hosts) -> list[Link]:
    """The links of a text, in order, at most 20.

    >>> table = hosts_on(date(2026, 12, 1))
    >>> [str(link.kind) for link in links_in("pay at royalmail-fee.top/x or gov.uk", hosts=table)]
    ['lookalike', 'official']
    """
    links = []
    for match in LINK.finditer(text):
        host = host_of(match.group())
        links.append(Link(host, kind_of(host, hosts=hosts)))
        if len(links) == 20:
            break
    return links


def host_of(link: str) -> str:
    """The host of a link in lower case, without user, port and path.

    >>> host_of("https://user@Bank.Example.com:8080/a?b")
    'bank.example.com'
    """
    without_scheme = re.sub(r"^[a-z]+[:：]//", "", link.strip().lower())
    host = re.split(r"[/?#\\]", without_scheme, maxsplit=1)[0].rpartition("@")[2]
    return host.partition(":")[0].strip(".")


_DIGIT_LETTERS = (str.maketrans("013457", "oieast"), str.maketrans("013457", "oleast"))


def kind_of(host: str, *, hosts: Hosts) -> HostKind:
    """What a host is.

    >>> str(kind_of("icbc-verify.com", hosts=hosts_on(date(2026, 12, 1))))
    'lookalike'
    """
    if _ends_with(host, hosts.subscription):
        return HostKind.SUBSCRIPTION
    if _ends_with(host, hosts.shorteners):
        return HostKind.SHORTENED
    if _ends_with(host, hosts.official):
        return HostKind.OFFICIAL
    if re.fullmatch(r"[\d.]+", host):
        return HostKind.ADDRESS
    if "xn--" in host or not host.isascii():
        return HostKind.PUNYCODE
    if _poses(host, hosts):
        return HostKind.LOOKALIKE
    if host.rpartition(".")[2] in hosts.odd_endings or re.search(
        r"\d[a-z]\d|[a-z]\d{3}|\d{5}", host
    ):
        return HostKind.ODD
    return HostKind.PLAIN


def _ends_with(host: str, known_hosts: frozenset[str]) -> bool:
    parts = host.split(".")
    return any(".".join(parts[first_label:]) in known_hosts for first_label in range(len(parts)))


def _poses(host: str, hosts: Hosts) -> bool:
    """Whether a name that is not the host's own stands in it, as a word or glued to others."""
    for spelled in {host, *(host.translate(letters) for letters in _DIGIT_LETTERS)}:
        labels = re.split(r"[.-]", spelled)[:-1]
        joined = "".join(labels)
        for brand in hosts.brands:
            if brand in labels or (len(brand) >= 4 and brand in joined):
                return True
            if len(brand) == 3 and any(word.startswith(brand) and len(word) > 5 for word in labels):
                return True
    return False


def plain_letters(text: str) -> str:
    """NFKC, so that full-width and styled letters of a link are ordinary ones."""
    return unicodedata.normalize("NFKC", text)
