"""What a password must not be: easy to guess, or out of a data breach (ASVS 6.2.11, 6.2.12).

All of it is looked up on this machine; no request leaves it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CONTEXT_WORDS = (
    "10000",
    "10010",
    "10050",
    "10086",
    "12300",
    "12315",
    "12381",
    "administrator",
    "amends",
    "broadband",
    "callcenter",
    "complaint",
    "customer",
    "handler",
    "helpdesk",
    "hotline",
    "kefu",
    "manager",
    "mobile",
    "operator",
    "password",
    "refund",
    "regulator",
    "service",
    "support",
    "telecom",
    "tousu",
    "unicom",
    "welcome",
    "yidong",
    "kuandai",
)
"""Words of this trade that a guesser tries first; host names of the installation are added."""

LEFT_TO_GUESS = 8
"""Characters that must remain when the words above are taken out."""

_LEET = str.maketrans("013457@$!", "oieastasi")
_DECORATION = re.compile(r"^[\d\W_]+|[\d\W_]+$")


class GuessablePasswordValidator:
    """Refuse a common password with digits or signs added or written twice, and words of the trade.

    Django's `CommonPasswordValidator` compares the whole password with a list of 20,000 that come
    from data breaches; nearly all of them are shorter than what we ask for, so people lengthen
    them: `Dragon2026!!` is `dragon`.
    """

    def validate(self, password: str, user: Any = None) -> None:
        text = unicodedata.normalize("NFKC", password).casefold()
        if not _cores(text).isdisjoint(_common()):
            raise ValidationError(
                _(
                    "This is a common password with something added: it is among the first that "
                    "are tried. Choose another."
                ),
                code="password_too_common",
            )
        if any(word in text for word in _words()) and _left(text) < LEFT_TO_GUESS:
            raise ValidationError(
                _(
                    "This password consists mostly of words that are tried first here, such as the "
                    "name of the product or of the trade. Choose another."
                ),
                code="password_of_context",
            )

    def get_help_text(self) -> str:
        return _("Not a common password with digits added, nor made of words of the trade.")


class BreachedPasswordValidator:
    """Look the password up in `AMENDS_BREACHED_PASSWORDS`; without that file it refuses nothing.

    The file is what the Pwned Passwords downloader writes, ordered by hash: one `SHA-1[:COUNT]` a
    line. It is searched in place, so its size does not matter.
    """

    def validate(self, password: str, user: Any = None) -> None:
        path: Path | None = settings.BREACHED_PASSWORDS
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if path is not None and has_line(path, digest.encode()):
            raise ValidationError(
                _(
                    "This password was in a data breach of another site: it is among the first "
                    "that are tried. Choose another."
                ),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("A password that was in a data breach is refused.")


def has_line(path: Path, wanted: bytes) -> bool:
    """Whether a line of a sorted file begins with `wanted` (a whole hash, in capitals)."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()
            line = file.readline()[: len(wanted)].upper()
            if line == wanted:
                return True
            if line and line < wanted:
                low = middle + 1
            else:
                high = middle
        file.seek(0)
        return file.readline()[: len(wanted)].upper() == wanted


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _words() -> set[str]:
    hosts = {part for host in settings.ALLOWED_HOSTS for part in re.split(r"\W+", host.casefold())}
    return {*CONTEXT_WORDS, *(part for part in hosts if len(part) >= 5)}


def _cores(text: str) -> set[str]:
    """The password without what was added around it, and one half where it is written twice."""
    cores = set()
    for spelled in (text, text.translate(_LEET)):
        for core in (spelled, _DECORATION.sub("", spelled), _DECORATION.sub("", text)):
            repeated = re.fullmatch(r"(.+?)[\d\W_]*(?:\1[\d\W_]*)+", core)
            cores |= {core, core.translate(_LEET), repeated[1] if repeated else core}
    return {core for core in cores if len(core) >= 4}


def _left(text: str) -> int:
    """How many letters and digits remain without the words, years and runs of one character."""
    for word in sorted(_words(), key=len, reverse=True):
        text = text.replace(word, " ")
    text = re.sub(r"(?:19|20)\d\d|(.)\1{2,}|[\W_]", "", text)
    return len(text)
