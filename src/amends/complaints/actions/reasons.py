"""Why somebody does what stays on record: a sentence, without what names a person."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.kit.errors import AmendsError
from amends.kit.texts import says_why
from amends.vault.unsaying import without_person

_LONGEST = 2_000


def said_why(reason: str, refusal: type[AmendsError]) -> str:
    """The reason without what names a person; `refusal` is raised if it says nothing."""
    said = without_person(reason.strip()[:_LONGEST])
    if not says_why(said):
        raise refusal(
            _("The reason is too short."),
            meaning=_("It stays on record. Nothing was changed."),
            next_step=_(
                "Say why, in a few words: at least six letters or three Chinese characters."
            ),
        )
    return said
