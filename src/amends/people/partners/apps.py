from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class PartnersConfig(registry.AmendsApp):
    name = "amends.people.partners"
    label = "partners"
    verbose_name = _("Partners")
    decisions = (
        registry.BindingDecision(
            name="partners.sanction",
            title=_("Sanction a partner"),
            effect="suspend",
            asks="partners.sanction",
            decides="partners.sanction",
            perform="amends.people.partners.actions.sanction.perform_sanction",
            preview="amends.people.partners.actions.sanction.sanction_preview",
            consequence=_(
                "The sanction is in force. A suspension or an exclusion refuses every order of the "
                "partner and ends its access."
            ),
            undo="amends.people.partners.actions.sanction.undo_sanction",
            undo_note=_("The sanction is lifted."),
            hold_hours=24,
        ),
        registry.ExemptDecision(
            name="partners.contract_register",
            title=_("Begin and end contracts by import"),
            effect="suspend",
            decides="admin",
            rule=_("The register of contracts of the operator decides; the import only copies it."),
            undo_note=_("The next import of the register."),
        ),
    )
