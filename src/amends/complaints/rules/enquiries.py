"""Is it a question or a complaint? Only what asks, and holds no grievance, is a question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache

from amends.complaints.rules.joining import amounts
from amends.kit.packs import load_rules

_ROOM = "amends.complaints"
_IN_FORCE = date(2026, 11, 24)
_SENTENCES = re.compile(r"[^。!?;…~\n.]+[。!?;…~\n.]*")
_CLAUSES = re.compile(r"[,、:]")
_ENDS = " 。!?;…~.\n"
_SHORT = 14


@dataclass(frozen=True, slots=True)
class Tells:
    """How questions are built, what they are about, what is mere manners, what is a grievance."""

    asks: re.Pattern[str]
    manners: re.Pattern[str]
    topics: tuple[str, ...]
    grievances: tuple[str, ...]
    characters: int


def is_enquiry(text: str) -> bool:
    """Whether a text only asks something; in doubt it is a complaint, whose clock then runs.

    Every sentence that is not manners must end in a question about something an operator does,
    and no word of grievance, no sum of money may stand anywhere.

    >>> is_enquiry("请问办理宽带移机需要带什么证件？"), is_enquiry("请问为什么扣我10块钱？")
    (True, False)
    >>> is_enquiry("How do I keep my number when I move?"), is_enquiry("How do I get a refund?")
    (True, False)
    """
    tells = _tells()
    said = unicodedata.normalize("NFKC", text).lower().replace("’", "'").strip()
    if not said or len(said) > tells.characters or amounts(said):
        return False
    if not any(word in said for word in tells.topics):
        return False
    sentences = [each.strip() for each in _SENTENCES.findall(said)]
    telling = [each for each in sentences if each and not _is_manners(each.strip(_ENDS), tells)]
    if any(word in each for each in telling for word in tells.grievances):
        return False
    return bool(telling) and all(_asks(each.strip(_ENDS), tells) for each in telling)


def _is_manners(sentence: str, tells: Tells) -> bool:
    return len(sentence) <= _SHORT and bool(tells.manners.search(sentence))


def _asks(sentence: str, tells: Tells) -> bool:
    """Whether its last clause asks: what stands before it only says about what."""
    last = [each.strip() for each in _CLAUSES.split(sentence) if each.strip()][-1:]
    return bool(last) and bool(tells.asks.search(last[0]))


@cache
def _tells() -> Tells:
    data = load_rules(_ROOM, "enquiries", _IN_FORCE).data
    both = {
        name: (*data[name]["zh"], *data[name]["en"])
        for name in ("asks", "manners", "topics", "grievances")
    }
    return Tells(
        asks=re.compile("|".join(both["asks"])),
        manners=re.compile("|".join(both["manners"])),
        topics=both["topics"],
        grievances=both["grievances"],
        characters=int(data["limits"]["characters"]),
    )
