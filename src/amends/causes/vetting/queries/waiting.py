"""Partners of proceedings and of findings in lists of what waits."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import get_language

from amends.causes.vetting.models import ContentFinding
from amends.people.partners.queries import partner_names


def proceeding_partners(refs: Collection[str]) -> dict[str, str]:
    """Reference of a partner → its name in the reader's language."""
    return partner_names(refs, get_language() or "en")


def content_partners(refs: Collection[str]) -> dict[str, str]:
    """Reference of a finding → the name of its partner."""
    partners = dict(ContentFinding.objects.filter(ref__in=refs).values_list("ref", "partner"))
    names = partner_names(partners.values(), get_language() or "en")
    return {ref: names.get(partner) or partner for ref, partner in partners.items() if partner}
