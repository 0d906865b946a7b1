"""Why somebody does what stays on record: a sentence, without what names a person."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.kit.errors import Refused
from amends.vault.unsaying import without_person

MIN_REASON = 8
_LONGEST = 2_000


def said_why(reason: str, refusal: type[Refused]) -> str:
    """The reason without what names a person; `refusal` is raised if it says nothing."""
    said = without_person(reason.strip()[:_LONGEST])
    if len(said) < MIN_REASON:
        raise refusal(
            _("Say why, in a sentence."),
            meaning=_("Nothing was changed."),
            next_step=_("The reason stays on record."),
        )
    return said
