"""Register partners: firms that work for or with the operator."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.partners.models import Partner
from amends.people.partners.queries import PartnerView
from amends.platform.kit.errors import BadInput


class UnableToRegisterPartner(BadInput):
    """The kind is not one of those a partner can have."""

    code = "partner_not_registered"


def register_partners(partners: Sequence[PartnerView]) -> None:
    """Add partners or change their names, all or none."""
    for partner in partners:
        if partner.kind not in Partner.Kind.values:
            raise UnableToRegisterPartner(
                _("%(kind)s is no kind of partner.") % {"kind": partner.kind},
                next_step=_("Use one of %(known)s.") % {"known": ", ".join(Partner.Kind.values)},
            )
    rows = [
        Partner(
            ref=partner_entry.ref,
            kind=partner_entry.kind,
            name_zh=partner_entry.name_zh,
            name_en=partner_entry.name_en,
        )
        for partner_entry in partners
    ]
    with transaction.atomic():
        Partner.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["ref"],
            update_fields=["kind", "name_zh", "name_en"],
        )
