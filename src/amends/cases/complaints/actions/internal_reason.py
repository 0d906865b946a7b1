"""Internal reason (the note for colleagues) and customer text of an action at the desk."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.platform.kit.errors import AmendsError
from amends.platform.kit.texts import says_why
from amends.platform.vault.redaction import redact_person

_LONGEST = 2_000


def internal_reason(reason: str, refusal: type[AmendsError]) -> str:
    """The reason without what names a person; `refusal` is raised if it says nothing."""
    reason_text = noted(reason)
    if not says_why(reason_text):
        raise refusal(
            _("The reason is too short."),
            meaning=_("It stays on record. Nothing was changed."),
            next_step=_(
                "Say why, in a few words: at least six letters or three Chinese characters."
            ),
        )
    return reason_text


def noted(reason: str) -> str:
    """A reason that may be left out, as it is stored."""
    return redact_person(reason.strip()[:_LONGEST])


def customer_reason(text: str, refusal: type[AmendsError]) -> str:
    """The text for the complainant as it is stored; `refusal` is raised if it says nothing."""
    reason_text = noted(text)
    if not says_why(reason_text):
        raise refusal(
            _("The text for the customer is too short."),
            meaning=_("It is part of the letter. Nothing was changed and nothing was sent."),
            next_step=_("Write it in the customer's language, in a sentence."),
        )
    return reason_text
