"""Is it a question or a complaint? Only what holds no grievance, and asks, is a question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache

from amends.cases.complaints.rules.joining import amounts
from amends.platform.kit.packs import load_rules

_PACKAGE = "amends.cases.complaints"
_IN_FORCE = date(2026, 11, 24)
_SENTENCES = re.compile(r"[^。!?;…~\n.]+[。!?;…~\n.]*")
_CLAUSES = re.compile(r"[,、:]")
_ENDS = " 。!?;…~.\n"
_SHORT = 14
_LIKELY = 0.9
"""So sure the classifier must be: at less it takes titles of real complaints for questions."""


@dataclass(frozen=True, slots=True)
class EnquirySigns:
    """How questions are built, what they are about, what is mere manners, what is a grievance, and
    the names in which a word of grievance is none ("complaint hotline")."""

    asks: re.Pattern[str]
    manners: re.Pattern[str]
    topics: tuple[str, ...]
    grievances: tuple[str, ...]
    neutral: tuple[str, ...]
    characters: int


def is_enquiry(text: str, *, share: float = 0.0) -> bool:
    """Whether a text only asks something; in doubt it is a complaint, whose clock then runs.

    No word of grievance and no sum of money may stand anywhere. Then it is a question if every
    sentence that is not manners ends in one about something an operator does, or if the classifier
    takes it for one.

    share   the classifier's `enquiry_share`, 0 to 1

    >>> is_enquiry("请问办理宽带移机需要带什么证件？"), is_enquiry("请问为什么扣我10块钱？")
    (True, False)
    >>> is_enquiry("How do I keep my number when I move?"), is_enquiry("How do I get a refund?")
    (True, False)
    >>> is_enquiry("帮我查下余额，谢谢"), is_enquiry("帮我查下余额，谢谢", share=0.9)
    (False, True)
    >>> is_enquiry("投诉电话是多少？"), is_enquiry("投诉电话打不通怎么办？")
    (True, False)
    """
    signs = _signs()
    clean_text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").strip()
    if not clean_text or len(clean_text) > signs.characters or amounts(clean_text):
        return False
    bare = clean_text
    for name in signs.neutral:
        bare = bare.replace(name, " ")
    for word in signs.grievances:  # A generator takes twice the time.
        if word in bare:
            return False
    sentences = [
        clause_list
        for each in _SENTENCES.findall(clean_text)
        if (clause_list := _clauses(each, signs))
    ]
    if not sentences:
        return False
    if share >= _LIKELY:
        return True
    about = any(word in clean_text for word in signs.topics)
    return about and all(signs.asks.search(clauses[-1]) for clauses in sentences)


def _clauses(sentence: str, signs: EnquirySigns) -> list[str]:
    """The clauses of a sentence that are not mere manners; the question is in the last one."""
    clauses = [each.strip(_ENDS) for each in _CLAUSES.split(sentence.strip(_ENDS))]
    return [each for each in clauses if each and not _is_manners(each, signs)]


def _is_manners(clause: str, signs: EnquirySigns) -> bool:
    """Whether it only greets, thanks or presses; politely asked for a thing, it says something."""
    if len(clause) > _SHORT or not signs.manners.search(clause):
        return False
    asks = signs.asks.search(clause) and any(word in clause for word in signs.topics)
    return not asks


@cache
def _signs() -> EnquirySigns:
    data = load_rules(_PACKAGE, "enquiries", _IN_FORCE).data
    both = {
        name: (*data[name]["zh"], *data[name]["en"])
        for name in ("asks", "manners", "topics", "grievances", "neutral")
    }
    return EnquirySigns(
        asks=re.compile("|".join(both["asks"])),
        manners=re.compile("|".join(both["manners"])),
        topics=both["topics"],
        grievances=both["grievances"],
        neutral=both["neutral"],
        characters=int(data["limits"]["characters"]),
    )
