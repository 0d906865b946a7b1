"""The gate `key_facts` of a launch: is what users must know of the offer on record?"""

from __future__ import annotations

from django.utils import timezone

from amends.platform.kit.errors import gettext_noop as _
from amends.record.catalogue.queries import is_registered, key_facts, offer


def key_facts_complete(subject: str) -> tuple[str, str]:
    """Open where the offer is not on record; red without terms, names or key facts; else green."""
    if not is_registered(subject):
        return "open", ""
    now = timezone.now()
    terms = offer(subject, now)
    if terms is None:
        return "red", _("No version of the offer is in force.")
    if not (terms.name_zh and terms.name_en):
        return "red", _("The offer has no name in one of the languages.")
    if key_facts(subject, now, measured=False) is None:
        return "red", _("The offer has no key facts.")
    return "green", ""
