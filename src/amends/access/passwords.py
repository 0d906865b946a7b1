"""Passwords that were in a data breach are refused, by a list on this machine (ASVS 6.2.12)."""

from __future__ import annotations

import os
from hashlib import sha1
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class BreachedPasswordValidator:
    """Look the password up in `AMENDS_BREACHED_PASSWORDS`; without that file it refuses nothing.

    The file is what the Pwned Passwords downloader writes, ordered by hash: one `SHA-1[:COUNT]` a
    line. It is searched in place, so its size does not matter, and no request leaves the machine.
    """

    def validate(self, password: str, user: Any = None) -> None:
        path: Path | None = settings.BREACHED_PASSWORDS
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if path is not None and has_line(path, digest.encode()):
            raise ValidationError(
                _("This password was in a data breach of another site: it is among the first that "
                  "are tried. Choose another."),
                code="password_breached",
            )  # fmt: skip

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
