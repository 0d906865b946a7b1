"""Codes somebody types: what is none of those known is refused, with those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from amends.platform.cli.language import gettext as _
from amends.platform.kit.errors import BadInput

_LISTED = 40


class UnableToKnowCode(BadInput):
    """There is nothing of that code."""

    code = "unable_to_know_code"


def refuse_unknown(
    option: str, code: str, known_codes: Iterable[str], *, met: Callable[[], bool] = lambda: False
) -> None:
    """Refuse what is given for an option where it is none of those known.

    met  asked only of what is not known: whether it stands in the records all the same, as codes
         of an earlier version or of another system do
    """
    codes = sorted(known_codes)
    if not code or code in codes or met():
        return
    listed = ", ".join(codes[:_LISTED]) + (", …" if len(codes) > _LISTED else "")
    raise UnableToKnowCode(
        _("Nothing has the code “%(given)s”.") % {"given": code},
        next_step=_("Choose one of %(known)s.") % {"known": listed or "–"},
        where=option,
    )
