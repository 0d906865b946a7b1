"""Units of rates, in the language of the reader."""

from __future__ import annotations

from django.utils.translation import gettext as _


def unit_words() -> dict[str, str]:
    """Unit → its words, in the reader's language."""
    return {
        "per_million": _("per million users (China)"),
        "per_100_000": _("per 100,000 (Ofcom)"),
        "per_10_000": _("per 10,000 (ACMA)"),
    }
