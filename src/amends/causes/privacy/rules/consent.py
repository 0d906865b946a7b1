"""Consents: the purposes that need one, what a message says about them, and what stands."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from amends.platform.kit.packs import load_rules
from amends.record.facts.stored import StoredFact

GIVEN, WITHDRAWN = "ConsentGiven", "ConsentWithdrawn"
KINDS = (GIVEN, WITHDRAWN)
_GIVE = "同意|START|YES"
_TAKE_BACK = "退订|拒收|撤回|TD|STOP"
_BARE = frozenset(("R", "TD", "T", "退订", "拒收", "STOP"))


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that needs consent, as its dated rule states it.

    words       what a text message names it by
    data        categories of personal data; `retention_days` after consent ends
    rules       version of the rules
    """

    id: str
    zh: str
    en: str
    words: tuple[str, ...]
    data: tuple[str, ...]
    recipients: tuple[str, ...]
    retention_days: int
    notice_zh: str
    notice_en: str
    source: str
    rules: str

    def notice(self, *, chinese: bool) -> str:
        """What the person is asked."""
        return self.notice_zh if chinese else self.notice_en

    def notice_hash(self, *, chinese: bool) -> str:
        """SHA-256 of what the person is asked, in hexadecimal."""
        return hashlib.sha256(self.notice(chinese=chinese).encode()).hexdigest()


def purposes(on: date) -> dict[str, Purpose]:
    """The purposes that need consent on a day, by id.

    >>> list(purposes(date(2026, 11, 29)))
    ['marketing', 'personalised', 'partner_offers', 'survey', 'presence']
    """
    file = load_rules("amends.causes.privacy", "purposes", on)
    return {
        row["id"]: Purpose(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            words=tuple(row["words"]),
            data=tuple(row["data"]),
            recipients=tuple(row["recipients"]),
            retention_days=int(row["retention_days"]),
            notice_zh=row["notice_zh"],
            notice_en=row["notice_en"],
            source=row["source"],
            rules=file.version,
        )
        for row in file.rules
    }


def read_message(text: str, purposes: Iterable[Purpose], *, campaign: str = "") -> tuple[str, str]:
    """What a text message says: (kind of fact, purpose), or two "" where it speaks of no consent.

    campaign  purpose of the newest message to that number that asked for consent's use; a bare
              refusal is about it

    >>> known = purposes(date(2026, 11, 29)).values()
    >>> read_message("退订 营销", known), read_message("start survey", known)
    (('ConsentWithdrawn', 'marketing'), ('ConsentGiven', 'survey'))
    >>> read_message("R", known, campaign="marketing"), read_message("R", known)
    (('ConsentWithdrawn', 'marketing'), ('', ''))
    >>> read_message("我要退订营销短信", known)
    ('', '')
    """
    message_text = unicodedata.normalize("NFKC", text[:200]).strip().upper().rstrip("。.!")
    if campaign and message_text in _BARE:
        return WITHDRAWN, campaign
    for purpose in purposes:
        named = "|".join(map(re.escape, purpose.words))
        if re.fullmatch(rf"(?:{_TAKE_BACK})[\s+:]*(?:{named})", message_text):
            return WITHDRAWN, purpose.id
        if re.fullmatch(rf"(?:{_GIVE})[\s+:]*(?:{named})", message_text):
            return GIVEN, purpose.id
    return "", ""


def newest(facts: Iterable[StoredFact]) -> dict[str, StoredFact]:
    """Purpose → the fact that stands: the newest; of two of one moment the withdrawal."""
    newest_facts: dict[str, StoredFact] = {}
    for fact in facts:
        purpose = str(fact.payload["purpose"])
        before = newest_facts.get(purpose)
        if before is None or _place(fact) >= _place(before):
            newest_facts[purpose] = fact
    return newest_facts


def _place(fact: StoredFact) -> tuple[int, bool]:
    return fact.happened_at_ms, fact.kind == WITHDRAWN
