from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class CatalogueConfig(registry.AmendsApp):
    name = "amends.record.catalogue"
    label = "catalogue"
    verbose_name = _("Offers and areas")
    gates = (
        # The key facts of an offer are confirmed on a page of `publicity`.
        registry.Gate(
            name="key_facts",
            answer="amends.record.catalogue.texts.gate.key_facts_complete",
            page=registry.GatePage("publicity_offers", "publicity.read", "publicity.decide"),
        ),
    )
