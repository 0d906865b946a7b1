"""Plain text of posts, personal data in public answers, look-alike accounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from amends.channels.social.connector import ReplyLimits
from amends.platform.kit.html_text import html_to_text
from amends.platform.kit.tracking_codes import find_tracking_code
from amends.platform.vault.recognisers import mask_text

MOST_CHARACTERS = 20_000
_MARKUP = re.compile(r"<(?:/?[a-zA-Z]|!--|!doctype)", re.IGNORECASE)
_LEAST_NAME = 4
_CONFUSABLE = str.maketrans("0135аеорсухі", "oiesaeopcyxi")


def plain_text(text: str) -> str:
    """The text of a post without markup or scripts, at most `MOST_CHARACTERS`.

    >>> plain_text("bill <b>wrong</b><script>alert(1)</script>")
    'bill wrong'
    >>> plain_text("1 < 2, I <3 you")
    '1 < 2, I <3 you'
    """
    cleaned = html_to_text(text) if _MARKUP.search(text) else text
    return cleaned.strip()[:MOST_CHARACTERS]


@dataclass(frozen=True, slots=True)
class PersonalDataFound:
    """Personal data in a text: its kind, where it is, and the characters themselves."""

    kind: str
    start: int
    end: int
    text: str


def personal_data(
    text: str, *, names: Iterable[str] = (), allowed: Iterable[str] = ()
) -> list[PersonalDataFound]:
    """Personal data that a public answer may not contain: numbers, cards, names, codes.

    names    of the person answered, as their account or their complaint gives it
    allowed  texts of the operator itself, such as its hotline

    >>> [(one.kind, one.text) for one in personal_data("请拨打13812348000")]
    [('phone', '13812348000')]
    """
    personal_parts = [
        PersonalDataFound(kind=kind, start=start, end=end, text=text[start:end])
        for kind, start, end in mask_text(text).found
    ]
    if code := find_tracking_code(text):
        at = text.upper().find(code)
        personal_parts.append(
            PersonalDataFound(
                kind="tracking_code", start=max(at, 0), end=max(at, 0) + len(code), text=code
            )
        )
    for name in names:
        at = text.find(name) if len(name.strip()) > 1 else -1
        if at >= 0:
            personal_parts.append(
                PersonalDataFound(kind="name", start=at, end=at + len(name), text=name)
            )
    ours = [_digits(allowed_text) for allowed_text in allowed if allowed_text]
    return sorted(
        (
            personal_part
            for personal_part in personal_parts
            if _digits(personal_part.text) not in ours
        ),
        key=lambda personal_part: personal_part.start,
    )


def _digits(text: str) -> str:
    return re.sub(r"[\s()+.-]", "", text)


def imitates(name: str, handles: Iterable[str]) -> bool:
    """Whether a display name reads like one of our accounts; whose it is, its id decides.

    >>> imitates("Lantian Te1ecom Support", ["@Lantian Telecom"])
    True
    >>> imitates("Li Lei", ["@Lantian Telecom"])
    False
    """
    name_skeleton = _skeleton(name)
    return any(
        len(ours) >= _LEAST_NAME and ours in name_skeleton
        for ours in (_skeleton(handle) for handle in handles)
    )


def _skeleton(name: str) -> str:
    """Letters and digits alone, alike-looking ones as one."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_CONFUSABLE)
    return "".join(character for character in folded if character.isalnum()).replace("l", "i")


def length(text: str, limits: ReplyLimits) -> int:
    """The characters of an answer as its platform counts them.

    >>> length("话费abcd", ReplyLimits(most_characters=140, wide=True))
    4
    """
    if not limits.wide:
        return len(text)
    return (sum(1 if character.isascii() else 2 for character in text) + 1) // 2


def too_late(posted_at: datetime, limits: ReplyLimits, *, now: datetime) -> bool:
    """Whether the platform takes no answer to a post of that time any more."""
    return limits.within is not None and now > posted_at + limits.within
